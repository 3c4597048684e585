"""What a picture shows of each feature, in numbers, and how far two pictures may differ.

Edges are smoothed differently by everybody, so widths are how much ink a line of pixels holds, not where it begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.clients.same_picture.features import FEATURES, Feature

Pixels = NDArray[np.float64]
HALF_WIDTH, HALF_HEIGHT = 32, 50  # px of the window around a feature


@dataclass(frozen=True)
class Measured:
    """One feature. ``middle``: colour of its middle. ``across``, ``along``: ink of the pixel column and row through the
    middle, px. ``ink``: of the whole, px² by channel. ``centre``: of the ink, px from the feature's place.
    ``size``: width and height of what is inked."""

    middle: Pixels
    across: float
    along: float
    ink: Pixels
    centre: Pixels
    size: Pixels


def pixels(picture: Image.Image) -> Pixels:
    """RGB from 0 to 255 over white, row by row."""
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    return np.asarray(ground.convert("RGB"), dtype=float)


def measured(picture: Image.Image) -> list[Measured]:
    image = pixels(picture)
    return [of_feature(image, feature) for feature in FEATURES]


def of_feature(image: Pixels, feature: Feature) -> Measured:
    x, y = feature.at
    window = image[y - HALF_HEIGHT : y + HALF_HEIGHT, x - HALF_WIDTH : x + HALF_WIDTH]
    ink = 255 - window
    total = ink.sum(axis=2)
    rows, columns = np.mgrid[-HALF_HEIGHT:HALF_HEIGHT, -HALF_WIDTH:HALF_WIDTH] + 0.5
    weight = total.sum()
    centre = (
        np.array([(columns * total).sum() / weight, (rows * total).sum() / weight])
        if weight > 300
        else np.zeros(2)
    )
    strongest = total.max()
    full = max(strongest, 1.0)
    inked = total > 0.5 * full if strongest > 60 else np.zeros_like(total, dtype=bool)
    return Measured(
        middle=image[y - 1 : y + 1, x - 1 : x + 1].mean(axis=(0, 1)),
        across=float(total[:, HALF_WIDTH - 1 : HALF_WIDTH + 1].mean(axis=1).sum() / full)
        if strongest > 60
        else 0.0,
        along=float(total[HALF_HEIGHT - 1 : HALF_HEIGHT + 1].mean(axis=0).sum() / full)
        if strongest > 60
        else 0.0,
        ink=ink.sum(axis=(0, 1)) / 255,
        centre=centre,
        size=np.array([inked.any(axis=0).sum(), inked.any(axis=1).sum()], dtype=float),
    )


# What is compared, and how far it may differ: px, levels of colour, or a share of the ink beside a few px².
SOLID = {"middle": 8.0, "across": 0.7, "along": 0.7, "ink": 0.06, "centre": 0.6}
TOLERANCES: Mapping[str, Mapping[str, float]] = {
    "fill": {"middle": 3.0, "ink": 0.03},
    "blend": {"middle": 4.0, "ink": 0.04},
    "outline": {
        "middle": 3.0,
        "ink": 0.4,
        "centre": 0.6,
    },  # a hairline, which MapLibre draws thinner than a px
    "edge": {"middle": 3.0, "ink": 0.05, "across": 0.8, "centre": 0.6},
    "ink": {"ink": 0.2},
    "line": {**SOLID, "along": 1.3},
    "dashes": {"ink": 0.12, "centre": 1.5},
    "ends": {**SOLID, "along": 1.1},
    # MapLibre smooths the edge of a circle inwards: half a px of the radius is lost to it.
    "disc": {"middle": 8.0, "across": 1.2, "along": 1.2, "centre": 0.6},
    "ring": {**SOLID, "across": 1.2, "along": 1.2, "ink": 0.1},
    # Mapnik centres an icon by the corners of its curves, which reach beyond them.
    "icon": {**SOLID, "across": 1.2, "along": 1.2, "centre": 1.2},
    # Mapnik centres the letters that there are, others the line that they stand on.
    "text": {"ink": 0.35, "centre": 3.6},
}
# Curves in an SLD are steps: half of a tenth of the way between two stops.
STEPS = {"middle": 10.0, "across": 2.7, "along": 2.7, "ink": 0.2}
FEW = 14.0  # px² of ink that may differ however little there is


def differences(one: list[Measured], other: list[Measured], tolerances: Mapping[str, float]) -> list[str]:
    """What differs more than it may, in words; the numbers of ``other`` are the reference."""
    found = []
    for feature, a, b in zip(FEATURES, one, other, strict=True):
        for name, limit in tolerances.items():
            mine, theirs = np.atleast_1d(getattr(a, name)), np.atleast_1d(getattr(b, name))
            allowed = limit * np.abs(theirs) + FEW if name == "ink" else np.full_like(theirs, limit)
            if (np.abs(mine - theirs) > allowed).any():
                found.append(f"feature {feature.number}: {name} {short(mine)} beside {short(theirs)}")
    return found


def short(values: Any) -> str:
    return "/".join(f"{value:.1f}" for value in values)
