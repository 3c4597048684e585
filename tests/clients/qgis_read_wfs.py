"""Run by Debian's Python with QGIS: read WFS layers and print what came as JSON. Not a test by itself.

Arguments: the address of the service, then "version layer code" for each reading. Rows are in the server's order.
"""

import json
import sys

from qgis.core import QgsApplication, QgsVectorLayer
from qgis.PyQt.QtCore import QVariant

app = QgsApplication([], False)
app.initQgis()


def opened(version, name, code, condition=""):
    source = (
        f"pagingEnabled='true' restrictToRequestBBOX='0' srsname='EPSG:{code}' typename='huong:{name}'"
        f" url='{sys.argv[1]}' version='{version}' {condition}"
    )
    return QgsVectorLayer(source, name, "WFS")


read = {}
for asked in sys.argv[2:]:
    layer = opened(*asked.split())
    count = layer.featureCount()
    rows = sorted((feature.id(), feature.geometry().asWkt(9)) for feature in layer.getFeatures())
    fields = {field.name(): QVariant.typeToName(field.type()) for field in layer.fields()}
    found = {"valid": layer.isValid(), "crs": layer.crs().authid(), "count": count, "fields": fields}
    read[asked] = {**found, "rows": [wkt for _, wkt in rows]}
layer = opened("2.0.0", "admin_units", "4326", "filter='\"name\" = \\'Kim Long\\''")
read["filtered"] = [feature["name"] for feature in layer.getFeatures()]
print("SAID " + json.dumps(read), flush=True)
app.exitQgis()
