"""Downloads: what a spreadsheet makes of the cells of a CSV, and the columns of files that hold no feature."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import psycopg
import pyogrio.raw
import pytest

from gis_core.config import Config
from gis_core.query import fetch_page
from ogc_api.downloads import cell
from tests.acceptance import places
from tests.acceptance.asking import Call, citizen, staff

EVIL = "=HYPERLINK(1)"
ITEMS = "/ogcapi/collections/trees/items"
NONE_OF_THEM = f"{ITEMS}?filter=stems%20%3E%201000000"
COLUMNS = ["species", "state", "height_m", "stems", "protected", "planted_on", "checked_at", "number"]


@pytest.fixture(scope="module")
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"))


@pytest.mark.parametrize(("who", "more"), [(None, []), ("land", ["owner_name"])])
def test_a_file_without_features_has_its_columns(
    who: str | None, more: list[str], trees: None, city: Config
) -> None:
    """Would fail if the columns were those of the first feature; and they are the reader's, not all of the layer."""
    person = staff(who) if who else citizen()
    table = person.ask(Call(f"{NONE_OF_THEM}&f=csv"))
    (head,) = csv.reader(io.StringIO(table.body.decode("utf-8-sig")))
    assert head == ["fid", "version", *COLUMNS, *more, "geometry"]
    file = person.ask(Call(f"{NONE_OF_THEM}&f=fgb"))
    meta, _, geometry, _ = pyogrio.raw.read(io.BytesIO(file.body))
    assert (list(meta["fields"]), len(geometry)) == (["fid", *COLUMNS, *more], 0)
    kinds = dict(zip(meta["fields"], meta["dtypes"], strict=True))
    assert (kinds["height_m"], kinds["stems"], kinds["protected"]) == ("float64", "int64", "bool")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (EVIL, f"'{EVIL}"), ("+a", "'+a"), ("-a", "'-a"), ("@x", "'@x"), ("\t=1", "\t'=1"), ("\r", "'\r"),
        (f"x;{EVIL}", f"x;'{EVIL}"), (f"x,{EVIL}", f"x,'{EVIL}"), (f"x\n{EVIL}", f"x\n'{EVIL}"),
        (f'x";"{EVIL}', f"x\";\"'{EVIL}"), (f"x; {EVIL}", f"x; '{EVIL}"), (f"x\t{EVIL}", f"x\t'{EVIL}"),
        (f" {EVIL}", f" '{EVIL}"), ("＝1", "'＝1"), (f"a;{EVIL};b;{EVIL}", f"a;'{EVIL};b;'{EVIL}"),
        ("12 Lê Lợi", "12 Lê Lợi"), ("a = b", "a = b"), ("x; y, z", "x; y, z"), ("a-b", "a-b"), ("", ""),
        ("16.4, -107.5", "16.4, -107.5"), ("-16.4; -107,5", "-16.4; -107,5"), ("-1", "-1"), ("+1", "+1"),
        ("+84 234 3822 888", "+84 234 3822 888"), ("-1.5e-3\n-2", "-1.5e-3\n-2"), ("-1+A1", "'-1+A1"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"), ("-1,HYPERLINK(1)", "'-1,HYPERLINK(1)"),
        ("-1;cmd|' /C calc'!A0", "'-1;cmd|' /C calc'!A0"), ("x,-1-2", "x,'-1-2"), ("-1,-A1", "-1,'-A1"),
        ("-1|x", "'-1|x"), ("-5 m", "'-5 m"), ("－1", "'－1"),
        (-1, -1), (None, None), (1.5, 1.5),
    ],
)  # fmt: skip
def test_cells_that_begin_a_formula(value: object, written: object) -> None:
    assert cell(value) == written


@pytest.mark.parametrize("divider", [",", ";", "\t", "|"])
@pytest.mark.parametrize("value", [f"x{d}{q}{EVIL}" for d in ",;\t|\n" for q in ("", '"', " ", '""')])
def test_no_cell_begins_a_formula_however_it_is_divided(divider: str, value: str) -> None:
    """A comma-separated file that is read by another divider, by a reader that cares for quotes or for none."""
    out = io.StringIO()
    csv.writer(out).writerow(["1", cell(value), "2"])
    careful = [each for row in csv.reader(io.StringIO(out.getvalue()), delimiter=divider) for each in row]
    careless = re.split(f"[{re.escape(divider)}\r\n]", out.getvalue())
    for each in careful + careless:
        assert not each.strip(" \"'").startswith("=") or each.lstrip(' "').startswith("'"), each


def test_a_strangers_filter_has_less_time_on_a_page_than_in_a_file(
    trees: None, city: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if one slow filter after the other held a core for as long as a file may; the database is asked what
    it gives the statement."""
    given: list[str] = []

    def with_its_time(*asked: Any, **more: Any) -> Any:
        page = fetch_page(*asked, **more, text="to_json(current_setting('statement_timeout'))::text")
        given.extend(feature.decode() for feature in page.features)
        return fetch_page(*asked, **more)

    with psycopg.connect(**city.connection("owner"), autocommit=True) as owner:
        owner.execute("insert into dataset.trees (species, geom) values ('Đa', st_point(107.5, 16.4, 4326))")
    monkeypatch.setattr("ogc_api.features.fetch_page", with_its_time)
    land, anybody, filtered = staff("land"), citizen(), f"{ITEMS}?filter=species%20LIKE%20'%25a'"
    for who, path in (
        *((anybody, f"{filtered}&f={form}") for form in ("json", "html", "csv", "fgb")),
        (anybody, ITEMS),
        (land, filtered),
    ):
        assert who.get(path).status == 200, path
    assert given == ['"1s"', '"1s"', '"2s"', '"2s"', '"2s"', '"10s"']
