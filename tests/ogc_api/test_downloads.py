"""What a spreadsheet makes of the cells of a CSV."""

from __future__ import annotations

import csv
import io
import re

import pytest

from ogc_api.downloads import cell

EVIL = "=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (EVIL, f"'{EVIL}"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "\t'=1"), ("\r", "'\r"),
        (f"x;{EVIL}", f"x;'{EVIL}"), (f"x,{EVIL}", f"x,'{EVIL}"), (f"x\n{EVIL}", f"x\n'{EVIL}"),
        (f'x";"{EVIL}', f"x\";\"'{EVIL}"), (f"x; {EVIL}", f"x; '{EVIL}"), (f"x\t{EVIL}", f"x\t'{EVIL}"),
        (f" {EVIL}", f" '{EVIL}"), ("＝1", "'＝1"), (f"a;{EVIL};b;{EVIL}", f"a;'{EVIL};b;'{EVIL}"),
        ("12 Lê Lợi", "12 Lê Lợi"), ("a = b", "a = b"), ("x; y, z", "x; y, z"), ("a-b", "a-b"), ("", ""),
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
