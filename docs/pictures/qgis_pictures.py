"""Takes the pictures of docs/how-to/qgis.md with Debian's QGIS: /usr/bin/python3 qgis_pictures.py PROJECT FONTS INTO

PROJECT is a downloaded huong.qgz (its city must be running), FONTS the folder of Be Vietnam Pro, INTO where to.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from qgis.core import (
    QgsApplication,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeatureRequest,
    QgsLayerTreeModel,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
)
from qgis.gui import QgsAttributeForm, QgsGui, QgsLayerTreeView
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontDatabase, QImage, QPainter

CITY = (554_500, 1_816_200, 570_500, 1_826_200)
STREETS = (561_960, 1_819_800, 562_240, 1_820_024)
GROUNDS = ("day", "night", "print", "vn2000")

app = QgsApplication([], True)
app.initQgis()
QgsGui.editorWidgetRegistry().initEditors()
project_path, fonts, into = (Path(each) for each in sys.argv[1:4])
for font in fonts.glob("*.ttf"):
    QFontDatabase.addApplicationFont(str(font))
app.setFont(QFont("Be Vietnam Pro", 8))
project = QgsProject.instance()
assert project.read(str(project_path)), project.error()
root = project.layerTreeRoot()


def map_picture(box, size, layers=None):
    """The map of ``box`` (EPSG:9214) in ``layers``, else in what the project shows."""
    settings = QgsMapSettings()
    settings.setLayers(layers or root.checkedLayers())
    settings.setDestinationCrs(project.crs())
    settings.setExtent(QgsRectangle(*box))
    settings.setOutputSize(QSize(*size))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("white"))
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(None))
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    for _ in range(3):  # a server that draws these tiles for the first time may keep QGIS waiting
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
    return job.renderedImage()


def tree_picture(size):
    """The panel of layers, as the project opens it."""
    model = QgsLayerTreeModel(root)
    model.setFlag(QgsLayerTreeModel.AllowNodeChangeVisibility)
    view = QgsLayerTreeView()
    view.setModel(model)
    view.setHeaderHidden(True)
    view.resize(*size)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    root.findLayer("huong_layer_reports").setExpanded(True)
    app.processEvents()
    return view.grab().toImage()


def form_picture(layer, size):
    """The form of the first feature in the middle of the streets."""
    feature = next(layer.getFeatures(QgsFeatureRequest().setLimit(1)))
    form = QgsAttributeForm(layer, feature)
    form.setFixedSize(*size)
    app.processEvents()
    return form.grab().toImage()


def beside(*images):
    """The pictures side by side."""
    whole = QImage(
        sum(each.width() for each in images), max(each.height() for each in images), QImage.Format_RGB32
    )
    whole.fill(QColor("white"))
    painter, x = QPainter(whole), 0
    for each in images:
        painter.drawImage(x, 0, each)
        x += each.width()
    painter.end()
    return whole


def save(image, name):
    """With 200 colours, as small as a picture of a page should be."""
    path = into / name
    assert image.save(str(path), "PNG"), name
    with Image.open(path) as full:
        few = full.convert("RGB").quantize(200, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


save(beside(tree_picture((330, 640)), map_picture(CITY, (790, 640))), "qgis-project.png")
parcels = project.mapLayer("huong_layer_parcels")
save(beside(map_picture(STREETS, (700, 560)), form_picture(parcels, (380, 560))), "qgis-form.png")
grounds = [project.mapLayer(f"huong_picture_{name}") for name in GROUNDS]
small = (558_500, 1_819_000, 562_900, 1_823_400)
tiles = [layer for layer in root.layerOrder() if layer.id().startswith("huong_tiles_")]
strips = [map_picture(small, (270, 270), [ground]) for ground in grounds[:3]]
save(beside(*strips, map_picture(small, (270, 270), tiles)), "qgis-grounds.png")
app.exitQgis()
