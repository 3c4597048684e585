-- What the styles of a dataset were: each row is a state, with who made it and when; the newest is what stands.
create table huong.style_edit (
  id bigint generated always as identity primary key,
  layer text not null,
  styles jsonb not null,         -- as in huong.published.declaration; [] is the look that the dataset was born with
  actor text,                    -- null: what stood before anybody edited
  at timestamptz not null default clock_timestamp()
);
create index style_edit_layer on huong.style_edit (layer, id);

-- The one way in which the application may change a declaration: the styles of a dataset, and nothing else of it.
-- Views, version and history of the features stay as they are, so no reader waits. ``audiences`` are those who see a
-- difference; ``seen`` is the newest edit that the editor knew (0: none), and null asks for no such comparison.
-- The number of the edit, or null where there is no such dataset or somebody else was quicker.
create function huong.set_styles(which text, wanted jsonb, audiences text[], who text, seen bigint, kept int)
  returns bigint language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  made bigint;
  latest bigint;
begin
  perform 1 from huong.published where layer = which and dataset for update;
  if not found then return null; end if;
  select coalesce(max(id), 0) into latest from huong.style_edit where layer = which;
  if seen <> latest then return null; end if;
  if latest = 0 then
    insert into huong.style_edit (layer, styles, at)
      select which, coalesce(declaration -> 'styles', '[]'), published_at from huong.published where layer = which;
  end if;
  insert into huong.style_edit (layer, styles, actor) values (which, wanted, who) returning id into made;
  delete from huong.style_edit where layer = which
    and id not in (select id from huong.style_edit where layer = which order by id desc limit kept);
  update huong.published set declaration = jsonb_set(declaration, '{styles}', wanted) where layer = which;
  update huong.catalogue set revision = revision + 1;
  insert into huong.change (layer, audiences, op) select which, audiences, 'S' where cardinality(audiences) > 0;
  perform pg_notify('huong_change', which);
  perform pg_notify('huong_catalogue', '');
  return made;
end $$;
revoke execute on function huong.set_styles(text, jsonb, text[], text, bigint, int) from public;
