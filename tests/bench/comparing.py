"""One run beside the page of the last one: which bars are met, and what has become worse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tests.bench.figures import Figure

WORSE = 0.05  # from this share on a ratio is called worse than it was
RATIO = re.compile(r"([\d.]+) × ([\w ]*[\w])")


def ratios(page: str) -> dict[str, dict[str, float]]:
    """The ratios to peers that a page tells, by figure and peer."""
    rows = (line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| "))
    return {row[0]: of_text(row[2]) for row in rows if len(row) == 5}


def of_text(text: str) -> dict[str, float]:
    """``1.54 × psycopg, 0.15 × pygeoapi`` as numbers."""
    return {peer: float(number) for number, peer in RATIO.findall(text)}


def worse(found: Sequence[Figure], before: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """What has lost more than `WORSE` against a peer since ``before``. A goal of "≥" wants much, any other little."""
    for figure in found:
        for peer, now in of_text(figure.ratio).items():
            was = before.get(figure.what, {}).get(peer)
            if was and (was / now if figure.goal.startswith("≥") else now / was) > 1 + WORSE:
                yield f"{figure.what}: {now:g} × {peer}, was {was:g}"


def verdict(found: Sequence[Figure], before: Mapping[str, Mapping[str, float]]) -> str:
    """Which bars are met and which are not, and what is worse than on the page of before."""
    missed = [f"{each.what}: {each.ratio} (goal {each.goal})" for each in found if each.reached is False]
    alone = [each.what for each in found if each.reached is None]
    met = sum(each.reached is True for each in found)
    parts = [f"{met} of {len(found)} bars are met."]
    for title, lines in (
        ("NOT met", missed),
        ("Nothing to compare with", alone),
        (f"Worse than before by more than {WORSE:.0%} of the ratio", list(worse(found, before))),
    ):
        parts += [f"{title}: {len(lines)}", *(f"  {line}" for line in lines)]
    return "\n".join(parts)
