"""Storms of dear requests against a running city, and what others notice of them.

    python -m tests.faults.storms http://127.0.0.1:8000 [seconds]

The city must believe our X-Forwarded-For (``HUONG_TRUSTED_PROXY=127.0.0.1``): a storm comes from addresses of its own,
and whoever looks on from others. While it blows the onlookers ask for health, a tile that is a file, and a small list;
then the storm ends and they ask on. Printed are the worst waits; the exit code says whether the bar was held.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

ONE, OTHERS = "203.0.113.{}", "198.51.100.{}"
# What others ask for -> seconds that the worst of them may wait while a storm blows.
ONLOOKERS: Mapping[str, float] = {
    "/healthz": 0.5,
    "/tiles/admin_units/9/408/232.mvt": 0.5,
    "/ogcapi/collections/admin_units/items?limit=10": 1.0,
}
PAUSE_S = 0.2
CALM_AFTER_S = 5.0
ATTRIBUTES = b"<GetFeature " + b" ".join(b'a%d="1"' % n for n in range(20_000)) + b"/>"
RING = ",".join(f"{106.9 + n / 60:.2f} {16 + n % 7 / 10:.1f}" for n in range(75))
LINE = f"LINESTRING({RING})"
HERE = {"inputs": {"lon": 107.58, "lat": 16.46, "distance_m": 5000, "limit": 50}}

Request = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class Storm:
    """``at_once`` requests, each sent anew as soon as it is answered; ``request`` makes the n-th."""

    at_once: int
    request: Request
    addresses: int = 1


def get(path: str) -> Request:
    return lambda n: {"method": "GET", "url": path}


def slow_filter(n: int) -> dict[str, Any]:
    """No index helps, and each feature is compared with a long line, twice."""
    asked = f"NOT S_DISJOINT(geom,{LINE}) OR S_CROSSES(geom,{LINE})"
    params = {"filter": f"NOT ({asked})", "limit": "1000"}
    return {"method": "GET", "url": "/ogcapi/collections/buildings/items", "params": params}


def large_picture(n: int) -> dict[str, Any]:
    """Another view each time."""
    west = 107.5 + n % 500 / 1000
    box = f"16.4,{west},16.5,{west + 0.1}"
    params = {
        "LAYERS": "buildings,roads,parcels",
        "STYLES": "",
        "CRS": "EPSG:4326",
        "BBOX": box,
        "FORMAT": "image/png",
    }
    size = {"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetMap", "WIDTH": "2000", "HEIGHT": "2000"}
    return {"method": "GET", "url": "/wms", "params": size | params}


CLICKED = "buildings,roads,parcels,facilities,reports,planning_zones,admin_units,waterways"


def click(n: int) -> dict[str, Any]:
    """GetFeatureInfo of many layers at once, another pixel each time."""
    asked = large_picture(n)
    more = {
        "LAYERS": CLICKED,
        "QUERY_LAYERS": CLICKED,
        "REQUEST": "GetFeatureInfo",
        "INFO_FORMAT": "text/html",
    }
    place = {"WIDTH": "300", "HEIGHT": "300", "I": str(n % 300), "J": str(n * 7 % 300), "FEATURE_COUNT": "50"}
    return {**asked, "params": asked["params"] | more | place}


STORMS: Mapping[str, Storm] = {
    "XML of 20,000 attributes": Storm(
        24, lambda n: {"method": "POST", "url": "/wfs", "content": ATTRIBUTES, "headers": {"Content-Type": "text/xml"}}
    ),
    "slow filters": Storm(20, slow_filter),
    "slow filters, many addresses": Storm(60, slow_filter, addresses=200),
    "list pages": Storm(48, get("/list?z=11&lat=16.4&lon=107.6")),
    "home pages, many addresses": Storm(60, get("/"), addresses=200),
    "searches": Storm(48, lambda n: {"method": "GET", "url": "/search", "params": {"q": f"duong {n % 7}"}}),
    "exports": Storm(24, get("/ogcapi/collections/buildings/items?f=csv&limit=10000")),
    "WFS": Storm(24, get("/wfs?service=WFS&version=2.0.0&request=GetFeature&typenames=buildings&count=10000")),
    "large pictures": Storm(30, large_picture),
    "large pictures, many addresses": Storm(30, large_picture, addresses=200),
    "clicks": Storm(40, click),
    "clicks, many addresses": Storm(60, click, addresses=200),
    "processes": Storm(
        24, lambda n: {"method": "POST", "url": "/ogcapi/processes/what-is-here/execution", "json": HERE}
    ),
}  # fmt: skip


@dataclass
class Seen:
    """Waits of the onlookers, in seconds, by path; and whatever was no 200."""

    waits: dict[str, list[float]] = field(default_factory=lambda: {path: [] for path in ONLOOKERS})
    refused: list[str] = field(default_factory=list)

    def worst(self, path: str) -> float:
        return max(self.waits[path], default=0.0)

    @property
    def holds(self) -> bool:
        return not self.refused and all(self.worst(path) <= bar for path, bar in ONLOOKERS.items())


@dataclass
class Course:
    """Before, during and after (from `CALM_AFTER_S` on) a storm; the statuses that the storm itself was given."""

    before: Seen = field(default_factory=Seen)
    during: Seen = field(default_factory=Seen)
    after: Seen = field(default_factory=Seen)
    statuses: dict[int, int] = field(default_factory=dict)


async def look_on(client: httpx.AsyncClient, path: str, seen: Seen, until: float) -> None:
    for n in count():
        if time.monotonic() >= until:
            return
        began = time.monotonic()
        answer = await client.get(path, headers={"X-Forwarded-For": OTHERS.format(n % 200)})
        seen.waits[path].append(time.monotonic() - began)
        if answer.status_code != 200:
            seen.refused.append(f"{path}: {answer.status_code}")
        await asyncio.sleep(PAUSE_S)


async def looked(client: httpx.AsyncClient, seconds: float) -> Seen:
    seen, until = Seen(), time.monotonic() + seconds
    await asyncio.gather(*(look_on(client, path, seen, until) for path in ONLOOKERS))
    return seen


async def blow(client: httpx.AsyncClient, storm: Storm, place: int, statuses: dict[int, int]) -> None:
    for n in count(place, storm.at_once):
        asked = storm.request(n)
        headers = {**asked.pop("headers", {}), "X-Forwarded-For": ONE.format(n % storm.addresses)}
        answer = await client.request(**asked, headers=headers)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        if answer.status_code == 429:
            await asyncio.sleep(0.05)


async def weather(url: str, storm: Storm, seconds: float) -> Course:
    """Look on, let the storm blow for ``seconds``, end it (its clients leave), and look on once more."""
    course, none = Course(), httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=url, limits=none, timeout=120) as ours,
        httpx.AsyncClient(base_url=url, limits=none, timeout=120) as theirs,
    ):
        course.before = await looked(ours, seconds / 3)
        gusts = [asyncio.create_task(blow(theirs, storm, n, course.statuses)) for n in range(storm.at_once)]
        try:
            course.during = await looked(ours, seconds)
        finally:
            for gust in gusts:
                gust.cancel()
            await asyncio.gather(*gusts, return_exceptions=True)
        await asyncio.sleep(CALM_AFTER_S)
        course.after = await looked(ours, seconds / 3)
    return course


def lines(name: str, course: Course) -> list[str]:
    """A row for each onlooker: worst wait before, during and after, in milliseconds."""
    told = ", ".join(f"{status}: {number}" for status, number in sorted(course.statuses.items()))
    made = [f"{name} ({told})"]
    for path in ONLOOKERS:
        waits = (seen.worst(path) * 1000 for seen in (course.before, course.during, course.after))
        made.append(f"  {path:50} " + "".join(f"{wait:8.0f} ms" for wait in waits))
    return made + [f"  refused: {each}" for each in course.during.refused + course.after.refused]


def main() -> int:
    url, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 10
    held = True
    print(f"{'worst wait':52} {'before':>11}{'during':>11}{'after':>11}")
    for name, storm in STORMS.items():
        course = asyncio.run(weather(url, storm, seconds))
        held = held and course.during.holds and course.after.holds
        print("\n".join(lines(name, course)), flush=True)
    print("the bar is held" if held else "the bar is NOT held")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
