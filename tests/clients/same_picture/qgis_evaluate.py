"""Run by Debian's Python with QGIS: evaluate expressions over rows. Not a test by itself."""

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextScope,
    QgsFeature,
    QgsField,
    QgsFields,
)
from qgis.PyQt.QtCore import QVariant

app = QgsApplication([], False)
app.initQgis()
TYPES = {
    "text": QVariant.String,
    "number": QVariant.Double,
    "integer": QVariant.LongLong,
    "boolean": QVariant.Bool,
}
asked = json.load(sys.stdin)
fields = QgsFields()
for name, kind in asked["fields"].items():
    fields.append(QgsField(name, TYPES[kind]))
answers = []
for question in asked["questions"]:
    expression = QgsExpression(question["text"])
    values = []
    for row in question["rows"]:
        feature = QgsFeature(fields)
        for name in asked["fields"]:
            feature[name] = row.get(name)
        context = QgsExpressionContext()
        scope = QgsExpressionContextScope()
        scope.setVariable("map_scale", question["scale"])
        context.appendScope(scope)
        context.setFields(fields)
        context.setFeature(feature)
        expression.prepare(context)
        value = expression.evaluate(context)
        values.append(None if value is None or str(value) == "NULL" else value)
    wrong = expression.parserErrorString() or expression.evalErrorString()
    answers.append({"values": values, "error": wrong})
print("SAID " + json.dumps(answers), flush=True)
app.exitQgis()
