"""What a style gives a feature in the drawn picture: the same colours as on the live map."""

from __future__ import annotations

from typing import Any

from gis_core.styles import MapStyle, parse_layers
from gis_core.words import Text
from web.paint import HATCH, Brush, Paint, Sign


def styled(*layers: dict[str, Any]) -> MapStyle:
    numbered = [{"id": f"l{at}", **layer} for at, layer in enumerate(layers)]
    return parse_layers(numbered, id="test", title=Text("Thử", "Test"), collection="things")


def test_names_of_the_palette_stay_names() -> None:
    """Resolved by the server, they would be those of day in a page that is read by night."""
    style = styled({"type": "fill", "paint": {"fill-color": "@map-water", "fill-opacity": 0.5}})
    assert Brush(style, 12).shape({}, "Polygon") == Paint(fill="var(--map-water)", fill_opacity=0.5)


def test_the_uppermost_fill_is_drawn_and_a_line_in_the_colour_of_its_casing() -> None:
    style = styled(
        {"type": "fill", "paint": {"fill-color": "#111111"}},
        {"type": "fill", "filter": ["==", ["get", "kind"], "park"], "paint": {"fill-color": "#222222"}},
        {"type": "line", "paint": {"line-color": "#333333", "line-width": 4}},
        {"type": "line", "paint": {"line-color": "#444444", "line-width": 2}},
    )
    brush = Brush(style, 12)
    assert brush.shape({"kind": "park"}, "Polygon").fill == "#222222"
    other = brush.shape({"kind": "road"}, "Polygon")
    assert (other.fill, other.stroke, other.width) == ("#111111", "#333333", 2)


def test_the_zoom_decides_what_is_drawn_and_how_wide() -> None:
    width = ["interpolate", ["linear"], ["zoom"], 8, 1, 12, 5]
    style = styled({"type": "line", "minzoom": 9, "paint": {"line-width": width}})
    assert Brush(style, 10).shape({}, "LineString").width == 3
    assert not Brush(style, 8).shape({}, "LineString").is_seen


def test_dashes_are_in_widths_of_the_line() -> None:
    style = styled({"type": "line", "paint": {"line-width": 2, "line-dasharray": [3, 1.5]}})
    assert Brush(style, 10).shape({}, "LineString").dash == "6 3"


def test_no_data_is_hatched() -> None:
    style = styled({"type": "fill", "paint": {"fill-pattern": "hatch"}})
    assert Brush(style, 10).shape({}, "Polygon").fill == HATCH


def test_a_point_has_its_silhouette_and_colour() -> None:
    colour = ["match", ["get", "state"], "bad", "#B3261E", "#1B6E3C"]
    style = styled(
        {"type": "symbol", "layout": {"icon-image": "drop-hollow"}, "paint": {"icon-color": colour}}
    )
    brush = Brush(style, 10)
    assert brush.sign({"state": "bad"}, "Point") == Sign("drop-hollow", "#B3261E")
    assert brush.sign({}, "Point") == Sign("drop-hollow", "#1B6E3C")


def test_a_shape_names_only_what_differs_from_its_group() -> None:
    """Each attribute is written hundreds of times into a page that a phone waits for."""
    group = Paint(fill="#111111", stroke="#333333", width=1)
    assert Paint(fill="#222222", stroke="#333333", width=1).attributes(group) == [("fill", "#222222")]
    assert group.attributes(group) == []
