"""Changing one feature of any layer: `write`, the same for a Django model's layer and for a dataset.

In one transaction: the row is locked, the caller's view of it is compared with the version the caller last saw, the
change is checked field by field and written, and the history knows by whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import shapely
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.module_loading import import_string

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.problems import Problem, not_found
from gis_core.query.feature_text import geometry_sql
from gis_core.registry import Published
from gis_core.values import Place, column_values, fit_type
from gis_core.words import Text
from gis_core.writers import write_row

Operation = Literal["create", "replace", "update", "delete"]


@dataclass(frozen=True)
class Change:
    """What is to become of one feature.

    ``properties`` are JSON values by public name. ``place`` None leaves the geometry as it is (``update``).
    ``version`` is what the caller last saw; ``must_match`` makes a missing one a fault (428). ``exact`` says that it
    comes from If-Match: then nothing but the state that stands will do, whoever changed it.
    """

    op: Operation
    fid: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None
    version: int | None = None
    must_match: bool = False
    exact: bool = False
    idempotency_key: str | None = None
    request_digest: str = ""


@dataclass(frozen=True)
class Written:
    """The feature after the change; ``version`` is None when the caller sees it no more (or it is deleted)."""

    fid: int
    version: int | None
    repeated: bool = False


def write(published: Published, change: Change, caller: Caller) -> Written:
    """Carry out ``change`` as ``caller``, whole or not at all.

    Raises Problem: 403 not allowed, 404 no such feature for this caller, 409 against a rule of the data,
    412 changed by somebody else since, 422 a value that does not fit, 428 no version stated.
    """
    layer = published.layer
    refuse_unless_allowed(layer, change, caller)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('huong.actor', %s, true)", [caller.actor])
            cursor.execute("select set_config('huong.scope', %s, true)", [caller.scope])
            if change.op == "create":
                done = earlier_answer(cursor, layer, change, caller)
                if done is not None:
                    return done
            else:
                lock_and_compare(cursor, published, change, caller)
            fid = carry_out(cursor, layer, change, caller)
            if change.op == "create" and change.idempotency_key:
                remember(cursor, layer, change, caller, fid)
            return Written(fid, seen_version(cursor, layer, fid, caller))
    except IntegrityError as error:
        raise against_the_rules() from error
    except ValidationError as error:
        raise invalid_values(error) from error


def refuse_unless_allowed(layer: Layer, change: Change, caller: Caller) -> None:
    allowed = caller.may_write(layer) and layer.write is not None
    if change.op == "create":
        allowed = allowed and layer.write is not None and layer.write.create
    if change.op == "delete":
        allowed = allowed and layer.write is not None and layer.write.delete
    if not allowed:
        status = 401 if caller.actor is None else 403
        raise Problem(
            status,
            "not-allowed",
            Text(
                "Tài khoản này không được sửa lớp dữ liệu này. Hãy đăng nhập hoặc hỏi người quản trị.",
                "This account may not change this collection. Sign in, or ask the administrator.",
            ),
            headers={"WWW-Authenticate": "Bearer"} if status == 401 else {},
        )


def carry_out(cursor: Any, layer: Layer, change: Change, caller: Caller) -> int:
    assert layer.write is not None
    values = column_values(layer, change.op, change.properties, change.place, caller)
    if values.geometry is not None and is_place_as_served(cursor, layer, change, caller):
        values = replace(values, geometry=None, original=None)
    if layer.write.service:
        service = import_string(layer.write.service)
        return int(service(layer, change, values, caller))
    return write_row(layer, change.op, change.fid, values, caller)


def is_place_as_served(cursor: Any, layer: Layer, change: Change, caller: Caller) -> bool:
    """Whether the sent geometry is the one that the caller was given, to the digits of its CRS: then it stays.

    A client that changes an attribute sends the geometry back as it read it, rounded and transformed. Writing that
    would move every edited feature a little, and spoil coordinates that were surveyed.
    """
    if change.fid is None or change.place is None:
        return False
    crs, geometry = change.place.crs, layer.geometry
    exact = geometry.column_for(caller.audience) == geometry.column
    given = geometry_sql(crs, geometry.original_srid if exact else None)
    cursor.execute(
        f'select st_asgeojson({given}, {crs.precision}, 0) from "{caller.audience}"."{layer.id}" where "fid" = %s',
        [change.fid],
    )
    row = cursor.fetchone()
    if row is None or row[0] is None:
        return False
    sent = fit_type(layer, change.place.geometry)
    return bool(shapely.equals_exact(sent, shapely.from_geojson(row[0]), 0.5 * 10.0**-crs.precision))


def lock_and_compare(cursor: Any, published: Published, change: Change, caller: Caller) -> None:
    """Lock the row, then refuse a change made on an older state of it than stands."""
    layer = published.layer
    cursor.execute(f'select 1 from {layer.table} where "fid" = %s for update', [change.fid])
    locked = cursor.fetchone() is not None
    current = seen_version(cursor, layer, change.fid, caller) if locked else None
    if current is None:
        raise no_such_feature()
    if change.version is None:
        if change.must_match:
            raise Problem(
                428,
                "version-required",
                Text(
                    "Hãy gửi kèm phiên bản đang sửa (If-Match hoặc thuộc tính version).",
                    "State the version you are changing (If-Match, or the property version).",
                ),
            )
        return
    if change.version != current and (change.exact or not only_by_the_same(cursor, layer, change, caller)):
        raise Problem(
            412,
            "changed-meanwhile",
            Text(
                "Đối tượng đã được người khác sửa sau khi bạn mở. Hãy tải lại rồi sửa tiếp; chưa có gì bị ghi đè.",
                "Somebody else changed this feature after you opened it. Load it again, then edit;"
                " nothing has been overwritten.",
            ),
        )


def seen_version(cursor: Any, layer: Layer, fid: int | None, caller: Caller) -> int | None:
    cursor.execute(f'select "version" from "{caller.audience}"."{layer.id}" where "fid" = %s', [fid])
    row = cursor.fetchone()
    return row[0] if row else None


def only_by_the_same(cursor: Any, layer: Layer, change: Change, caller: Caller) -> bool:
    """Whether every change since the version that the caller states was the caller's own.

    QGIS re-reads a feature after creating it but not after changing it, so its second edit before a reload carries
    the version from before its first. Nobody's work is lost if only the same actor came in between.
    """
    name = layer.table.removeprefix("public.").replace(".", "_")
    cursor.execute(
        f"select h_actor, {version_over_history(cursor, layer, caller)}"
        f' from history.{name} where "fid" = %s order by h_id desc limit 100',
        [change.fid],
    )
    for actor, version_before in cursor.fetchall():
        if actor != caller.actor:
            return False
        if version_before == change.version:
            return True
    return False


def version_over_history(cursor: Any, layer: Layer, caller: Caller) -> str:
    """The caller's version expression; history has the same columns as the table it was made for."""
    from gis_core.publish.projection import version_sql
    from gis_core.publish.publisher import table_of

    geometry = layer.geometry.column_for(caller.audience)
    return version_sql(layer.fields_for(caller.audience), geometry, table_of(cursor, layer.table))


def earlier_answer(cursor: Any, layer: Layer, change: Change, caller: Caller) -> Written | None:
    """The feature that an earlier request with the same key made; a retry makes none."""
    if not change.idempotency_key:
        return None
    cursor.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
        [f"{caller.actor}\x1f{change.idempotency_key}"],
    )
    cursor.execute(
        "select layer, request, fid from huong.idempotency where actor = %s and key = %s",
        [caller.actor, change.idempotency_key],
    )
    row = cursor.fetchone()
    if row is None:
        return None
    if (row[0], row[1]) != (layer.id, change.request_digest):
        raise Problem(
            422,
            "idempotency-key-reused",
            Text(
                "Khóa chống gửi lặp này đã dùng cho một yêu cầu khác.",
                "This idempotency key was used for another request.",
            ),
            parameter="Idempotency-Key",
        )
    return Written(row[2], seen_version(cursor, layer, row[2], caller), repeated=True)


def remember(cursor: Any, layer: Layer, change: Change, caller: Caller, fid: int) -> None:
    cursor.execute(
        "insert into huong.idempotency (actor, key, layer, request, fid) values (%s, %s, %s, %s, %s)",
        [caller.actor, change.idempotency_key, layer.id, change.request_digest, fid],
    )


def no_such_feature() -> Problem:
    return not_found(
        "no-such-feature", "Không có đối tượng này.", "There is no such feature.", parameter="featureId"
    )


def against_the_rules() -> Problem:
    """Said without the database's words, which quote values that the caller may not see."""
    return Problem(
        409,
        "against-the-rules",
        Text(
            "Dữ liệu trùng hoặc trái với một ràng buộc của lớp (ví dụ: tờ và thửa đã có).",
            "The data repeats, or breaks, a rule of the collection (for example: sheet and parcel exist already).",
        ),
    )


def invalid_values(error: ValidationError) -> Problem:
    named = sorted(getattr(error, "message_dict", {}))
    names = ", ".join(named) or "?"
    return Problem(
        422,
        "invalid-values",
        Text(f"Giá trị không hợp lệ ở: {names}.", f"Values that do not fit: {names}."),
        parameter=named[0] if named else None,
    )
