"""An invented road network between places, and street grids around them."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

Place = tuple[float, float]
Edge = tuple[int, int]
Line = tuple[Place, ...]

# A degree of longitude in degrees of latitude, at Huế: cos(16.35°), written out so that it is the same everywhere.
SHORTER = 0.959555


def distances(places: Sequence[Place]) -> np.ndarray:
    """Square matrix of distances in degrees of latitude, on the local plane."""
    xy = np.array(places) * (SHORTER, 1.0)
    step = xy[:, None, :] - xy[None, :, :]
    return np.sqrt(step[..., 0] * step[..., 0] + step[..., 1] * step[..., 1])


def relative_neighbours(places: Sequence[Place]) -> list[Edge]:
    """Edges (i < j) of the relative neighbourhood graph (Toussaint 1980): no third place is nearer to both ends.

    It contains the minimum spanning tree, so every place can be reached.
    """
    apart = distances(places)
    edges = []
    for i, j in itertools.combinations(range(len(places)), 2):
        between = np.maximum(apart[i], apart[j])
        between[[i, j]] = np.inf
        if not (between < apart[i, j]).any():
            edges.append((i, j))
    return edges


def shortest_path(places: Sequence[Place], edges: Iterable[Edge], start: int, end: int) -> list[Edge]:
    """The edges (i < j) of the shortest way (Dijkstra); ValueError if there is none."""
    apart = distances(places)
    ways: dict[int, list[int]] = {}
    for i, j in edges:
        ways.setdefault(i, []).append(j)
        ways.setdefault(j, []).append(i)
    queue: list[tuple[float, int, int]] = [(0.0, start, start)]
    came_from: dict[int, int] = {}
    while queue:
        length, here, before = heapq.heappop(queue)
        if here in came_from:
            continue
        came_from[here] = before
        if here == end:
            return _walk_back(came_from, start, end)
        for there in ways.get(here, ()):
            heapq.heappush(queue, (length + float(apart[here, there]), there, here))
    raise ValueError(f"place {end} cannot be reached from place {start}")


def _walk_back(came_from: Mapping[int, int], start: int, end: int) -> list[Edge]:
    path = []
    while end != start:
        before = came_from[end]
        path.append((min(before, end), max(before, end)))
        end = before
    return path


def winding(one: Place, two: Place, rng: np.random.Generator, *, spacing: float = 0.006) -> Line:
    """A line from ``one`` to ``two`` that winds: a vertex each ``spacing`` degrees, off by 12% of it (sigma)."""
    length = ((two[0] - one[0]) ** 2 + (two[1] - one[1]) ** 2) ** 0.5
    inner = int(length / spacing)
    points = [one]
    for step in range(1, inner + 1):
        share = step / (inner + 1)
        dx, dy = rng.normal(0.0, 0.12 * spacing, 2)
        lon = one[0] + (two[0] - one[0]) * share + float(dx)
        lat = one[1] + (two[1] - one[1]) * share + float(dy)
        points.append((round(lon, 6), round(lat, 6)))
    return (*points, two)


def pieces(line: Line, vertices: int) -> list[Line]:
    """``line`` cut into pieces of at most ``vertices`` steps, each beginning where the last one ended."""
    return [line[start : start + vertices + 1] for start in range(0, len(line) - 1, vertices)]


def street_grid(
    centre: Place, streets: int, block: float, tilt: tuple[float, float]
) -> list[tuple[int, Line]]:
    """A grid of ``streets`` by ``streets`` around ``centre``, cut at its junctions: (number of the street, piece).

    ``block`` is the side of a block in degrees of latitude, ``tilt`` a unit vector along the first streets. The first
    ``streets`` numbers run along it, the others across; the middle ones cross in ``centre``.
    """
    middle = streets // 2
    ux, uy = tilt

    def junction(along: int, across: int) -> Place:
        x, y = (along - middle) * block, (across - middle) * block
        lon, lat = centre[0] + (x * ux - y * uy) / SHORTER, centre[1] + x * uy + y * ux
        return (centre[0], centre[1]) if along == across == middle else (round(lon, 6), round(lat, 6))

    found: list[tuple[int, Line]] = []
    for street in range(streets):
        for step in range(streets - 1):
            found.append((street, (junction(step, street), junction(step + 1, street))))
            found.append((streets + street, (junction(street, step), junction(street, step + 1))))
    return found


def reached_from(start: Place, lines: Sequence[tuple[int, Line]]) -> list[tuple[int, Line]]:
    """Those of ``lines`` that can be reached from ``start`` along lines that meet at their ends."""
    found: list[tuple[int, Line]] = []
    reached, left = {start}, list(lines)
    while True:
        now = [item for item in left if item[1][0] in reached or item[1][-1] in reached]
        if not now:
            return found
        found += now
        reached |= {end for _, line in now for end in (line[0], line[-1])}
        left = [item for item in left if item not in now]
