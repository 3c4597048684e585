"""Run by Debian's Python with QGIS: draw WMS and WMTS layers, identify what lies in their middle. No test by itself.

Arguments: a JSON list of ``{"name", "uri", "crs", "box", "size", "picture"}``; prints what came as JSON.
"""

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsRaster,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

app = QgsApplication([], False)
app.initQgis()
drawn = {}
for asked in json.loads(sys.argv[1]):
    layer = QgsRasterLayer(asked["uri"], asked["name"], "wms")
    found = drawn[asked["name"]] = {
        "valid": layer.isValid(),
        "error": layer.error().message(),
        "identified": [],
        "features": [],
    }
    if not layer.isValid():
        continue
    box, size = QgsRectangle(*asked["box"]), QSize(*asked["size"])
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(asked["crs"]))
    settings.setExtent(box)
    settings.setOutputSize(size)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(asked["picture"])
    middle = QgsPointXY(box.center())
    answer = layer.dataProvider().identify(
        middle, QgsRaster.IdentifyFormatText, box, size.width(), size.height()
    )
    found["identified"] = [str(value) for value in answer.results().values()]
    answer = layer.dataProvider().identify(
        middle, QgsRaster.IdentifyFormatFeature, box, size.width(), size.height()
    )
    found["features"] = [
        {field.name(): str(feature[field.name()]) for field in feature.fields()}
        for stores in answer.results().values()
        for store in stores
        for feature in store.features()
    ]
print("SAID " + json.dumps(drawn))
app.exitQgis()
