"""Run by a QGIS's own Python: edit features of a project's layers as a person does, and say what came of it as JSON.

Not a test by itself. Argument: a JSON file with ``project`` (path), ``user``, ``token``, ``authcfg`` and ``steps``. A
step is ``{"do": "change" | "move" | "create" | "delete" | "read", "layer": collection, "where": expression,
"set": {field: value}, "wkt": geometry in the layer's CRS, "by": [dx, dy], "vertex": number, "wait_for": path,
"done": path}``. ``wait_for`` holds a step back until that file is there; ``done`` is made when it is through, so that
two QGIS can be made to take turns. ``{"do": "open"}`` only loads the layer: what is read then is what is edited later.
"""

import json
import sys
import time
from pathlib import Path

from qgis.core import (
    NULL,
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProject,
    QgsVectorLayerUtils,
)

asked = json.loads(Path(sys.argv[1]).read_text())
app = QgsApplication([], True)
app.initQgis()
manager = QgsApplication.authManager()
manager.setMasterPassword("a master password", True)
configuration = QgsAuthMethodConfig("Basic")
configuration.setId(asked["authcfg"])
configuration.setName("Hương")
configuration.setConfigMap({"username": asked["user"], "password": asked["token"], "realm": ""})
manager.storeAuthenticationConfig(configuration)
project = QgsProject.instance()
assert project.read(asked["project"]), project.error()


def plain(value):
    if value is None or value == NULL:
        return None
    return (
        value if isinstance(value, bool | int | float | str) else str(value.toString("yyyy-MM-dd hh:mm:ss"))
    )


def said_of(layer, feature):
    return {
        "properties": {f.name(): plain(feature[f.name()]) for f in layer.fields()},
        "wkt": feature.geometry().asWkt(9),
    }


def found(layer, step):
    feature = QgsFeature()
    rows = layer.getFeatures(QgsFeatureRequest().setFilterExpression(step["where"]))
    assert rows.nextFeature(feature), f"{layer.id()}: no feature where {step['where']}"
    return feature


def save(layer):
    done = layer.commitChanges()
    errors = [] if done else [*layer.commitErrors(), *layer.dataProvider().errors()]
    if not done:
        layer.rollBack()
    return {"saved": done, "errors": errors}


def make(layer, step):
    geometry = QgsGeometry.fromWkt(step["wkt"])
    values = {layer.fields().indexOf(name): value for name, value in step["set"].items()}
    return QgsVectorLayerUtils.createFeature(layer, geometry, values)


def carry_out(step):
    layer = project.mapLayer(f"huong_layer_{step['layer']}")
    if step["do"] == "open":
        return {"features": sum(1 for _ in layer.getFeatures()), "editable": not layer.readOnly()}
    if step["do"] == "reload":
        layer.dataProvider().reloadData()
        return {}
    if step["do"] == "read":
        return said_of(layer, found(layer, step))
    assert layer.startEditing(), layer.dataProvider().errors()
    if step["do"] == "create":
        layer.addFeature(make(layer, step))
        return save(layer)
    feature = found(layer, step)
    if step["do"] == "change":
        for name, value in step["set"].items():
            at = layer.fields().indexOf(name)
            layer.changeAttributeValue(feature.id(), at, NULL if value is None else value, feature[name])
    elif step["do"] == "move":
        geometry = QgsGeometry(feature.geometry())
        at = geometry.vertexAt(step["vertex"])
        geometry.moveVertex(at.x() + step["by"][0], at.y() + step["by"][1], step["vertex"])
        layer.changeGeometry(feature.id(), geometry)
    elif step["do"] == "delete":
        layer.deleteFeature(feature.id())
    return save(layer)


said = {"version": Qgis.QGIS_VERSION, "steps": []}
for step in asked["steps"]:
    while step.get("wait_for") and not Path(step["wait_for"]).exists():
        time.sleep(0.1)
    try:
        answer = carry_out(step)
    except AssertionError as error:
        answer = {"error": str(error)}
        for layer in project.mapLayers().values():
            if hasattr(layer, "rollBack"):
                layer.rollBack()
    said["steps"].append(answer)
    if step.get("done"):
        Path(step["done"]).touch()
print("SAID " + json.dumps(said, default=str), flush=True)
app.exitQgis()
