"""Run by Debian's Python with QGIS: draw layers in styles and save the pictures. Not a test by itself."""

import json
import sys
import time
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QFontDatabase, QImage, QPainter


def drawn(settings, side):
    """The picture of a map, and the job that made it."""
    image = QImage(QSize(side, side), QImage.Format_ARGB32_Premultiplied)
    image.setDotsPerMeterX(round(96 / 0.0254))
    image.setDotsPerMeterY(round(96 / 0.0254))
    image.fill(QColor("white"))
    painter = QPainter(image)
    job = QgsMapRendererCustomPainterJob(settings, painter)
    job.start()
    job.waitForFinished()
    painter.end()
    return image, job


app = QgsApplication([], True)
app.initQgis()
asked = json.loads(Path(sys.argv[1]).read_text())
for font in asked["fonts"]:
    QFontDatabase.addApplicationFont(font)
said = {}
for job in asked["jobs"]:
    layer = QgsVectorLayer(job["data"], job["name"], "ogr")
    load = layer.loadSldStyle if job["style"].endswith(".sld") else layer.loadNamedStyle
    first, second = load(job["style"])
    message, loaded = (second, first) if isinstance(first, bool) else (first, second)
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(*job["box"]))
    settings.setOutputSize(QSize(job["side"], job["side"]))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(QgsMapSettings.Antialiasing, True)
    settings.setFlag(QgsMapSettings.DrawLabeling, True)
    settings.setFlag(QgsMapSettings.RenderBlocking, True)
    context = QgsExpressionContext()  # as the map canvas of QGIS gives it: with the scale of the map
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    if (
        "OnlineResource" in Path(job["style"]).read_text()
    ):  # icons that QGIS fetches while it draws something else
        drawn(settings, job["side"])
        until = time.monotonic() + 1
        while time.monotonic() < until:
            app.processEvents()
            time.sleep(0.02)
    image, drawing = drawn(settings, job["side"])
    image.save(job["picture"])
    said[job["name"]] = {
        "loaded": bool(loaded),
        "message": message,
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "renderer": layer.renderer().type() if layer.renderer() else None,
        "errors": [str(error.message) for error in drawing.errors()],
    }
print("SAID " + json.dumps(said), flush=True)
app.exitQgis()
