"""Changing one feature of any layer: `write`, the same for a Django model's layer and for a dataset.

In one transaction: the row is locked, the caller's view of it is compared with the version the caller last saw, what
is sent is compared with what was served, the difference is checked field by field and written, and the history knows by
whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import psycopg
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import override

from gis_core.audiences import Caller
from gis_core.deleting import FreshWork, note_refusal, was_told
from gis_core.http.problems import precondition_failed
from gis_core.layer import Layer
from gis_core.problems import Problem, not_found
from gis_core.registry import Published
from gis_core.unchanged import Served, Unmoved, changed_properties, served
from gis_core.values import Columns, Place, column_values, refused
from gis_core.words import Text
from gis_core.writers import BROKEN_RULE, write_row

# So long somebody's change is fresh: a deletion that does not say which state it is of may come from a copy of before.
FRESH_DAYS = 7

# Another transaction holds the row (or each has a row that the other wants) for longer than anybody waits.
WAITED_FOR = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled)

REPEATED = frozenset({"unique", "unique_together"})  # codes of Django's ValidationError
BROKEN = Text("các giá trị trái với một ràng buộc của lớp.", "they break a rule of the collection.")

Operation = Literal["create", "replace", "update", "delete"]


@dataclass(frozen=True)
class Change:
    """What is to become of one feature.

    ``properties`` are JSON values by public name. ``place`` None leaves the geometry as it is (``update``).
    ``version`` is what the caller last saw; ``must_match`` makes a missing one a fault (428). ``exact`` says that it
    comes from If-Match: then nothing but the state that stands will do, whoever changed it. Without it a version is a
    property among others, as QGIS sends it: then what QGIS does to values on their way is forgiven.
    ``or_versions`` are other states that will do (a list in If-Match); ``unless`` are those that will not
    (If-None-Match), all of them where ``unless_there``. ``unseen`` deletes whatever stands (If-Match: *).
    """

    op: Operation
    fid: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None
    version: int | None = None
    must_match: bool = False
    exact: bool = False
    or_versions: frozenset[int] = frozenset()
    unless: frozenset[int] = frozenset()
    unless_there: bool = False
    unseen: bool = False
    idempotency_key: str | None = None
    request_digest: str = ""

    @property
    def loosely(self) -> bool:
        return self.version is not None and not self.exact


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
                fid = insert(cursor, layer, change, caller)
            else:
                base = lock_and_compare(cursor, published, change, caller)
                fid = carry_out(cursor, layer, change, caller, base)
            if change.op == "create" and change.idempotency_key:
                remember(cursor, layer, change, caller, fid)
            return Written(fid, seen_version(cursor, layer, fid, caller))
    except IntegrityError as error:
        raise against_the_rules() from error
    except ValidationError as error:
        raise invalid_values(error) from error
    except OperationalError as error:
        if isinstance(error.__cause__, WAITED_FOR):
            raise being_changed() from error
        raise
    except FreshWork as refusal:
        note_refused_deletion(layer, change, caller, refusal.version)
        raise


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


def insert(cursor: Any, layer: Layer, change: Change, caller: Caller) -> int:
    values = column_values(layer, "create", change.properties, change.place, caller)
    return stored(layer, change, values, caller)


def stored(layer: Layer, change: Change, values: Columns, caller: Caller) -> int:
    assert layer.write is not None
    if layer.write.service:
        service = import_string(layer.write.service)
        return int(service(layer, change, values, caller))
    return write_row(layer, change.op, change.fid, values, caller)


def carry_out(cursor: Any, layer: Layer, change: Change, caller: Caller, base: int | None) -> int:
    """Write what of ``change`` differs from what stands; nothing at all where nothing does.

    ``base`` is the place in the history of the state that the caller's copy was read from; None: the one that stands.
    """
    assert change.fid is not None
    if change.op == "delete":
        return stored(layer, change, Columns({}, None, None), caller)
    if change.op == "replace" and change.place is None:
        raise refused("geometry", "cần có vị trí.", "a geometry is needed.")
    crs = change.place.crs if change.place else None
    stands = served(cursor, layer, change.fid, caller, crs)
    if stands is None:
        raise no_such_feature()
    unmoved = Unmoved(layer, change.place, stands, loosely=change.loosely) if change.place else None
    moved = unmoved is not None and not unmoved.everything
    changed = differing(layer, change, caller, stands)
    if base is not None:
        refuse_unless_one_line_of_work(
            {*changed, *(["geometry"] if moved else [])},
            differing_from_base(cursor, layer, change, caller, base),
        )
    if not changed and not moved:
        return change.fid
    change = replace(change, properties=changed, place=change.place if moved else None)
    values = column_values(
        layer, change.op, changed, change.place, caller, unmoved.settle if unmoved else None
    )
    return stored(layer, change, values, caller)


def differing(layer: Layer, change: Change, caller: Caller, held: Served) -> dict[str, Any]:
    whole = change.op == "replace"
    return changed_properties(layer, caller, change.properties, held, whole=whole, loosely=change.loosely)


def differing_from_base(cursor: Any, layer: Layer, change: Change, caller: Caller, base: int) -> set[str]:
    """What ``change`` differs in from the state ``base`` of the history; ``geometry`` for the place."""
    assert change.fid is not None
    crs = change.place.crs if change.place else None
    held = served(cursor, layer, change.fid, caller, crs, base)
    if held is None:
        return set()
    names = set(differing(layer, change, caller, held))
    if change.place and not Unmoved(layer, change.place, held, loosely=change.loosely).everything:
        names.add("geometry")
    return names


def refuse_unless_one_line_of_work(from_now: set[str], from_base: set[str]) -> None:
    """Of the caller's own earlier edits, what would be undone beside something new is refused.

    QGIS keeps the version of before its edits. A feature that comes with it and with those edits goes on from them; one
    that only takes them back was meant to. One that has something new and lacks them comes from another window, which
    has not seen them.
    """
    if from_now & from_base and from_now - from_base:
        raise changed_meanwhile()


def lock_and_compare(cursor: Any, published: Published, change: Change, caller: Caller) -> int | None:
    """Lock the row, then refuse a change made on an older state of it than stands.

    Where only the caller's own edits lie between, the place in the history of the state that the caller names.
    """
    layer = published.layer
    cursor.execute(f'select 1 from {layer.table} where "fid" = %s for update', [change.fid])
    locked = cursor.fetchone() is not None
    current = seen_version(cursor, layer, change.fid, caller) if locked else None
    if current is None:
        raise no_such_feature()
    if change.unless_there or current in change.unless:
        raise precondition_failed()
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
        if change.op == "delete" and not change.unseen:
            refuse_to_delete_fresh_work(cursor, layer, change, caller, current)
        return None
    if change.version == current or current in change.or_versions:
        return None
    base = None if change.exact else own_edits_since(cursor, layer, change, caller)
    if base is None:
        raise changed_meanwhile()
    return base


def changed_meanwhile() -> Problem:
    return Problem(
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


def own_edits_since(cursor: Any, layer: Layer, change: Change, caller: Caller) -> int | None:
    """Where in the history the state stands that the caller names, if every change since was the caller's own.

    QGIS re-reads a feature after creating it but not after changing it, so its second edit before a reload carries
    the version from before its first. Nobody's work is lost if only the same actor came in between.
    """
    for h_id, actor, _, version_before in past(cursor, layer, change.fid, caller):
        if actor != caller.actor:
            return None
        if version_before == change.version:
            return int(h_id)
    return None


def past(
    cursor: Any, layer: Layer, fid: int | None, caller: Caller
) -> list[tuple[int, str | None, bool, int]]:
    """The latest changes of a feature: place in the history, actor, whether it is fresh, the version before it."""
    name = layer.table.removeprefix("public.").replace(".", "_")
    cursor.execute(
        f"select h_id, h_actor, h_at > now() - make_interval(days => %s),"
        f" {version_over_history(cursor, layer, caller)}"
        f' from history.{name} where "fid" = %s order by h_id desc limit 100',
        [FRESH_DAYS, fid],
    )
    return list(cursor.fetchall())


def refuse_to_delete_fresh_work(
    cursor: Any, layer: Layer, change: Change, caller: Caller, current: int
) -> None:
    """Refuse where the last change that the caller can see is somebody else's and fresh, and the caller was not told.

    The making of a feature is no change: whoever names it has read it since.
    """
    after = current
    for _, actor, fresh, before in past(cursor, layer, change.fid, caller):
        if before != after:
            if fresh and actor != caller.actor and not was_told(cursor, layer, change.fid, caller, current):
                raise FreshWork(current)
            return
        after = before


def note_refused_deletion(layer: Layer, change: Change, caller: Caller, version: int) -> None:
    """In a transaction of its own: the deletion's has been undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        note_refusal(cursor, layer, change.fid, caller, version)


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


def being_changed() -> Problem:
    return Problem(
        503,
        "being-changed",
        Text(
            "Người khác đang sửa đối tượng này. Chưa có gì bị thay đổi; hãy thử lại sau giây lát.",
            "Somebody else is changing this feature at this moment. Nothing has been changed; try again in a moment.",
        ),
        headers={"Retry-After": "2"},
    )


def invalid_values(error: ValidationError) -> Problem:
    """What the model's own rules say of which fields; what is there already as the database would have said it."""
    found = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    if any(each.code in REPEATED for errors in found.values() for each in errors):
        return against_the_rules()
    named = sorted(name for name in found if name != NON_FIELD_ERRORS)

    def said(language: str) -> str:
        with override(language):
            return "; ".join(
                message_of(each, language)
                if name == NON_FIELD_ERRORS
                else f"{name}: {message_of(each, language)}"
                for name, errors in sorted(found.items())
                for each in errors
            )

    return Problem(
        422,
        "invalid-values",
        Text(f"Giá trị không hợp lệ: {said('vi')}", f"Values that do not fit: {said('en')}"),
        parameter=named[0] if named else None,
    )


def message_of(error: ValidationError, language: str) -> str:
    """The error's own words; of a constraint that has none, not its name in the database."""
    if error.code == BROKEN_RULE:
        return BROKEN.to(language)
    return " ".join(error.messages)
