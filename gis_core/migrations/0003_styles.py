"""Styles of datasets: their history, and the way in which the application may change them."""

from pathlib import Path

from django.db import migrations

STYLES = (Path(__file__).parent / "0003_styles.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("gis_core", "0002_overviews")]
    operations = [migrations.RunSQL(STYLES, migrations.RunSQL.noop)]
