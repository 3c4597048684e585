"""CASEI folds to lower case: the functions of filters and search as they are now."""

from django.db import migrations

from gis_core.cql2 import FUNCTIONS_SQL


class Migration(migrations.Migration):
    dependencies = [("gis_core", "0003_styles")]
    operations = [migrations.RunSQL(FUNCTIONS_SQL, migrations.RunSQL.noop)]
