"""Deletions that do not say which state they are of, as QGIS sends them: fresh work of somebody else is not removed.

The first such deletion is refused and remembered. Once its sender has read the layer again, the same deletion of the
same state goes through: it was told of what it removes.
"""

from __future__ import annotations

from typing import Any

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.problems import Problem
from gis_core.words import Text


class FreshWork(Problem):
    """Somebody else changed the feature lately, and the sender has not been told; ``version`` is what stands."""

    def __init__(self, version: int) -> None:
        super().__init__(
            412,
            "changed-meanwhile",
            Text(
                "Người khác vừa sửa đối tượng này. Chưa xóa gì: hãy tải lại lớp, xem lại rồi xóa.",
                "Somebody else has changed this feature lately. Nothing has been deleted: load the layer again, look,"
                " then delete.",
            ),
        )
        self.version = version


# Keys beside those that clients choose: a header cannot hold the first character.
def refused_key(layer: Layer, fid: int | None) -> str:
    return f"\x1frefused {layer.id} {fid}"


def told_key(layer: Layer, fid: int | None) -> str:
    return f"\x1ftold {layer.id} {fid}"


def was_told(cursor: Any, layer: Layer, fid: int | None, caller: Caller, version: int) -> bool:
    """Whether the caller has read the layer since a deletion of this very state was refused."""
    cursor.execute(
        "select 1 from huong.idempotency where actor = %s and key = %s and request = %s",
        [caller.actor, told_key(layer, fid), str(version)],
    )
    return cursor.fetchone() is not None


def note_refusal(cursor: Any, layer: Layer, fid: int | None, caller: Caller, version: int) -> None:
    """Remember that a deletion of the state ``version`` was refused."""
    keys = [refused_key(layer, fid), told_key(layer, fid)]
    cursor.execute("delete from huong.idempotency where actor = %s and key = any(%s)", [caller.actor, keys])
    cursor.execute(
        "insert into huong.idempotency (actor, key, layer, request, fid) values (%s, %s, %s, %s, %s)"
        " on conflict do nothing",
        [caller.actor, keys[0], layer.id, str(version), fid],
    )


def note_reading(cursor: Any, layer: Layer, caller: Caller) -> None:
    """The caller has read the layer: what was refused of it may be sent again."""
    if layer.write is None or not layer.write.delete or not caller.may_write(layer):
        return
    cursor.execute(
        "insert into huong.idempotency (actor, key, layer, request, fid)"
        " select actor, E'\\x1ftold ' || layer || ' ' || fid, layer, request, fid from huong.idempotency"
        " where actor = %s and layer = %s and key = E'\\x1frefused ' || layer || ' ' || fid"
        " on conflict do nothing",
        [caller.actor, layer.id],
    )
