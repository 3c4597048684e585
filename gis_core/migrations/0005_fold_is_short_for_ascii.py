"""Search folds what is ASCII without its accents in half of the time, to the same: no index is made anew."""

from django.db import migrations

from gis_core.cql2 import FUNCTIONS_SQL


class Migration(migrations.Migration):
    dependencies = [("gis_core", "0004_case_folds_to_small")]
    operations = [migrations.RunSQL(FUNCTIONS_SQL, migrations.RunSQL.noop)]
