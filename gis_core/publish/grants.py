"""Who may do what in the database. Privacy is a grant: a reader role can read its own schema of views, no table."""

from __future__ import annotations

from gis_core.config import Config
from gis_core.layer import AUDIENCES

SET_STYLES = "huong.set_styles(text, jsonb, text[], text, bigint, int)"


def audience_schemas_sql(config: Config) -> list[str]:
    """A schema per audience, and in it the change feed as that audience may see it."""
    statements = []
    for audience in AUDIENCES:
        statements += [
            f'create schema if not exists "{audience}"',
            (
                f'create or replace view "{audience}".change_feed as'
                " select id, xid, at, layer, unit, op, n, boxes, max_zoom from huong.change"
                f" where '{audience}' = any(audiences) and (unit is null or unit = '*' or unit = any(huong.scope()))"
            ),
            (
                f'create or replace view "{audience}".overview_cell as'
                " select layer, unit, z, cx, cy, class, n, area_m2, view from huong.overview"
                f" where '{audience}' = any(string_to_array(view, ',')) and (unit = '' or unit = any(huong.scope()))"
            ),
        ]
        statements += reader_grants_sql(config, audience)
    return statements


def reader_grants_sql(config: Config, audience: str) -> list[str]:
    reader, app = config.role(audience), config.role("app")
    return [
        f'grant usage on schema "{audience}", huong to "{reader}"',
        f'grant usage on schema "{audience}" to "{app}"',
        f'grant select on all tables in schema "{audience}" to "{reader}", "{app}"',
        f'alter default privileges in schema "{audience}" grant select on tables to "{reader}", "{app}"',
        f'grant execute on all functions in schema huong to "{reader}"',
        f'grant select on huong.feed to "{reader}"',
        f'revoke execute on function huong.permuted_fid(), {SET_STYLES} from public, "{reader}"',
    ]


def application_grants_sql(config: Config) -> list[str]:
    """The application writes features and its own tables; it can neither make tables nor touch history."""
    app = config.role("app")
    return [
        f'grant usage on schema public, dataset, history, huong to "{app}"',
        f'grant select, insert, update, delete on all tables in schema public, dataset to "{app}"',
        f'grant usage, select on all sequences in schema public, dataset to "{app}"',
        (
            f"alter default privileges in schema public, dataset"
            f' grant select, insert, update, delete on tables to "{app}"'
        ),
        f'alter default privileges in schema public, dataset grant usage, select on sequences to "{app}"',
        f'grant select on all tables in schema history to "{app}"',
        f'alter default privileges in schema history grant select on tables to "{app}"',
        (
            f"grant select on huong.change, huong.feed, huong.published, huong.catalogue, huong.overview,"
            f' huong.overview_state, huong.extent, huong.style_edit to "{app}"'
        ),
        f'grant select, insert, delete on huong.idempotency to "{app}"',
        f'grant execute on all functions in schema huong to "{app}"',
    ]
