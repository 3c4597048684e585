"""The datasets that there are, and taking one away."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections, transaction

from gis_core.datasets import remove_dataset
from gis_core.declarations import from_json
from gis_core.problems import not_found
from gis_core.words import Text
from imports.destinations import between_readers, lock_target
from imports.models import ImportRun
from imports.request import published_dataset


@dataclass(frozen=True)
class Dataset:
    """A dataset with its row count and, in words, the last import into it."""

    id: str
    title: Text
    rows: int
    came_from: str


def datasets() -> list[Dataset]:
    """All datasets by id."""
    found = []
    with connections["owner"].cursor() as cursor:
        cursor.execute("select declaration::text from huong.published where dataset order by layer")
        for layer in [from_json(row[0]) for row in cursor.fetchall()]:
            cursor.execute(f"select count(*) from {layer.table}")
            found.append(Dataset(layer.id, layer.title, cursor.fetchone()[0], origin(layer.id)))
    return found


def origin(dataset_id: str) -> str:
    run = ImportRun.objects.using("owner").filter(target=dataset_id, is_dataset=True).first()
    return f"{run.file_name} ({run.at:%Y-%m-%d %H:%M} UTC, {run.actor})" if run else ""


def remove_published(dataset_id: str, actor: str) -> None:
    """Take the dataset out of every protocol and drop its table; Problem 404 where there is none of that name."""
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
        # Row by row first, so that the history keeps what the dataset held.
        cursor.execute(f"delete from {layer.table}")
        between_readers(cursor, lambda inner: remove_dataset(inner, layer))
