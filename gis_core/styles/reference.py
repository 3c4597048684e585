"""The reference of the style subset as Markdown, made from the tables that styles are checked by."""

from __future__ import annotations

from collections.abc import Iterator

from gis_core.palette import CATEGORIES, MAP_TONES, PAGE_TONES
from gis_core.styles.model import KEYS, MOST_BYTES, MOST_LAYERS
from gis_core.styles.properties import DRAWING_FEATURES, PROPERTIES, Property
from gis_core.styles.reader import DEEPEST, MOST_NODES, OPERATORS

HEAD = f"""# Styles: the subset

Made from the tables that styles are checked by (`huong reference --write`); do not edit. A style is the `layers` of
MapLibre style JSON, version 8, the lowest first, with the meaning of that specification. What is not named here is
refused when the style is saved, with the path of the part (`layers[2].paint.fill-color[1]`).

- At most {MOST_LAYERS} layers and {MOST_BYTES // 1024} kB; an expression of at most {MOST_NODES} parts, {DEEPEST} deep.
- Keys of a layer: {", ".join(f"`{key}`" for key in sorted(KEYS - {"metadata"}))}. `source` is left out, and
  `source-layer` too in the style of one layer.
- Zoom is MapLibre's: at zoom 0 the world is 512 px wide.
- A filter is an expression that is true or false. `["zoom"]` may only be the input of the outermost `step` or
  `interpolate` of a property. Colours at the stops of an `interpolate` are the same for all features.
- Names of pictures (`icon-image`, `fill-pattern`) are those of `/sprites/huong.json`; no address, no file.
- A field that an audience may not see is null in that audience's style.
- Where a value of the data does not fit (a text for a width, a text that is no colour, a division by 0), the property's
  default is drawn. A number beyond 1e100 counts as none, one nearer to 0 than 1e-100 as 0.

## Operators

{", ".join(f"`{name}`" for name in OPERATORS)}. `interpolate` is `["linear"]` or `["exponential", base]`; `in` takes
`["literal", [...]]`.

## Colours

`#rgb`, `#rrggbb`, `rgb()`, `rgba()`, `white`, `black`, `transparent`, or a name of the palette, which has a value of
its own by day, by night and on paper:

"""


ELSEWHERE = """
## In other programs

![The same styles drawn by MapLibre, Mapnik and QGIS](../pictures/styles.png)

A test draws every operator and property with MapLibre, Mapnik and QGIS 3.22 and compares colours, widths and places.
What differs:

- A null makes a comparison false and a sum null, not more: the style documents for MapLibre ask `has` before them.
- **Pictures** (Mapnik): a name is centred by its letters, so that accents and tails move it by a px or two.
- **QML** (`/styles/{name}.qml`, QGIS 3.22 and newer): lengths are millimetres of 1/96 inch; zooms are read off the
  scale of the map; the classes of the first colour are rules of QGIS, other choices are expressions. What MapLibre
  takes for all features at once (`line-cap`, `text-offset`) does not change with the zoom.
- **SLD** (`/styles/{name}.sld`, version 1.1): choices are exact rules; curves are steps, over the zoom at whole zooms,
  over a field in tenths of the way between stops; a number that comes straight from a field (a direction, a radius) is
  told apart by 30 degrees, or by widths that grow with it. Who goes first and who may overlap is not said, nor is
  `text-transform`.
- QGIS 3.22 reads an SLD's offsets of lines and icons mirrored, halos half as wide, and anchors and offsets of names,
  the opacity of names and all of a label but its first field not at all. The QML has all of these.
- Heights (`fill-extrusion`) are plans everywhere but in MapLibre.
"""


def style_reference() -> str:
    """The whole page."""
    tones = ", ".join(f"`@{name}`" for name in (*MAP_TONES, *PAGE_TONES))
    marks = ", ".join(f"`@mark-{number}`" for number in range(len(CATEGORIES)))
    return f"{HEAD}{tones}, {marks}.\n" + "".join(sections()) + ELSEWHERE


def sections() -> Iterator[str]:
    """A table for each type of layer."""
    for kind, properties in PROPERTIES.items():
        what = "" if kind in DRAWING_FEATURES else " (draws no features)"
        rows = "\n".join(row(name, each) for name, each in properties.items())
        yield (
            f"\n## `{kind}`{what}\n\n| property | in | takes | default | by feature | by zoom |\n"
            f"|---|---|---|---|---|---|\n{rows}\n"
        )


def row(name: str, given: Property) -> str:
    feature, zoom = ("yes" if given.feature else "", "yes" if given.zoom else "")
    return f"| `{name}` | {given.group} | {takes(given)} | {default(given)} | {feature} | {zoom} |"


def takes(given: Property) -> str:
    """What the property may be, in words."""
    low, high = f"{given.low:g}", f"{given.high:g}"
    fewest, most = given.length
    match given.kind:
        case "number":
            return f"number, {low} to {high}"
        case "enum":
            return ", ".join(f"`{each}`" for each in given.choices)
        case "numbers":
            count = str(fewest) if fewest == most else f"{fewest} to {most}"
            return f"{count} numbers, {low} to {high}"
        case "fonts":
            return f"{fewest} to {most} names of fonts"
        case "image":
            return "name of a picture"
    return given.kind


def default(given: Property) -> str:
    if given.default is None or given.default in ("", ()):
        return "none"
    value = given.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{', '.join(f'{each:g}' if isinstance(each, float) else str(each) for each in value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
