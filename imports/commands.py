"""``huong import`` and ``huong dataset``."""

from __future__ import annotations

import getpass
import json
import os
import sys
from pathlib import Path
from typing import cast

import click

from gis_core.layer import AUDIENCES, Audience
from gis_core.problems import Problem
from gis_core.runtime import console
from gis_core.runtime.memory import look_seldom
from gis_core.runtime.progress import Progress
from gis_core.words import Text
from imports.report import Report, RowNote
from imports.request import ImportRequest, Mode
from imports.terrain.commands import terrain

SHOWN = 20


def operator() -> str:
    """Who types: the user of the operating system, as the history names it."""
    try:
        return f"os:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"os:{os.getuid()}"


def mode_of(replace: bool, append: bool) -> Mode:
    if replace and append:
        raise click.UsageError("--replace, --append: chỉ một trong hai · one of the two")
    return "replace" if replace else "append" if append else "new"


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", metavar="ID", help="Lớp có sẵn · A declared layer.")
@click.option(
    "--dataset", metavar="ID", help="Tập dữ liệu, mặc định theo tên tệp · A dataset (the file's name)."
)
@click.option("--title", default="", help="Tên tiếng Việt của tập dữ liệu · The dataset's Vietnamese title.")
@click.option("--title-en", default="", help="Tên tiếng Anh · Its English title.")
@click.option(
    "--crs", metavar="EPSG:N", help="Hệ tọa độ, thay cho điều tệp ghi · The CRS, whatever the file says."
)
@click.option(
    "--source-layer", default="", metavar="NAME", help="Lớp trong GeoPackage · The layer of a GeoPackage."
)
@click.option("--source", default="", help="Nguồn, ghi cùng dữ liệu · Where it comes from; credited.")
@click.option("--repair", is_flag=True, help="Sửa đa giác không hợp lệ · Make invalid polygons valid.")
@click.option("--skip-rejected", is_flag=True, help="Bỏ dòng bị loại, ghi phần còn lại · Write the rest.")
@click.option("--replace", is_flag=True, help="Thay tất cả đối tượng đang có · Replace all features.")
@click.option("--append", is_flag=True, help="Thêm vào đối tượng đang có · Add to the features.")
@click.option(
    "--audience",
    "audiences",
    multiple=True,
    type=click.Choice(AUDIENCES),
    help="Ai xem được tập dữ liệu (lặp lại được), mặc định mọi người · Who sees the dataset; default: all.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Ghi báo cáo JSON vào tệp này · Write the report as JSON.",
)
@click.option("--dry-run", is_flag=True, help="Kiểm tra mà không ghi · Check without writing.")
def import_file(
    file: Path, layer: str | None, dataset: str | None, title: str, title_en: str, crs: str | None,
    source_layer: str, source: str, repair: bool, skip_rejected: bool, replace: bool, append: bool,
    audiences: tuple[str, ...], report_file: Path | None, dry_run: bool,
) -> None:  # fmt: skip
    """Nhập GeoJSON, GeoPackage, OpenStreetMap vào một lớp · Import a file into a layer or a new dataset."""
    request = ImportRequest(
        file=file,
        layer=layer,
        dataset=dataset,
        title=title,
        title_en=title_en,
        crs=crs,
        source_layer=source_layer,
        source=source,
        mode=mode_of(replace, append),
        repair=repair,
        skip_rejected=skip_rejected,
        audiences=frozenset(cast(tuple[Audience, ...], audiences)) or None,
        dry_run=dry_run,
        actor=operator(),
    )
    report = run_to_the_end(request)
    if report_file is not None:
        write_report(report, report_file)
    show(report)
    if not report.carried_out and not (report.dry_run and not report.rejected):
        sys.exit(2)


def run_to_the_end(request: ImportRequest) -> Report:
    """The import; Ctrl-C and a lack of space end as words."""
    from gis_core.tasks import measure_extents
    from imports.run import run_import

    look_seldom()
    try:
        report = run_import(request, Progress(sys.stderr))
    except KeyboardInterrupt:
        raise console.Failure("Đã dừng; chưa ghi gì.", "Stopped; nothing was written.") from None
    except OSError as error:
        raise console.Failure(
            f"Không đủ chỗ hoặc không ghi được tệp tạm: {error.strerror}.",
            f"No space, or no temporary file can be written: {error.strerror}.",
        ) from error
    if report.carried_out:
        measure_extents(0)
    return report


def write_report(report: Report, file: Path) -> None:
    try:
        file.write_text(json.dumps(report.document(), ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        console.complain(
            Text(
                f"Không ghi được báo cáo: {error.strerror}", f"The report cannot be written: {error.strerror}"
            )
        )


def show(report: Report) -> None:
    """The report for the terminal: what is the matter first, what was done last."""
    console.step(
        f"{report.file}: {report.format}, {report.crs}, {report.read:,} dòng",
        f"{report.format}, {report.crs}, {report.read:,} rows",
    )
    for words in report.warnings:
        console.step(f"CHÚ Ý: {words.vi}", f"NOTE: {words.en}")
    for words in report.notes:
        console.step(*words)
    show_rows(Text("Đã sửa hình", "Repaired"), report.repaired, report.repairs)
    show_rows(Text("Bị loại", "Rejected"), report.rejected, report.rejections)
    console.step(*outcome(report))


def show_rows(title: Text, count: int, notes: list[RowNote]) -> None:
    if not count:
        return
    console.step(f"{title.vi}: {count:,}", f"{title.en}: {count:,}")
    for note in notes[:SHOWN]:
        identity = f" (id {note.id})" if note.id is not None else ""
        click.echo(f"    {note.row}{identity}: {note.words.vi} · {note.words.en}")
    if count > SHOWN:
        click.echo(f"    … {count - SHOWN:,} (--report)")


def outcome(report: Report) -> Text:
    if report.carried_out:
        return Text(
            f"Đã ghi {report.written:,} đối tượng vào “{report.target}” trong {report.seconds:g} giây",
            f"{report.written:,} features written to “{report.target}” in {report.seconds:g} s",
        )
    if report.rejected:
        return Text(
            "Chưa ghi gì vì có dòng bị loại. Sửa tệp, hoặc dùng --repair (sửa hình), --skip-rejected (bỏ dòng đó)",
            "Nothing was written since rows were rejected. Mend the file, or use --repair or --skip-rejected",
        )
    if report.dry_run:
        return Text(
            "Chạy thử: tệp nhập được, chưa ghi gì", "Dry run: the file can be imported; nothing was written"
        )
    return Text("Không có gì để ghi", "There was nothing to write")


@click.group()
def dataset() -> None:
    """Tập dữ liệu đã nhập: xem, sửa, gỡ · Imported datasets: list, change, remove."""


@dataset.command(name="list")
def list_datasets() -> None:
    """Liệt kê các tập dữ liệu và nguồn gốc · List datasets and where they came from."""
    from imports.listing import datasets

    found = datasets()
    for each in found:
        click.echo(f"{each.id}\t{each.title.vi}\t{each.rows:,}\t{each.came_from}")
    if not found:
        console.step("Chưa có tập dữ liệu nào", "There is no dataset")


@dataset.command(name="change")
@click.argument("dataset_id", metavar="ID")
@click.option("--title", help="Tên tiếng Việt · Vietnamese title.")
@click.option("--title-en", help="Tên tiếng Anh · English title.")
@click.option("--source", help="Nguồn, ghi cùng dữ liệu · Where it comes from; credited.")
@click.option(
    "--audience",
    "audiences",
    multiple=True,
    type=click.Choice(AUDIENCES),
    help="Ai xem được từ nay (lặp lại được) · Who sees it from now on.",
)
def change(
    dataset_id: str, title: str | None, title_en: str | None, source: str | None, audiences: tuple[str, ...]
) -> None:
    """Sửa tên, nguồn, người xem của một tập dữ liệu · Change a dataset's title, source, audience."""
    from imports.changing import change_dataset, told

    if title is None and title_en is None and source is None and not audiences:
        raise click.UsageError("--title, --title-en, --source, --audience: cần ít nhất một · at least one")
    try:
        changed = change_dataset(dataset_id, told(title, title_en, source, audiences or None), operator())
    except Problem as problem:
        raise console.Failure(problem.detail.vi, problem.detail.en) from problem
    seen = ", ".join(each for each in AUDIENCES if each in changed.audiences)
    console.step(f"“{changed.title.vi}”, ai xem được: {seen}", f"“{changed.title.en}”, seen by: {seen}")


@dataset.command(name="remove")
@click.argument("dataset_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Không hỏi lại · Do not ask.")
def remove(dataset_id: str, yes: bool) -> None:
    """Gỡ một tập dữ liệu và xóa bảng của nó; lịch sử còn lại · Remove a dataset; its history stays."""
    from imports.listing import remove_published

    if not yes:
        click.confirm(f"Gỡ “{dataset_id}”? · Remove it?", abort=True)
    try:
        remove_published(dataset_id, operator())
    except Problem as problem:
        raise console.Failure(problem.detail.vi, problem.detail.en) from problem
    console.step(f"Đã gỡ “{dataset_id}”", "Removed")


COMMANDS: list[click.Command] = [import_file, dataset, terrain]
