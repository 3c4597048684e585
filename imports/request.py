"""What an operator asks for, and what it is aimed at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.db import connections

from gis_core.datasets import standing_dataset
from gis_core.layer import NAME, RESERVED_IDS, Audience, Layer
from gis_core.osm import OsmMapping
from gis_core.problems import Problem, bad_request, not_found
from gis_core.publish import declared_layers
from gis_core.taking import Taker, takers
from gis_core.words import Text, nfc
from imports.changing import told
from imports.destinations import row_count, taken_name
from imports.intake import PROMISES, Intake
from imports.naming import LONGEST, key_of
from imports.openstreetmap import osm_mappings

Mode = Literal["new", "replace", "append"]


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """One import as it was asked for.

    ``layer`` is a declared layer, ``dataset`` one born from files (by default named after the file). ``mode`` ``new``
    writes only where nothing is. ``crs`` overrides the file's own; ``source`` is credited. ``audiences`` None is
    everybody for a new dataset, and for a replaced one whoever sees it today.
    """

    file: Path
    layer: str | None = None
    dataset: str | None = None
    title: str = ""
    title_en: str = ""
    crs: str | None = None
    source_layer: str = ""
    source: str = ""
    mode: Mode = "new"
    repair: bool = False
    skip_rejected: bool = False
    audiences: frozenset[Audience] | None = None
    dry_run: bool = False
    actor: str = "import"


@dataclass(frozen=True)
class Target:
    """Where the file is to go. ``layer`` is None for a dataset that is yet to be declared."""

    id: str
    is_dataset: bool
    layer: Layer | None = None
    taker: Taker | None = None
    osm: OsmMapping | None = None


def find_target(request: ImportRequest, intake: Intake) -> Target:
    """The target of ``request``; Problem where there is none, or it holds features and nothing says what of them."""
    if request.layer and request.dataset:
        raise bad_request(
            "layer-or-dataset",
            "Chỉ nêu một trong hai: --layer hoặc --dataset.",
            "Name either --layer or --dataset.",
            parameter="layer",
        )
    refuse_what_is_not_changed(request)
    if request.layer:
        return declared_target(request, request.layer, intake)
    if intake.format in ("osm-pbf", "osm-xml"):
        raise bad_request(
            "osm-needs-a-layer",
            f"Dữ liệu OpenStreetMap cần --layer, một trong: {', '.join(sorted(osm_mappings()))}.",
            f"OpenStreetMap data needs --layer, one of: {', '.join(sorted(osm_mappings()))}.",
            parameter="layer",
        )
    return dataset_target(request, request.dataset or key_of(stem(intake.name), "dataset"))


def refuse_what_is_not_changed(request: ImportRequest) -> None:
    """Problem 400 where the request names an audience or a title for data that have theirs already, and keep them."""
    if request.layer and (request.audiences is not None or request.title or request.title_en):
        raise bad_request(
            "layer-has-its-own",
            f"Lớp “{request.layer}” có sẵn tên và người xem của nó; --title, --title-en, --audience chỉ dùng cho tập dữ"
            " liệu riêng (--dataset).",
            f"The layer “{request.layer}” has its title and its audience; --title, --title-en and --audience are for a"
            " dataset of its own (--dataset).",
            parameter="layer",
        )


def refuse_another_frame(request: ImportRequest, existing: Layer) -> None:
    """Problem 400 where added rows are to be seen by others than the dataset, or it is to be called otherwise."""
    wanted = request.audiences
    if wanted is not None and wanted != existing.audiences:
        shown = ", ".join(sorted(existing.audiences))
        raise bad_request(
            "append-keeps-the-audience",
            f"Dòng thêm vào “{existing.id}” sẽ được xem bởi: {shown}. --append không đổi người xem. Hãy nhập vào một"
            " tập dữ liệu riêng (--dataset), hoặc thay cả tập bằng --replace --audience.",
            f"Rows added to “{existing.id}” are seen by: {shown}. --append does not change that. Import them as a"
            " dataset of their own (--dataset), or replace the whole with --replace --audience.",
            parameter="audience",
        )
    titles = {existing.title.vi, existing.title.en}
    if (request.title and nfc(request.title) not in titles) or (
        request.title_en and nfc(request.title_en) not in titles
    ):
        raise bad_request(
            "append-keeps-the-title",
            f"“{existing.id}” có tên “{existing.title.vi}”; --append không đổi tên. Bỏ --title và --title-en.",
            f"“{existing.id}” is called “{existing.title.en}”; --append does not rename it. Leave out --title and"
            " --title-en.",
            parameter="title",
        )


def stem(file_name: str) -> str:
    lowered = file_name.lower()
    end = next((e for e in sorted(PROMISES, key=len, reverse=True) if lowered.endswith(e)), "")
    return file_name[: len(file_name) - len(end)] if end else file_name


def declared_target(request: ImportRequest, layer_id: str, intake: Intake) -> Target:
    layer = next((each for each in declared_layers() if each.id == layer_id), None)
    if layer is None:
        raise not_found(
            "no-such-layer",
            f"Không có lớp “{layer_id[:80]}”. Tập dữ liệu đã nhập thì dùng --dataset.",
            f"There is no layer “{layer_id[:80]}”. For an imported dataset use --dataset.",
            parameter="layer",
        )
    if intake.format in ("osm-pbf", "osm-xml"):
        mapping = osm_mappings().get(layer_id)
        if mapping is None:
            raise bad_request(
                "layer-takes-no-osm",
                f"Lớp “{layer_id}” không nhận dữ liệu OpenStreetMap. Lớp nhận: {', '.join(sorted(osm_mappings()))}.",
                f"The layer “{layer_id}” takes no OpenStreetMap data. These do: {', '.join(sorted(osm_mappings()))}.",
                parameter="layer",
            )
        refuse_unclear_mode(request, layer)
        return Target(layer_id, False, layer, osm=mapping)
    taker = takers().get(layer_id)
    if taker is None:
        refuse_unclear_mode(request, layer)
    return Target(layer_id, False, layer, taker=taker)


def refuse_unclear_mode(request: ImportRequest, layer: Layer) -> None:
    if request.mode == "new" and row_count("default", layer.table):
        raise Problem(
            409,
            "layer-holds-features",
            Text(
                f"Lớp “{layer.id}” đang có đối tượng. Dùng --append để thêm, hoặc --replace để thay tất cả.",
                f"The layer “{layer.id}” holds features. Use --append to add, or --replace to replace them all.",
            ),
            parameter="layer",
        )
    if request.mode == "replace" and layer.write is not None and layer.write.service:
        raise Problem(
            409,
            "layer-cannot-be-replaced",
            Text(
                f"Đối tượng của lớp “{layer.id}” có quy trình riêng, không thay hàng loạt được. Dùng --append.",
                f"Features of “{layer.id}” have a workflow and cannot be replaced in bulk. Use --append.",
            ),
            parameter="layer",
        )


def dataset_target(request: ImportRequest, dataset_id: str) -> Target:
    if not NAME.fullmatch(dataset_id) or len(dataset_id) > LONGEST or re.search("__new$", dataset_id):
        raise bad_request(
            "bad-dataset-name",
            f"Tên tập dữ liệu gồm chữ thường không dấu, số và _, bắt đầu bằng chữ, tối đa {LONGEST}: cay_xanh_2025.",
            f"A dataset's name has lower-case ASCII letters, digits and _, begins with a letter, at most {LONGEST}:"
            " such as cay_xanh_2025.",
            parameter="dataset",
        )
    told(
        request.title or None, request.title_en or None, request.source or None, None
    )  # refuses what is too long
    existing = published_dataset(dataset_id)
    if existing is not None and request.mode == "new":
        raise taken_name(dataset_id)
    if existing is None and request.mode == "append":
        raise not_found(
            "no-such-dataset",
            f"Không có tập dữ liệu “{dataset_id}” để thêm vào.",
            f"There is no dataset “{dataset_id}” to add to.",
            parameter="dataset",
        )
    if existing is not None and request.mode == "append":
        refuse_another_frame(request, existing)
    if dataset_id in RESERVED_IDS or any(layer.id == dataset_id for layer in declared_layers()):
        raise taken_name(dataset_id)
    return Target(dataset_id, True, existing)


def require_the_same(request: ImportRequest, was: Target, now: Target) -> None:
    """Problem 409 where the dataset ``was`` has gone ``now``, or has other columns than rows were to be added to."""
    if was.layer is None or not was.is_dataset:
        return
    before, after = was.layer, now.layer
    same = after is not None and (before.fields, before.geometry) == (after.fields, after.geometry)
    if after is None or (request.mode == "append" and not same):
        raise Problem(
            409,
            "changed-meanwhile",
            Text(
                f"Tập dữ liệu “{was.id}” đã bị gỡ hoặc thay bằng cột khác trong lúc đọc tệp; chưa ghi gì."
                " Hãy nhập lại.",
                f"The dataset “{was.id}” was removed, or replaced with other columns, while the file was read; nothing"
                " was written. Import again.",
            ),
            parameter="dataset",
        )


def published_dataset(dataset_id: str) -> Layer | None:
    """The dataset as it is published, None where there is none of that name."""
    with connections["owner"].cursor() as cursor:
        return standing_dataset(cursor, dataset_id, held=False)
