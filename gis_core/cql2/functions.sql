-- Text functions of the filter language and of search. They may stand in index expressions: each is immutable, and
-- every name in them is qualified, so that a restore, which runs with an empty search path, can build the index.
-- Needs a server encoding of UTF8, a PostgreSQL with ICU, and the extension unaccent in whatever schema.
create schema if not exists huong;
create extension if not exists unaccent;

-- Full case folding, to lower case as Unicode and CQL2's own tests have it: "Straße", "STRAẞE" and "STRASSE" become
-- "strasse". Over upper case, where Unicode has the expansions; a sigma at the end of a word is a sigma. ICU, since the
-- rules of the database's own locale may know ASCII only.
create or replace function huong.fold_case(value text) returns text
language plpgsql immutable parallel safe strict as $body$
begin
    return pg_catalog.translate(pg_catalog.lower(pg_catalog.upper(
        pg_catalog.lower(value collate "und-x-icu") collate "und-x-icu") collate "und-x-icu"), 'ς', 'σ');
end $body$;

do $setup$
declare
    home text := (select quote_ident(n.nspname) from pg_catalog.pg_extension e
                  join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'unaccent');
    plain text := format($sql$pg_catalog.translate(%1$s.unaccent(%2$L::pg_catalog.regdictionary,
        case when value is nfc normalized then value else pg_catalog.normalize(value, 'NFC') end), 'đĐ', 'dD')$sql$,
        home, home || '.unaccent');
begin
    -- "Đường Huế" in either normal form becomes "Duong Hue".
    execute format($ddl$
        create or replace function huong.fold_accents(value text) returns text
        language plpgsql immutable parallel safe strict as $body$
        begin
            return %s;
        end $body$
    $ddl$, plain);

    -- The form that search compares: no case, no accents, single spaces, none at the ends. What is ASCII without its
    -- accents, as all Vietnamese is, takes the short way to the same: half of the time that an index of names takes.
    execute format($ddl$
        create or replace function huong.fold(value text) returns text
        language plpgsql immutable parallel safe strict as $body$
        declare
            plain text := %s;
        begin
            if pg_catalog.octet_length(plain) = pg_catalog.length(plain) and pg_catalog.strpos(plain, '  ') = 0
                and pg_catalog.translate(plain, E'\t\n\r\f\x0b', '') = plain
            then
                return pg_catalog.btrim(pg_catalog.lower(plain collate pg_catalog."C"));
            end if;
            return pg_catalog.btrim(pg_catalog.regexp_replace(huong.fold_case(plain), '\s+', ' ', 'g'));
        end $body$
    $ddl$, plain);
end $setup$;
