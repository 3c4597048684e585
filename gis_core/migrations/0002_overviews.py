"""Overviews: their state, and the positions of readers of the change feed."""

from pathlib import Path

from django.db import migrations

OVERVIEWS = (Path(__file__).parent / "0002_overviews.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("gis_core", "0001_initial")]
    operations = [migrations.RunSQL(OVERVIEWS, migrations.RunSQL.noop)]
