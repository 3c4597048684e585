"""Run by Debian's Python with QGIS: read OGC API layers and print what came as JSON. Not a test by itself."""

import json
import sys

from qgis.core import QgsApplication, QgsVectorLayer

app = QgsApplication([], False)
app.initQgis()
read = {}
for name in sys.argv[2:]:
    layer = QgsVectorLayer(f"url='{sys.argv[1]}' typename='{name}'", name, "OAPIF")
    rows = [
        {"wkt": feature.geometry().asWkt(9), **{f.name(): feature[f.name()] for f in layer.fields()}}
        for feature in (layer.getFeatures() if layer.isValid() else [])
    ]
    read[name] = {"valid": layer.isValid(), "crs": layer.crs().authid(), "rows": rows}
print("SAID " + json.dumps(read, default=lambda value: None if str(value) == "NULL" else str(value)))
app.exitQgis()
