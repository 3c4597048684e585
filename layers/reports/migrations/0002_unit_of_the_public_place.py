"""The commune that is published with a report is that of its published place."""

from django.db import migrations, models

# The published place is a generated column, which a trigger before the row cannot read yet: it is made once more here.
# Fired where a report comes, moves or changes its category; an import of new boundaries leaves it, like unit_code.
TRIGGER = """
create or replace function public.reports_report_unit_of_public_place() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  new.unit_code_public := coalesce(commune_at(
    case when new.category in ('infrastructure', 'traffic', 'environment', 'urban_order', 'food_safety') then new.geom
    else st_transform(st_snaptogrid(st_transform(new.geom, 32648), 50), 4326) end), '');
  return new;
end $$;
create trigger unit_of_public_place before insert or update of geom, category, unit_code_public
  on public.reports_report for each row execute function public.reports_report_unit_of_public_place();
update public.reports_report set unit_code_public = '';
"""
NO_TRIGGER = """
drop trigger unit_of_public_place on public.reports_report;
drop function public.reports_report_unit_of_public_place();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("admin_units", "0002_commune_at")]
    operations = [
        migrations.AddField(
            model_name="report",
            name="unit_code_public",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=16),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
