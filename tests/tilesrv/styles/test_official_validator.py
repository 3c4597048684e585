"""Every style document passes the official validator of the MapLibre style specification."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gis_core.config import ROOT
from gis_core.runtime.frontend import node_program
from gis_core.styles.colours import MODES
from gis_core.terrain import HeightModel
from tests.tilesrv.styles.declared import catalogue, named
from tilesrv.styles.book import BASEMAP
from tilesrv.styles.forms import Asked, make

VALIDATOR = (
    ROOT / "web" / "node_modules" / "@maplibre" / "maplibre-gl-style-spec" / "dist" / "gl-style-validate.mjs"
)


HEIGHTS = HeightModel(file="heights-1.tif", zoom=12, bounds=(0, 0, 1, 1), lowest=0, highest=1, sources=())


def validated(paths: list[Path]) -> subprocess.CompletedProcess[str]:
    if not VALIDATOR.exists():
        pytest.skip("the front end's packages are not installed (script/server)")
    command = [str(node_program()), str(VALIDATOR), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, timeout=200)


def test_every_style_of_every_audience_in_every_mode(tmp_path: Path) -> None:
    """With relief, where a style has any."""
    paths = []
    for name, caller in dict.fromkeys(named()):
        for mode in MODES:
            body = make(catalogue(), caller, Asked(name, "json", mode, "vi", "https://example.org"), HEIGHTS)
            assert name != BASEMAP or b'"hillshade"' in body
            path = tmp_path / f"{name.replace(':', '+')}-{caller.audience}-{mode}.json"
            path.write_bytes(body)
            paths.append(path)
    assert len(paths) > 200
    done = validated(paths)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    """Were it not so, the test above could not fail."""
    style = json.loads(
        make(catalogue(), next(named())[1], Asked("roads", "json", "day", "vi", "https://example.org"))
    )
    style["layers"][0]["paint"]["line-color"] = "reddish"
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(style))
    done = validated([path])
    assert done.returncode != 0 and "reddish" in done.stdout + done.stderr
