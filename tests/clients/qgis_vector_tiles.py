"""Run by Debian's Python with QGIS: add vector tiles by their addresses as a person does. No test by itself.

Arguments: the city's address, then layers; prints what came as JSON. ``drawn`` is the share of a picture of the box
that is not its background.
"""

import json
import sys
from urllib.parse import quote

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIDE = 200
app = QgsApplication([], False)
app.initQgis()
city, *layers = sys.argv[1:]
said = {}
for name in layers:
    tiles = quote(f"{city}/tiles/{name}/") + "%7Bz%7D/%7Bx%7D/%7By%7D.mvt"
    uri = f"type=xyz&url={tiles}&zmin=0&zmax=22&styleUrl={quote(f'{city}/styles/{name}.json')}"
    layer = QgsVectorTileLayer(uri, name)
    fault, loaded = layer.loadDefaultStyle()
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(11970000, 1850000, 11985000, 1865000))
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    white = QColor("white").rgb()
    drawn = sum(image.pixel(x, y) != white for x in range(SIDE) for y in range(SIDE))
    said[name] = {
        "valid": layer.isValid(),
        "style": [loaded, fault],
        "layers": sorted({s.layerName() for s in layer.renderer().styles()}),
        "named": sorted({s.layerName() for s in layer.labeling().styles()}) if layer.labeling() else [],
        "drawn": drawn / SIDE**2,
    }
print("SAID " + json.dumps(said))
