"""The seal of a sheet: what is signed is read back, and nothing else is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_core.config import Config
from gis_core.layer import AUDIENCES
from tests.city_plugin import CLUSTER
from tilesrv.printing.asked import GRIDS, SCALES
from tilesrv.printing.paper import ORIENTATIONS, PAPERS_MM
from tilesrv.printing.proof import EPOCH, Facts, code_of, facts_of_code, facts_of_text, sealed

FACTS = Facts(
    title="Trích lục, phường Thuận Hóa",
    layers=("basemap", "parcels:by-status"),
    center=(107.5906, 16.4637),
    scale=500,
    paper="A3",
    orientation="landscape",
    srid=9214,
    printed=datetime(2026, 11, 22, 7, 15, tzinfo=UTC),
    audience="land",
    legend=True,
    day="2025-06-30",
)

facts = st.builds(
    Facts,
    title=st.text(max_size=120).filter(lambda text: text.isprintable()),
    layers=st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True), max_size=20).map(tuple),
    center=st.tuples(
        st.floats(-180, 180).map(lambda x: round(x, 5)), st.floats(-85, 85).map(lambda y: round(y, 5))
    ),
    scale=st.integers(*SCALES),
    paper=st.sampled_from(sorted(PAPERS_MM)),
    orientation=st.sampled_from(ORIENTATIONS),
    srid=st.sampled_from(sorted(GRIDS)),
    printed=st.integers(0, 2**25 - 1).map(lambda minutes: EPOCH + timedelta(minutes=minutes)),
    audience=st.sampled_from(AUDIENCES),
    legend=st.booleans(),
    day=st.just("") | st.dates().map(str),
)


@pytest.fixture(scope="module")
def config() -> Config:
    assert CLUSTER.secret  # read before a test sets another
    return CLUSTER


@given(facts)
def test_whatever_is_printed_is_read_back(shown: Facts) -> None:
    """Would fail if a value lost its place in the 104 bits of a code: the largest scale, the last minute."""
    seal = sealed(CLUSTER, shown)
    assert facts_of_text(CLUSTER, seal.text) == shown
    assert facts_of_code(CLUSTER, seal.code) == replace(shown, title="", layers=(), day="")
    assert re.fullmatch(r"([A-Z2-7]{4}-){7}[A-Z2-7]{4}", seal.code)


def test_a_code_is_read_as_people_type_it(config: Config) -> None:
    code = code_of(config, FACTS)
    typed = code.replace("O", "0").replace("I", "1").replace("B", "8").lower()
    for each in (code, code.replace("-", ""), code.replace("-", " "), f" {typed} ", typed.replace("-", "  ")):
        assert facts_of_code(config, each) == replace(FACTS, title="", layers=(), day=""), each


def test_what_was_changed_is_not_ours(config: Config) -> None:
    seal = sealed(config, FACTS)
    body, _, tag = seal.text.partition(".")
    texts = [f"{body[:-2]}AA.{tag}", f"{body}.{tag[:-2]}AA", "", "x", ".", "é.é", f"{body}.", "a" * 9000]
    assert [text for text in texts if facts_of_text(config, text) is not None] == []
    letters = seal.code.replace("-", "")
    codes = ["", "AAAA", "é" * 32, letters[:-8], letters * 2, "A" * 32, "=" * 32, "\0" * 32]
    codes += [letters[:at] + ("A" if letters[at] != "A" else "B") + letters[at + 1 :] for at in range(32)]
    assert [code for code in codes if facts_of_code(config, code) is not None] == []


def test_a_code_is_no_text_and_a_text_no_code(config: Config) -> None:
    """One key signs both: the one's signature must say nothing of the other."""
    seal = sealed(config, FACTS)
    assert facts_of_text(config, seal.code) is None and facts_of_code(config, seal.text) is None


def test_another_citys_seal_is_not_ours(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUONG_SECRET", "that of another city")
    seal = sealed(replace(config), FACTS)
    assert facts_of_text(config, seal.text) is None and facts_of_code(config, seal.code) is None
