"""What a dataset is called, where it comes from and who sees it, changed after its import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.db import connections, transaction

from gis_core.datasets import publish_dataset, standing_dataset
from gis_core.layer import AUDIENCES, Audience, Layer
from gis_core.problems import Problem, not_found
from gis_core.words import Text, nfc
from imports.destinations import between_readers, lock_target

LONGEST_TITLE = 120
LONGEST_SOURCE = 200


@dataclass(frozen=True)
class Told:
    """What is to be told of a dataset; None leaves it as it is.

    An empty source takes the credit away, an empty English title repeats the Vietnamese one.
    """

    title: str | None = None
    title_en: str | None = None
    source: str | None = None
    audiences: frozenset[Audience] | None = None


def told(
    title: str | None, title_en: str | None, source: str | None, audiences: Iterable[str] | None
) -> Told:
    """What somebody typed, checked; Problem 422 names what does not fit."""
    for text, longest, name in (
        (title, LONGEST_TITLE, "title"),
        (title_en, LONGEST_TITLE, "title_en"),
        (source, LONGEST_SOURCE, "source"),
    ):
        if text is not None and len(nfc(text)) > longest:
            raise refused(name, f"dài quá {longest} ký tự.", f"is longer than {longest} characters.")
    if title is not None and not title.strip():
        raise refused("title", "không được để trống.", "must not be empty.")
    wanted = None if audiences is None else frozenset(a for a in AUDIENCES if a in set(audiences))
    if wanted is not None and not wanted:
        raise refused("audience", "cần ít nhất một vai trò xem được.", "at least one audience is needed.")
    return Told(tidied(title), tidied(title_en), tidied(source), wanted)


def tidied(text: str | None) -> str | None:
    return None if text is None else nfc(text).strip()


def refused(name: str, vi: str, en: str) -> Problem:
    return Problem(422, "value-does-not-fit", Text(f"“{name}”: {vi}", f"“{name}”: {en}"), parameter=name)


def version_of(layer: Layer) -> str:
    """A digest of what is told of the dataset: another one, once somebody has changed any of it."""
    shown = (layer.title, layer.credit, sorted(layer.audiences))
    return sha256(repr(shown).encode()).hexdigest()[:16]


def edited_meanwhile() -> Problem:
    return Problem(
        409,
        "edited-meanwhile",
        Text(
            "Có người khác vừa sửa tên, nguồn hoặc người xem của tập dữ liệu này. Hãy tải lại trang rồi sửa tiếp;"
            " chưa có gì bị ghi đè.",
            "Somebody else has just changed the title, source or audience of this dataset. Load the page again, then"
            " edit; nothing has been overwritten.",
        ),
    )


def change_dataset(dataset_id: str, wanted: Told, actor: str, *, seen: str | None = None) -> Layer:
    """Publish the dataset ``dataset_id`` anew as ``wanted`` has it; features and styles stay as they are.

    In one transaction: whoever sees it no more has no view of it any longer when this returns, and is told so by the
    feed. ``seen`` is the version that ``wanted`` was typed over. Problem 404 where there is none of that name, 409
    where another version stands than was seen.
    """
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        lock_target(cursor, dataset_id)
        cursor.execute("select set_config('huong.actor', %s, true)", [actor])
        return between_readers(cursor, lambda inner: publish_changed(inner, dataset_id, wanted, seen))


def publish_changed(cursor: Any, dataset_id: str, wanted: Told, seen: str | None) -> Layer:
    """One try of `change_dataset`, from the dataset as it stands and stays until the end of the transaction."""
    layer = standing_dataset(cursor, dataset_id)
    if layer is None:
        raise not_found(
            "no-such-dataset",
            f"Không có tập dữ liệu “{dataset_id[:80]}”.",
            f"There is no dataset “{dataset_id[:80]}”.",
            parameter="dataset",
        )
    if seen is not None and seen != version_of(layer):
        raise edited_meanwhile()
    credit = layer.credit
    if wanted.source is not None:
        credit = Text(wanted.source, wanted.source) if wanted.source else None
    title = entitled(layer.title, wanted)
    changed = replace(
        layer,
        title=title,
        # A description that only repeated the title goes on doing so.
        description=title if layer.description == layer.title else layer.description,
        credit=credit,
        audiences=wanted.audiences or layer.audiences,
    )
    publish_dataset(cursor, changed)
    return changed


def entitled(title: Text, wanted: Told) -> Text:
    """``title`` as ``wanted``; an English one that only repeated the Vietnamese goes on doing so."""
    vi = title.vi if wanted.title is None else wanted.title
    if wanted.title_en is not None:
        return Text(vi, wanted.title_en or vi)
    return Text(vi, vi if title.en == title.vi else title.en)
