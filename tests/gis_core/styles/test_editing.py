"""Styles of a dataset are changed in place: checked, told to whoever sees a difference, kept, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from gis_core.config import Config
from gis_core.datasets import publish_dataset
from gis_core.layer import DeclaredStyle, Geometry, Layer, Style
from gis_core.problems import Problem
from gis_core.publish.publisher import declared_layers, publish_layers
from gis_core.reading import registry
from gis_core.styles.editing import (
    check_style,
    declared_styles,
    history,
    keeping_styles,
    looks,
    read_style,
    require_drawable,
    set_styles,
    style_text,
)
from gis_core.styles.errors import StyleError
from gis_core.styles.evaluation import evaluate
from gis_core.styles.maplibre import layers_json
from gis_core.styles.nodes import Literal
from gis_core.styles.standard import styles_of
from gis_core.words import Text
from tests.acceptance import places

CITY = "demo"
TITLE = Text("Theo loài", "By species")


def circles(colour: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"id": "dot", "type": "circle", "paint": {"circle-color": colour}, **more}]


def style(colour: Any, id: str = "dots") -> DeclaredStyle:
    return DeclaredStyle(id=id, title=TITLE, layers=tuple(circles(colour)))


@pytest.fixture
def trees(city: Config, request: pytest.FixtureRequest) -> Layer:
    """A dataset of this test's own."""
    layer = places.dataset("trees" + str(abs(hash(request.node.name)) % 10**8))
    row = "insert into {} (species, geom) values ('Sấu', st_point(107.6, 16.4, 4326))"
    places.publish(city, layer, row.format(layer.table))
    registry().current(fresh=True)
    return layer


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:  # type: ignore[arg-type]
        yield connection


def standing(owner: psycopg.Connection[Any], layer: Layer) -> tuple[Any, ...]:
    """What must not change: the version and digest of the publication, the views, the history of rows."""
    row = owner.execute("select version, digest from huong.published where layer = %s", [layer.id]).fetchone()
    views = owner.execute(
        "select c.oid from pg_class c where c.relname = %s and c.relkind = 'v' order by 1", [layer.id]
    ).fetchall()
    kept = owner.execute(f"select count(*) from history.dataset_{layer.id}").fetchone()
    return row, views, kept


def told(owner: psycopg.Connection[Any], layer: Layer) -> list[tuple[str, list[str]]]:
    rows = owner.execute("select op, audiences from huong.change where layer = %s order by id", [layer.id])
    return [(op, audiences) for op, audiences in rows]


class TestReading:
    """What is refused, and the place that is named: an editor shows the fault where it stands."""

    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ("[{", "1:3"),
            ("{}", "layers"),
            (json.dumps(circles(["get", "no_such"])), "layers[0].paint.circle-color[1]"),
            (
                json.dumps(circles("red", filter=["==", ["get", "nope"], 1])),
                "layers[0].paint.circle-color",
            ),
            (
                json.dumps(circles("#fff", filter=["==", ["get", "nope"], 1])),
                "layers[0].filter[1][1]",
            ),
            (json.dumps([*circles("#fff"), {"id": "x", "type": "heatmap"}]), "layers[1].type"),
            (json.dumps(circles(["match", ["get", "species"], "\ud800", "#fff", "#000"])), None),
            (json.dumps(circles(["image", "x"])), "layers[0].paint.circle-color"),
            ("[" * 100_000, None),
            ("[" + " " * 300_000 + "]", None),
        ],
    )
    def test_a_fault_is_named_by_its_place(self, text: str, path: str | None) -> None:
        with pytest.raises(StyleError) as refused:
            read_style(places.dataset("trees"), "dots", TITLE, text)
        if path is not None:
            assert refused.value.path == path
        assert refused.value.reason.vi and refused.value.reason.en

    def test_words_in_a_quoted_list_are_no_fields(self) -> None:
        """["literal", ["get", "x"]] is a list of two texts; taken for an expression it would be refused."""
        filter = ["in", ["get", "species"], ["literal", ["get", "x"]]]
        made = read_style(places.dataset("trees"), "dots", TITLE, json.dumps(circles("#fff", filter=filter)))
        assert made.layers[0]["filter"] == filter

    def test_a_field_that_tiles_do_not_carry_is_refused(self) -> None:
        """It would be drawn in pictures and missing in the browser."""
        layer = next(each for each in declared_layers() if any(not f.tiled for f in each.fields))
        absent = next(f.name for f in layer.fields if not f.tiled)
        with pytest.raises(StyleError, match=absent):
            check_style(layer, style(["get", absent]))

    def test_what_layers_declare_can_be_drawn_from_their_tiles(self) -> None:
        for layer in declared_layers():
            for each in declared_styles(layer):
                require_drawable(layer, each)

    @pytest.mark.parametrize(("id", "vi"), [("Dots", "Tên"), ("", "Tên"), ("dots", ""), ("dots", "x" * 81)])
    def test_identity_and_title_are_needed(self, id: str, vi: str) -> None:
        with pytest.raises(StyleError):
            read_style(places.dataset("trees"), id, Text(vi, ""), json.dumps(circles("#fff")))

    def test_text_for_people_reads_back(self) -> None:
        for layer in declared_layers():
            for each in declared_styles(layer):
                assert json.loads(style_text(each)) == json.loads(json.dumps(list(each.layers)))


class TestWriting:
    def test_only_the_style_changes(self, owner: psycopg.Connection[Any], trees: Layer) -> None:
        """Views made anew would make readers wait and throw every tile away."""
        before, look = standing(owner, trees), registry().current().layers[trees.id].look
        set_styles(trees.id, [style("#123456")], "user:7")
        assert standing(owner, trees) == before
        published = registry().current().layers[trees.id]
        assert published.look != look
        assert [each.id for each in styles_of(published.layer)] == ["dots"]
        assert told(owner, trees)[-1] == ("S", sorted(trees.audiences))

    def test_publishing_it_again_changes_nothing(self, owner: psycopg.Connection[Any], trees: Layer) -> None:
        """Every start of the city publishes what stands; that an edit had changed the digest would undo the saving."""
        set_styles(trees.id, [style("#123456")], "user:7")
        before, events = standing(owner, trees), told(owner, trees)
        layer = registry().current().layers[trees.id].layer
        with owner.transaction(), owner.cursor() as cursor:
            assert publish_layers(cursor, [layer], dataset=True) == []
        assert (standing(owner, trees), told(owner, trees)) == (before, events)

    def test_a_look_that_differs_in_code_alone_leaves_the_views(
        self, owner: psycopg.Connection[Any], trees: Layer
    ) -> None:
        before = standing(owner, trees)
        layer = registry().current().layers[trees.id].layer
        with owner.transaction(), owner.cursor() as cursor:
            publish_dataset(cursor, replace(layer, style=Style(colour="#D55E00")))
        assert standing(owner, trees) == before
        assert registry().current(fresh=True).layers[trees.id].layer.style.colour == "#D55E00"
        assert told(owner, trees)[-1][0] == "S"

    def test_only_who_sees_a_difference_is_told(self, owner: psycopg.Connection[Any], trees: Layer) -> None:
        """``owner_name`` is for the land desk alone: to others both styles are the same, naming nobody."""
        test = ["case", ["==", ["get", "owner_name"], "An"], "#ff0000", "#123456"]
        set_styles(trees.id, [style(test)], "user:7")
        test = ["case", ["==", ["get", "owner_name"], "Bình"], "#ff0000", "#123456"]
        set_styles(trees.id, [style(test)], "user:7")
        assert told(owner, trees)[-1] == ("S", ["land"])
        seen = layers_json(looks(registry().current().layers[trees.id].layer, "citizen")[0], {trees.id: "s"})
        assert seen[0]["paint"] == {"circle-color": "#123456"}

    def test_history_says_who_and_undo_is_an_edit(self, trees: Layer) -> None:
        assert history(trees.id) == []
        first = set_styles(trees.id, [style("#111111")], "user:7", seen=0)
        second = set_styles(trees.id, [style("#222222"), style("#333333", "more")], "user:8", seen=first)
        states = history(trees.id)
        assert [each.actor for each in states] == ["user:8", "user:7", None]
        assert [len(each.styles) for each in states] == [2, 1, 0]
        set_styles(trees.id, states[1].styles, "user:8", seen=second)
        set_styles(trees.id, states[2].styles, "user:8")
        layer = registry().current().layers[trees.id].layer
        assert layer.styles == () and styles_of(layer)[0].id == "default"
        assert len(history(trees.id)) == 5

    def test_the_second_of_two_editors_is_refused(self, trees: Layer) -> None:
        first = set_styles(trees.id, [style("#111111")], "user:7", seen=0)
        with pytest.raises(Problem) as refused:
            set_styles(trees.id, [style("#222222")], "user:8", seen=0)
        assert refused.value.status == 409
        assert history(trees.id)[0].id == first

    def test_the_history_is_bounded(
        self, owner: psycopg.Connection[Any], trees: Layer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gis_core.styles.editing.KEPT", 3)
        for shade in range(5):
            set_styles(trees.id, [style(f"#00000{shade}")], "user:7")
        assert [each.styles[0].layers[0]["paint"]["circle-color"] for each in history(trees.id)] == [
            "#000004",
            "#000003",
            "#000002",
        ]

    def test_refused_styles_change_nothing(self, owner: psycopg.Connection[Any], trees: Layer) -> None:
        with pytest.raises(StyleError) as refused:
            set_styles(trees.id, [style("#fff"), style(["get", "nope"], "two")], "user:7")
        assert refused.value.path == "styles[1].layers[0].paint.circle-color[1]"
        with pytest.raises(StyleError):
            set_styles(trees.id, [style("#fff"), style("#000")], "user:7")
        assert history(trees.id) == []

    @pytest.mark.parametrize(("layer", "status"), [("reports", 403), ("no_such_layer", 404)])
    def test_only_datasets_are_edited(self, city: Config, layer: str, status: int) -> None:
        with pytest.raises(Problem) as refused:
            set_styles(layer, [style("#fff")], "user:7")
        assert refused.value.status == status

    def test_readers_cannot_and_the_application_only_so(self, city: Config, trees: Layer) -> None:
        """The function runs as the owner: whoever may call it changes what everybody sees."""
        call = "select huong.set_styles(%s, '[]', '{citizen}', 'user:1', null, 50)"
        reader = psycopg.connect(**city.connection("citizen"), autocommit=True)  # type: ignore[arg-type]
        with reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(call, [trees.id])
        with psycopg.connect(**city.connection("app"), autocommit=True) as app:  # type: ignore[arg-type]
            assert app.execute(call, ["reports"]).fetchone() == (None,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("update huong.published set declaration = '{}'")


def test_new_data_keep_the_styles_that_still_suit_them(city: Config) -> None:
    replaced = places.dataset("trees", styles=(style("#123456"), style(["get", "state"], "by-state")))
    fewer = places.dataset("trees", fields=tuple(f for f in replaced.fields if f.name != "state"), styles=())
    assert [each.id for each in keeping_styles(fewer, replaced).styles] == ["dots"]


def test_what_has_no_data_is_hatched_and_not_given_a_colour() -> None:
    """The layer's own colour for it would read as a value; a code that every feature has needs no hatching."""
    areas = places.dataset("areas", geometry=Geometry(type="Polygon"), style=Style(by="state"))
    (standard,) = styles_of(areas)
    fill, hatch = standard.layers[:2]
    assert evaluate(fill.filter, {"state": "good"}) and not evaluate(fill.filter, {})
    assert evaluate(hatch.filter, {}) and not evaluate(hatch.filter, {"state": "good"})
    assert [standard.in_mode(mode).layers[1].get("fill-pattern") for mode in ("day", "night")] == [
        Literal("hatch"),
        Literal("hatch-night"),
    ]
    always = replace(areas.field("state"), required=True)
    others = tuple(always if field.name == "state" else field for field in areas.fields)
    (sure,) = styles_of(replace(areas, fields=others))
    assert all(layer.get("fill-pattern") == Literal(None) for layer in sure.layers if layer.type == "fill")
