"""The ground of the database (0001_ground.sql) and the functions that filters and search use."""

from pathlib import Path

from django.db import migrations

from gis_core.cql2 import FUNCTIONS_SQL

GROUND = (Path(__file__).parent / "0001_ground.sql").read_text()


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(FUNCTIONS_SQL, migrations.RunSQL.noop),
        migrations.RunSQL(GROUND, migrations.RunSQL.noop),
    ]
