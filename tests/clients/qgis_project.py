"""Run by Debian's Python with QGIS: open a project, say what is in it as JSON, draw it. Not a test by itself.

Argument: a JSON file with ``project`` (path), ``pictures`` (list of path, size, box of EPSG:9214 or null, layers or
null), ``user``, ``token`` and ``authcfg`` where somebody signs in, ``fonts``, ``count`` (collections whose features
are counted).
"""

import json
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QFontDatabase

asked = json.loads(Path(sys.argv[1]).read_text())
app = QgsApplication([], True)
app.initQgis()
for font in asked.get("fonts", []):
    QFontDatabase.addApplicationFont(font)
said = {"signed_in": None}
if "token" in asked:
    manager = QgsApplication.authManager()
    manager.setMasterPassword("a master password", True)
    configuration = QgsAuthMethodConfig("Basic")  # QGIS 3.22 cannot send a header of one's own
    configuration.setId(asked["authcfg"])
    configuration.setName("Hương")
    configuration.setConfigMap({"username": asked["user"], "password": asked["token"], "realm": ""})
    said["signed_in"] = manager.storeAuthenticationConfig(configuration)[0]
project = QgsProject.instance()
said["opened"] = project.read(asked["project"])
said["error"] = project.error()
said["crs"] = project.crs().authid()
said["title"] = project.title()
view = project.viewSettings().defaultViewExtent()
said["view"] = [view.xMinimum(), view.yMinimum(), view.xMaximum(), view.yMaximum(), view.crs().authid()]
said["scales"] = project.viewSettings().mapScales() if project.viewSettings().useProjectScales() else []
said["units"] = [project.crs().mapUnits(), project.distanceUnits(), project.areaUnits()]


def rule_tree(rule):
    return [[each.label(), each.filterExpression()] for each in rule.children()]


def rule_scales(layer):
    """The scales from which rules of drawing and of naming hold, each once; 0 for always is left out."""
    roots = [layer.renderer().rootRule()] if layer.renderer() else []
    roots += [layer.labeling().rootRule()] if layer.labelsEnabled() else []
    return sorted({each.minimumScale() for root in roots for each in root.children()} - {0})


def words(layer):
    found = {
        "name": layer.name(),
        "valid": layer.isValid(),
        "error": layer.error().message(),
        "provider": layer.dataProvider().name() if layer.dataProvider() else layer.providerType(),
        "crs": layer.crs().authid(),
        "source": layer.source(),
        "credit": layer.metadata().rights(),
        "scales": [
            layer.hasScaleBasedVisibility(),
            layer.maximumScale() if layer.id().startswith("huong_far_") else layer.minimumScale(),
        ],
        "styles": layer.styleManager().styles(),
        "style": layer.styleManager().currentStyle(),
    }
    if isinstance(layer, QgsVectorLayer):
        form = layer.editFormConfig()
        fields = layer.fields()
        found |= {
            "read_only": layer.readOnly(),
            "renderer": layer.renderer().type() if layer.renderer() else None,
            "rules": rule_tree(layer.renderer().rootRule()) if layer.renderer() else [],
            "labels": len(layer.labeling().rootRule().children()) if layer.labelsEnabled() else 0,
            "rule_scales": rule_scales(layer),
            "aliases": {field.name(): field.alias() for field in fields},
            "maps": {
                field.name(): layer.editorWidgetSetup(at).config().get("map")
                for at, field in enumerate(fields)
                if layer.editorWidgetSetup(at).type() == "ValueMap"
            },
            "locked": [f.name() for at, f in enumerate(fields) if form.readOnly(at)],
            "geometry": layer.geometryType(),
        }
    elif hasattr(layer, "labeling"):
        found["drawn"] = [each.styleName() for each in layer.renderer().styles()]
        found["labels"] = len(layer.labeling().styles()) if layer.labeling() else 0
    return found


said["layers"] = {layer.id(): words(layer) for layer in project.mapLayers().values()}


said["missing"] = [each.layerId() for each in project.layerTreeRoot().findLayers() if each.layer() is None]


def tree(group):
    return [
        [each.name(), tree(each), each.isMutuallyExclusive(), each.isVisible()]
        if hasattr(each, "isMutuallyExclusive")
        else [each.layerId(), each.isVisible()]
        for each in group.children()
    ]


said["tree"] = tree(project.layerTreeRoot())
said["counts"] = {
    name: sum(1 for _ in project.mapLayer(f"huong_layer_{name}").getFeatures())
    for name in asked.get("count", [])
}
said["drawn"] = []
for job in asked.get("pictures", []):
    settings = QgsMapSettings()
    root = project.layerTreeRoot()
    layers = [project.mapLayer(name) for name in job["layers"]] if job.get("layers") else root.checkedLayers()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setTransformContext(project.transformContext())
    settings.setExtent(QgsRectangle(*job["box"]) if job.get("box") else QgsRectangle(view))
    settings.setOutputSize(QSize(*job["size"]))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(QgsMapSettings.Antialiasing, True)
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(None))
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))  # as QGIS's canvas does
    settings.setExpressionContext(context)
    drawing = QgsMapRendererParallelJob(settings)
    drawing.start()
    drawing.waitForFinished()
    drawing.renderedImage().save(job["path"])
    said["drawn"].append({"scale": settings.scale(), "errors": [str(e.message) for e in drawing.errors()]})
print("SAID " + json.dumps(said, default=str), flush=True)
app.exitQgis()
