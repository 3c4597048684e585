-- The ground of the database: identities, the change feed, the catalogue of published layers, history.
-- Runs as the owner of the tables; PostGIS, unaccent and pg_trgm are there already.

create schema if not exists huong;
create schema if not exists history;
create schema if not exists dataset;

-- Identities that cannot be counted on -------------------------------------------------------------------------

create sequence huong.permuted_fid_seq;
create table huong.fid_key (round int primary key, key bigint not null);
insert into huong.fid_key
  select i, ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 17, 15))::bit(60)::bigint
  from generate_series(1, 4) i;

-- A four-round Feistel network over 52 bits: a bijection, so no two sequence values meet, and without the key
-- neighbours say nothing about each other.
create function huong.permuted_fid() returns bigint language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  value bigint := nextval('huong.permuted_fid_seq');
  l bigint := value >> 26;
  r bigint := value & 67108863;
  k bigint;
  swap bigint;
begin
  for k in select key from huong.fid_key order by round loop
    swap := r;
    r := l # (hashint8extended(r, k) & 67108863);
    l := swap;
  end loop;
  return (l << 26) | r;
end $$;

-- The caller's units, set locally in the read transaction; unset or empty means none. --------------------------

create function huong.scope() returns text[] language sql stable parallel safe
  return string_to_array(nullif(current_setting('huong.scope', true), ''), ',');

-- A text that LIKE shall take literally.
create function huong.like_escaped(value text) returns text language sql immutable strict parallel safe
  return replace(replace(replace(value, '\', '\\'), '%', '\%'), '_', '\_');

-- The change feed --------------------------------------------------------------------------------------------

-- A cursor from before ``horizon`` cannot be resumed: what it missed has been cleared away.
create table huong.feed (generation text not null, horizon xid8 not null default '0');
insert into huong.feed (generation) values (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12));

create table huong.change (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  layer text not null,
  audiences text[] not null,
  unit text,                     -- the unit whose officers see the rows, where the audience is scoped
  op char(1) not null,           -- I, U, D as that audience sees it; T all rows gone; O overview rebuilt; P published anew
  n bigint,
  boxes float8[],                -- EPSG:3857 [minx, miny, maxx, maxy] ..., at most 64; null = everywhere
  max_zoom smallint              -- the change shows at this zoom and below only (overviews)
);
create index change_position on huong.change (xid, id);
create index change_at on huong.change (at);

-- Merge boxes by ever larger cells (z12, z11 ...) until at most 64 remain. A box may exceed its cell: that is safe.
create function huong.coarsen(boxes float8[]) returns float8[] language plpgsql immutable parallel safe as $$
declare
  side float8 := 9783.93962;     -- a z12 tile in metres of EPSG:3857
begin
  while array_length(boxes, 1) > 64 loop
    side := side * 2;
    select array_agg(array[x1, y1, x2, y2]) into boxes from (
      select min(boxes[i][1]) x1, min(boxes[i][2]) y1, max(boxes[i][3]) x2, max(boxes[i][4]) y2
      from generate_subscripts(boxes, 1) i
      group by floor(boxes[i][1] / side), floor(boxes[i][2] / side)) merged;
  end loop;
  return boxes;
end $$;

-- The catalogue of published layers: what every process serves. -----------------------------------------------

create table huong.published (
  layer text primary key,
  version int not null,
  digest text not null,
  declaration jsonb not null,
  dataset boolean not null default false,
  published_at timestamptz not null default now()
);
create sequence huong.publish_version;
create table huong.catalogue (revision bigint not null, single boolean primary key default true check (single));
insert into huong.catalogue values (1);

-- A retried request is answered as the first one was. ----------------------------------------------------------

create table huong.idempotency (
  actor text not null,
  key text not null,
  layer text not null,
  request text not null,         -- digest of what was asked: the same key with another body is a fault of the client
  fid bigint not null,
  at timestamptz not null default now(),
  primary key (actor, key)
);
create index idempotency_at on huong.idempotency (at);

-- Where and when the features of a layer are, as each audience sees it; measured at publication and by the worker.

create table huong.extent (
  layer text not null,
  audience text not null,
  west float8, south float8, east float8, north float8,   -- EPSG:4326; null when the view is empty
  time_from timestamptz,
  time_to timestamptz,                                     -- null when open or without time
  measured_at timestamptz not null default clock_timestamp(),
  primary key (layer, audience)
);

-- Overviews: counts and areas on a grid, per layer and class of audiences that see the same rows. ---------------

create table huong.overview (
  layer text not null,
  view text not null,            -- the audiences that see the same rows, joined by commas
  unit text not null default '', -- where the audience is scoped
  z smallint not null,
  cx int not null,
  cy int not null,
  class text not null,
  n bigint not null,
  area_m2 float8 not null,
  primary key (layer, view, z, cx, cy, class, unit)
);
