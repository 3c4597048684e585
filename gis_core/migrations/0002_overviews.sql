-- Who follows the change feed on his own, and how far he has come.
create table huong.feed_reader (
  name text primary key,
  position text not null         -- generation:snapshot
);

-- Which layers are shown as cells at low zooms, and of which publication the cells were counted.
create table huong.overview_state (
  layer text primary key,
  version int not null,          -- huong.published.version
  max_zoom smallint not null,
  class_field text,              -- the field whose values are the cells' classes
  views jsonb not null,          -- audience -> huong.overview.view
  built_at timestamptz not null default clock_timestamp()
);
