"""The commune of a place, for the database's own use."""

from django.db import migrations

# As layers.admin_units.services.units_at, which asks the same table in the same order.
COMMUNE_AT = """
create or replace function public.commune_at(place public.geometry) returns text
language sql stable strict parallel safe set search_path = public, pg_temp as $$
  select code from admin_units_adminunit
  where valid_to is null and level = 'commune' and st_intersects(geom, place)
  order by code limit 1
$$;
comment on function public.commune_at(public.geometry) is
  'Code of the commune of today that holds a point (EPSG:4326), on a border the lower code; NULL outside all';
"""


class Migration(migrations.Migration):
    dependencies = [("admin_units", "0001_initial")]
    operations = [migrations.RunSQL(COMMUNE_AT, "drop function public.commune_at(public.geometry)")]
