"""One import from file to published layer: read beside us, then checked and written in one transaction, or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg
from django.db import Error as DatabaseFailure
from django.db import connections, transaction

from gis_core.invented import SOURCE_FIELD
from gis_core.layer import EVERYONE, Field, GeometryType, Layer
from gis_core.outages import causes, outage_of
from gis_core.problems import Problem, bad_request
from gis_core.reading import config
from gis_core.runtime.own_folder import IMPORT, imports_folder, own_folder
from gis_core.runtime.progress import Progress
from gis_core.taking import SourceFeature
from gis_core.words import Text, nfc
from imports.destinations import Batch, Destination, MoreRows, NewDataset, lock_target
from imports.drafting import Draft, draft
from imports.filling import Filling, fill, match_names, refuse_missing
from imports.frames import Opening, Rows
from imports.indexing import drop_unfinished, indexed
from imports.intake import Intake, take_in
from imports.model_layer import ModelLayer
from imports.models import ImportRun
from imports.openstreetmap import refuse_known
from imports.profile import Profile, chosen
from imports.progress import CHECKING
from imports.reading import Reading
from imports.report import Report, RowNote
from imports.request import ImportRequest, Target, find_target, require_the_same, stem
from imports.shapes import Shapes, fit_shapes
from imports.source_crs import SourceCrs, choose_crs, warnings
from imports.spool import Spool

TOO_WIDE = frozenset({"54000", "54011"})  # a row is too big, a table has too many columns


MOST_EARLY = 1 << 30  # bytes of a file that is written while it is read: its transaction is open for as long


class GuessedWrong(Exception):
    """Ends the transaction of an import that began before its file was read to the end: the file went on otherwise."""


class NothingWritten(Exception):
    """Ends the transaction of an import that is not to be carried out; the report says why."""


@dataclass(frozen=True)
class Job:
    """Everything known once the file is read."""

    request: ImportRequest
    intake: Intake
    target: Target
    opening: Opening
    profile: Profile
    spool: Spool
    crs: SourceCrs


def run_import(request: ImportRequest, progress: Progress | None = None) -> Report:
    """Carry out ``request`` and say what was done.

    Where rows are rejected and ``skip_rejected`` is not set, and on a dry run, nothing is written and the report says
    what is the matter (``carried_out`` False). Raises Problem where the file as a whole, or the request, is refused.
    """
    began = time.monotonic()
    progress = progress or Progress(None)
    with own_folder(imports_folder(config()), IMPORT) as folder, Spool(folder) as spool:
        intake = take_in(request.file, folder)
        drop_unfinished()
        target = find_target(request, intake)
        with Reading(request, intake, target, spool, progress) as reading:
            try:
                report = written_while_read(request, intake, target, reading)
            except GuessedWrong:
                reading.to_the_end()
                report = written_when_read(job_of(request, intake, target, reading), progress)
            except (DatabaseFailure, psycopg.Error) as error:
                raise database_refused(error) from error
    report.seconds = round(time.monotonic() - began, 2)
    return report


def job_of(request: ImportRequest, intake: Intake, target: Target, reading: Reading) -> Job:
    """The job as far as the file has been read."""
    crs = choose_crs(request.crs, reading.opening, reading.profile.bounds)
    return Job(request, intake, target, reading.opening, reading.profile, reading.spool, crs)


def written_when_read(job: Job, progress: Progress) -> Report:
    """The usual way: the whole file is known before the first row is written."""
    report = new_report(job)
    try:
        if job.target.taker is not None:
            hand_over(job, report, progress)
        else:
            write_rows(job, report, progress)
    except NothingWritten:
        report.written = 0
    except (DatabaseFailure, psycopg.Error) as error:
        raise database_refused(error) from error
    return report


def written_while_read(request: ImportRequest, intake: Intake, target: Target, reading: Reading) -> Report:
    """The quick way, for a new dataset: on the guess that a long file goes on as it begins, the database stores what
    has been read while more is read.

    Raises GuessedWrong, with nothing written and all that was read in the spool, where that is not to be done, or where
    the file as a whole makes another dataset than its beginning, or anything is to be said of any of its rows.
    """
    fresh = target.is_dataset and target.layer is None and target.osm is None and request.mode == "new"
    if not fresh or request.dry_run or intake.size > MOST_EARLY or not reading.goes_on():
        raise GuessedWrong
    begun = job_of(request, intake, target, reading)
    with transaction.atomic(using=NewDataset.using), connections[NewDataset.using].cursor() as cursor:
        begun = enter(cursor, begun)
        layer, sources = layer_and_sources(begun)
        fillings = fill(layer.fields, sources)
        destination = NewDataset(layer, tuple(f.field.sql_column for f in fillings))
        destination.begin(cursor)
        unsaid = new_report(begun)
        with destination.writing(cursor) as write:
            for rows, packed in reading.batches():
                batch = check_rows(rows, packed, fillings, layer, begun, unsaid)
                if not batch.packed or unsaid.rejected or unsaid.repaired:
                    raise GuessedWrong
                write(batch)
        job = job_of(request, intake, begun.target, reading)
        if layer_and_sources(job) != (layer, sources):
            raise GuessedWrong
        destination.set_aside(cursor)
    report = new_report(job)
    report.written = report.read
    report.fields = {name or "(id)": field for field, name in sources.items()}
    with (
        indexed(layer),
        transaction.atomic(using=NewDataset.using),
        connections[NewDataset.using].cursor() as cursor,
    ):
        enter(cursor, job)
        destination.publish(cursor)
        record(job, report, destination.using)
    report.carried_out = True
    return report


def new_report(job: Job) -> Report:
    """The report before anything is written: what is to be said of the file as a whole."""
    report = Report(
        file=job.intake.name,
        sha256=job.intake.sha256,
        size=job.intake.size,
        format=job.intake.format,
        target=job.target.id,
        dataset=job.target.is_dataset,
        crs=job.crs.name,
        read=job.profile.rows,
        dry_run=job.request.dry_run,
    )
    report.warnings.extend(warnings(job.crs, job.profile.bounds))
    if job.request.mode == "append":
        report.warnings.extend(already_there(job))
    profile = job.profile
    if profile.with_height or profile.with_measure:
        count = max(profile.with_height, profile.with_measure)
        report.notes.append(
            Text(
                f"Bỏ độ cao (Z) hoặc trị đo (M) của {count} hình.",
                f"Heights (Z) or measures (M) of {count} dropped.",
            )
        )
    if profile.curved:
        report.notes.append(
            Text(
                f"{profile.curved} hình có cung tròn: cung thành các đoạn thẳng, lệch không quá 1 mm.",
                f"{profile.curved} shapes with arcs: the arcs became straight pieces, at most 1 mm off.",
            )
        )
    kept_as_text = [name for name, each in profile.fields.items() if each.mixed_beyond]
    if kept_as_text and job.target.is_dataset and job.request.mode != "append":
        names = ", ".join(kept_as_text[:30])
        report.notes.append(
            Text(
                f"Giữ ở dạng chữ để không mất chữ số (vừa có số lẻ, vừa có số nguyên quá lớn): {names}.",
                f"Kept as text, so that no digit is lost (fractions beside very large whole numbers): {names}.",
            )
        )
    if job.opening.left_out:
        names = ", ".join(job.opening.left_out)
        report.notes.append(Text(f"Bỏ cột nhị phân: {names}.", f"Binary columns left out: {names}."))
    return report


def already_there(job: Job) -> Iterator[Text]:
    """That this very file has been imported into the layer before, and has not been replaced since."""
    for run in ImportRun.objects.using("owner").filter(
        target=job.target.id, is_dataset=job.target.is_dataset
    ):
        if run.sha256 == job.intake.sha256 and run.source_layer == job.opening.name[:255]:
            where, at = job.target.id, f"{run.at:%Y-%m-%d %H:%M} UTC"
            yield Text(
                f"Tệp này đã được nhập vào “{where}” lúc {at}: mỗi đối tượng sẽ có hai lần.",
                f"This file was imported into “{where}” at {at}: each feature will be there twice.",
            )
            return
        if run.mode != "append":
            return


def write_rows(job: Job, report: Report, progress: Progress) -> None:
    """Fill a dataset or the model of a layer, field by field."""
    using = MoreRows.using if job.target.is_dataset else ModelLayer.using
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        write_within(cursor, enter(cursor, job), report, progress)
    report.carried_out = True


def write_within(cursor: Any, job: Job, report: Report, progress: Progress) -> None:
    """The transaction of `write_rows`."""
    layer, sources = layer_and_sources(job)
    fillings = credited(fill(layer.fields, sources), layer, job)
    report.fields = {job_name or "(id)": name for name, job_name in sources.items()}
    untaken = [name for name in job.profile.fields if name not in sources.values()]
    if untaken and job.target.osm is None:
        names = ", ".join(untaken[:30])
        report.notes.append(Text(f"Cột không dùng đến: {names}.", f"Columns not used: {names}."))
    destination = destination_for(job, layer, tuple(f.field.sql_column for f in fillings))
    destination.begin(cursor)
    checked = 0
    with destination.writing(cursor) as write:
        for rows, packed in job.spool.batches():
            if job.target.osm is not None and job.request.mode == "append":
                refuse_known(rows, layer)
            batch = check_rows(rows, packed, fillings, layer, job, report)
            checked += len(rows)
            progress.at(CHECKING, checked)
            if report.rejected and not job.request.skip_rejected:
                continue  # nothing will be written; go on only to say what else is the matter
            refused = write(batch)
            report.written += len(batch) - len(refused)
            for note in refused:
                report.reject(note)
    progress.done(checked)
    settle(job, report)
    destination.finish(cursor)
    record(job, report, destination.using)


def layer_and_sources(job: Job) -> tuple[Layer, dict[str, str | None]]:
    """The layer to fill, and from which name of the file each of its fields is filled."""
    target, request = job.target, job.request
    if target.layer is None or (target.is_dataset and request.mode == "replace"):
        drafted = draft_dataset(job)
        return drafted.layer, dict(drafted.sources)
    if target.osm is not None:
        return target.layer, {f.name: f.name for f in target.layer.fields if f.name in job.profile.fields}
    matched = match_names(target.layer, list(job.profile.fields), labels_first=target.is_dataset)
    sources: dict[str, str | None] = dict(matched)
    if (
        target.is_dataset
        and "source_id" not in sources
        and any(f.name == "source_id" for f in target.layer.fields)
    ):
        sources["source_id"] = None
    refuse_missing(target.layer, sources)
    return (also_credited(target.layer, request) if target.is_dataset else target.layer), sources


def also_credited(layer: Layer, request: ImportRequest) -> Layer:
    """A dataset that more rows come to, with where those come from in its credit."""
    source = nfc(request.source)
    if not source or (layer.credit is not None and source in layer.credit.vi.split("; ")):
        return layer
    credit = Text(source, source)
    if layer.credit is not None:
        credit = Text(f"{layer.credit.vi}; {source}", f"{layer.credit.en}; {source}")
    return replace(layer, credit=credit)


def draft_dataset(job: Job) -> Draft:
    """The new dataset's declaration. A replaced one keeps what the request does not say: above all, who sees it."""
    request, was = job.request, job.target.layer
    named = request.title or stem(job.intake.name)
    title = Text(nfc(named), nfc(request.title_en or named))
    if was is not None:
        title = Text(
            nfc(request.title) or was.title.vi, nfc(request.title_en or request.title) or was.title.en
        )
    credit = Text(nfc(request.source), nfc(request.source)) if request.source else None
    return draft(
        job.target.id,
        title,
        job.profile,
        repair=request.repair,
        audiences=request.audiences or (was.audiences if was else EVERYONE),
        credit=credit or (was.credit if was else None),
        file_name=job.intake.name,
    )


def credited(fillings: tuple[Filling, ...], layer: Layer, job: Job) -> tuple[Filling, ...]:
    """A declared layer's own column of sources, filled with the credit where the file says nothing of it."""
    if job.target.is_dataset or any(f.field.name == SOURCE_FIELD for f in fillings):
        return fillings
    field: Field | None = next((f for f in layer.fields if f.name == SOURCE_FIELD and f.type == "text"), None)
    if field is None:
        return fillings
    words = source_words(job)[: field.max_length or 200]
    return (*fillings, Filling(field, SOURCE_FIELD, str, words))


def source_words(job: Job) -> str:
    return nfc(job.request.source) or job.intake.name


def destination_for(job: Job, layer: Layer, columns: tuple[str, ...]) -> Destination:
    request, target = job.request, job.target
    if target.is_dataset:
        append = request.mode == "append"
        return MoreRows(layer, columns) if append else NewDataset(layer, columns, target.layer)
    return ModelLayer(layer, job.crs.srid, request.actor, emptied=request.mode == "replace")


def enter(cursor: Any, job: Job) -> Job:
    """Begin the transaction's own part: one import into a layer at a time, and the history knows by whom.

    The job that is returned is aimed at the target as it stands now: others may have changed who sees it, its title,
    its columns while the file was read. Problem where it may no longer be written to as was asked.
    """
    lock_target(cursor, job.target.id)
    cursor.execute("select set_config('huong.actor', %s, true)", [job.request.actor])
    target = find_target(job.request, job.intake)
    require_the_same(job.request, job.target, target)
    return replace(job, target=target)


def check_rows(
    rows: Rows,
    packed: GeometryType | None,
    fillings: tuple[Filling, ...],
    layer: Layer,
    job: Job,
    report: Report,
) -> Batch:
    """The rows of a batch that can be written; the report learns of the others and of what was repaired.

    ``packed`` as the spool says it.
    """
    as_they_are = packed is not None and layer.geometry.type in (packed, "Geometry")
    if as_they_are:
        places = np.array(rows.wkb, dtype=object)
        shapes = Shapes(places, places)
    else:
        shapes = fit_shapes(
            rows.wkb,
            job.crs if packed is None else SourceCrs(4326),
            layer.geometry.type,
            repair=job.request.repair,
            as_points=job.target.osm is not None,
        )
    faults = shapes.faults | {index: Text(*words) for index, words in rows.faults.items()}
    columns = {}
    for filling in fillings:
        columns[filling.field.sql_column], unfit = filling.column(rows)
        faults = unfit | faults
    whole = Batch(rows.numbers, rows.ids, columns, shapes.lonlat, shapes.surveyed, as_they_are)
    for index in sorted(faults):
        report.reject(whole.note(index, faults[index]))
    for index in sorted(shapes.repairs.keys() - faults.keys()):
        report.repair(whole.note(index, shapes.repairs[index]))
    if not faults:
        return whole
    good = [index for index in range(len(rows)) if index not in faults]
    return Batch(
        chosen(rows.numbers, good),
        chosen(rows.ids, good),
        {name: chosen(values, good) for name, values in columns.items()},
        shapes.lonlat[good],
        shapes.surveyed[good],
        as_they_are,
    )


def hand_over(job: Job, report: Report, progress: Progress) -> None:
    """Give the checked rows to the layer's own package."""
    assert job.target.taker is not None and job.target.layer is not None
    report.fields = {name: name for name in job.profile.fields}
    with transaction.atomic(), connections["default"].cursor() as cursor:
        enter(cursor, job)
        taken = job.target.taker(checked_features(job, report, progress), source_words(job))
        report.written = taken.written
        report.notes.extend(taken.notes)
        for number, why in taken.refused:
            report.reject(RowNote(number, None, why))
        settle(job, report)
        record(job, report, "default")
    report.carried_out = True


def checked_features(job: Job, report: Report, progress: Progress) -> Iterator[SourceFeature]:
    assert job.target.layer is not None
    checked = 0
    for rows, packed in job.spool.batches():
        batch = check_rows(rows, packed, (), job.target.layer, job, report)
        positions = {number: index for index, number in enumerate(rows.numbers)}
        for number, place in zip(batch.numbers, batch.lonlat, strict=True):
            properties = {name: values[positions[number]] for name, values in rows.columns.items()}
            yield SourceFeature(number, properties, place)
        checked += len(rows)
        progress.at(CHECKING, checked)
    progress.done(checked)


def settle(job: Job, report: Report) -> None:
    """Decide at the end of the rows: NothingWritten ends the transaction, else it goes on to its commit."""
    if job.request.dry_run or (report.rejected and not job.request.skip_rejected) or not report.written:
        raise NothingWritten


def record(job: Job, report: Report, using: str) -> None:
    ImportRun.objects.using(using).create(
        target=job.target.id,
        is_dataset=job.target.is_dataset,
        mode=job.request.mode,
        file_name=job.intake.name[:255],
        file_size=job.intake.size,
        sha256=job.intake.sha256,
        format=job.intake.format,
        source_layer=job.opening.name[:255],
        source=nfc(job.request.source)[:200],
        crs=job.crs.name,
        rows_read=report.read,
        rows_written=report.written,
        rows_rejected=report.rejected,
        rows_repaired=report.repaired,
        actor=job.request.actor[:100],
    )


def database_refused(error: Exception) -> Problem:
    """What became of an import whose transaction the database ended: a 503 where that is no fault of the file."""
    state = next((each.sqlstate for each in causes(error) if isinstance(each, psycopg.Error)), None)
    if state in TOO_WIDE:
        return bad_request(
            "rows-too-wide",
            "Dữ liệu của một dòng quá rộng cho một bảng (khoảng 8 kB số và chữ ngắn). Hãy bớt cột rồi nhập lại.",
            "A row is too wide for a table (some 8 kB of numbers and short texts). Leave columns out, then import.",
            parameter="file",
        )
    outage = outage_of(error)
    if outage is not None:
        return outage
    why = (str(error).splitlines() or ["?"])[0][:200]
    return Problem(
        409,
        "database-refused",
        Text(
            f"Cơ sở dữ liệu từ chối, chưa ghi gì: {why}", f"The database refused, nothing was written: {why}"
        ),
    )
