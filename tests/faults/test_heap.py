"""What a server has loaded is not looked through for garbage again and again: that stops all threads of a process.

How long that takes is no matter of a test on a busy machine; how much there is to look through is.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from gis_core.config import Config
from tests.city_plugin import CLUSTER, IN_PROCESS, ROOT, environment_of

CITY = "demo"
TOLD = "import gc; print(gc.get_freeze_count(), len(gc.get_objects()))"
WEB = f"from gis_core.asgi import django; django(); {TOLD}"
TILES = f"""
import asyncio
from tilesrv.app import App
async def main():
    app = App()
    await app.start()
    await app._map_services()
    {TOLD}
    await app.stop()
asyncio.run(main())
"""


@pytest.mark.parametrize(("server", "most"), [(WEB, 2_000), (TILES, 10_000)], ids=["web", "tiles"])
def test_what_is_loaded_is_looked_through_no_more(server: str, most: int, city: Config) -> None:
    """Would fail if views, or the services of maps, came to the heap after it was settled, or if it never were."""
    environment = {**environment_of(IN_PROCESS), "HUONG_SECRET": CLUSTER.secret}
    done = subprocess.run(
        [sys.executable, "-c", server], capture_output=True, text=True, cwd=ROOT, env=environment, check=True
    )
    settled, left = map(int, done.stdout.split())
    assert settled > 50_000 and left < most
