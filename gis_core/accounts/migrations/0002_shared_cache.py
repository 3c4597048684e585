"""The table of Django's cache, which all processes share (columns as ``createcachetable`` makes them)."""

from django.db import migrations

CREATE = """
create table accounts_cache (
  cache_key varchar(255) primary key,
  value text not null,
  expires timestamptz not null
);
create index accounts_cache_expires on accounts_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "drop table accounts_cache")]
