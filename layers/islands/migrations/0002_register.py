from typing import Any

from django.contrib.gis.geos import Point
from django.db import migrations

from layers.islands.register import ENTRIES


def write(apps: Any, schema_editor: Any) -> None:
    Island = apps.get_model("islands", "Island")
    Island.objects.using(schema_editor.connection.alias).bulk_create(
        Island(
            geom=Point(entry.lon, entry.lat, srid=4326),
            name=entry.name,
            name_en=entry.name_en,
            kind=entry.kind,
            unit_code=entry.unit_code,
            belongs_to=entry.belongs_to,
            approximate=True,
        )
        for entry in ENTRIES
    )


class Migration(migrations.Migration):
    dependencies = [("islands", "0001_initial")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
