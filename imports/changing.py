"""What a dataset is called, where it comes from and who sees it, changed after its import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import connections, transaction

from gis_core.datasets import publish_dataset
from gis_core.layer import AUDIENCES, Audience, Layer
from gis_core.problems import Problem, not_found
from gis_core.words import Text, nfc
from imports.destinations import between_readers, lock_target
from imports.request import published_dataset

LONGEST_TITLE = 120
LONGEST_SOURCE = 200


@dataclass(frozen=True)
class Told:
    """What is to be told of a dataset; None leaves it as it is, an empty source takes the credit away."""

    title: Text | None = None
    source: str | None = None
    audiences: frozenset[Audience] | None = None


def told(
    title: str | None, title_en: str | None, source: str | None, audiences: Iterable[str] | None
) -> Told:
    """What somebody typed, checked; Problem 422 names what does not fit."""
    for text, longest, name in ((title, LONGEST_TITLE, "title"), (source, LONGEST_SOURCE, "source")):
        if text is not None and len(nfc(text)) > longest:
            raise refused(name, f"dài quá {longest} ký tự.", f"is longer than {longest} characters.")
    if title is not None and not title.strip():
        raise refused("title", "không được để trống.", "must not be empty.")
    wanted = None if audiences is None else frozenset(a for a in AUDIENCES if a in set(audiences))
    if wanted is not None and not wanted:
        raise refused("audience", "cần ít nhất một vai trò xem được.", "at least one audience is needed.")
    named = None if title is None else Text(nfc(title).strip(), nfc(title_en or title).strip())
    return Told(named, None if source is None else nfc(source).strip(), wanted)


def refused(name: str, vi: str, en: str) -> Problem:
    return Problem(422, "value-does-not-fit", Text(f"“{name}”: {vi}", f"“{name}”: {en}"), parameter=name)


def change_dataset(dataset_id: str, wanted: Told, actor: str) -> Layer:
    """Publish the dataset ``dataset_id`` anew as ``wanted`` has it; features and styles stay as they are.

    In one transaction: whoever sees it no more has no view of it any longer when this returns, and is told so by the
    feed. Problem 404 where there is none of that name.
    """
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        lock_target(cursor, dataset_id)
        cursor.execute("select set_config('huong.actor', %s, true)", [actor])
        layer = published_dataset(dataset_id)
        if layer is None:
            raise not_found(
                "no-such-dataset",
                f"Không có tập dữ liệu “{dataset_id[:80]}”.",
                f"There is no dataset “{dataset_id[:80]}”.",
                parameter="dataset",
            )
        credit = layer.credit
        if wanted.source is not None:
            credit = Text(wanted.source, wanted.source) if wanted.source else None
        changed = replace(
            layer,
            title=wanted.title or layer.title,
            description=described(layer, wanted),
            credit=credit,
            audiences=wanted.audiences or layer.audiences,
        )
        between_readers(cursor, lambda inner: publish_dataset(inner, changed))
        return changed


def described(layer: Layer, wanted: Told) -> Text:
    """A description that only repeated the title goes on doing so."""
    return wanted.title if wanted.title and layer.description == layer.title else layer.description
