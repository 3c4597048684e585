"""MapServer and QGIS Server beside ours: FastCGI behind nginx with persistent connections, on the same tables.

Both draw what our style draws: parcels filled by use, a thin outline. QGIS Server is given our own QML.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gis_core.styles.colours import Colour
from tests.bench.peers import SCHEMA, WORKERS, Absent, Peer, running

MAPSERVER, QGIS = "MapServer", "QGIS Server"
PROGRAMS = {MAPSERVER: "/usr/lib/cgi-bin/mapserv", QGIS: "/usr/lib/cgi-bin/qgis_mapserv.fcgi"}
PACKAGES = {MAPSERVER: "cgi-mapserver", QGIS: "qgis-server"}

NGINX = """\
daemon off;
user root;
pid "{folder}/nginx.pid";
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path "{folder}/body";
    fastcgi_temp_path "{folder}/fastcgi";
    proxy_temp_path "{folder}/proxy";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    fastcgi_buffers 16 256k;
    fastcgi_buffer_size 256k;
    upstream server {{ server "unix:{folder}/server.sock"; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            include /etc/nginx/fastcgi_params;
            {parameters}
            fastcgi_keep_conn on;
            fastcgi_pass server;
        }}
    }}
}}
"""
MAPFILE = """\
MAP
  NAME "bench"
  EXTENT {extent}
  SIZE 800 600
  MAXSIZE 4096
  IMAGECOLOR 255 255 255
  PROJECTION "init=epsg:3857" END
  WEB METADATA "wms_title" "bench" "wms_srs" "EPSG:3857" "wms_enable_request" "*" END END
  OUTPUTFORMAT NAME "png" DRIVER AGG/PNG MIMETYPE "image/png" IMAGEMODE RGB EXTENSION "png" END
  LAYER
    NAME "parcels"
    TYPE POLYGON
    STATUS ON
    METADATA "wms_title" "parcels" END
    PROJECTION "init=epsg:3857" END
    CONNECTIONTYPE POSTGIS
    CONNECTION "{connection}"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    DATA "geom3857 from (select fid, use_code, geom3857 from {table}) as t using unique fid using srid=3857"
    CLASSITEM "use_code"
{classes}
  END
END
"""
CLASS = '    CLASS EXPRESSION "{use}" STYLE COLOR {fill} OUTLINECOLOR {outline} WIDTH {width} END END'
# Run by the system's Python, which has QGIS: a project of one layer in our style.
PROJECT = """\
import sys
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsDataSourceUri, QgsProject, QgsRectangle,
                       QgsVectorLayer)
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
host, port, name, user, password, table, qml, target, *extent = sys.argv[1:]
uri = QgsDataSourceUri()
uri.setConnection(host, port, name, user, password)
schema, bare = table.split(".")
uri.setDataSource(schema, bare, "geom3857", "", "fid")
uri.setSrid("3857")
layer = QgsVectorLayer(uri.uri(False), "parcels", "postgres")
assert layer.isValid(), layer.error().message()
message, done = layer.loadNamedStyle(qml)
assert done, message
project = QgsProject.instance()
project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
project.addMapLayer(layer)
project.writeEntry("WMSServiceCapabilities", "/", True)
project.writeEntry("WMSCrsList", "/", ["EPSG:3857"])
assert project.write(target)
"""


def program_of(name: str) -> str:
    program = PROGRAMS[name]
    if not Path(program).exists() or not shutil.which("spawn-fcgi"):
        raise Absent(f"not installed (apt-get install {PACKAGES[name]} spawn-fcgi)")
    return program


def version_of(name: str) -> str:
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f=${Version}", PACKAGES[name]], capture_output=True, text=True, check=False
    )
    return shown.stdout.partition("+")[0].partition("-")[0]


@contextmanager
def served(name: str, var: Path, port: int, env: Mapping[str, str], probe: str) -> Iterator[Peer]:
    """The FastCGI program, `WORKERS` processes of it, behind an nginx of its own."""
    folder = var / name.lower().replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.sock").unlink(missing_ok=True)
    # A FastCGI program reads its settings with each request.
    parameters = "\n            ".join(f'fastcgi_param {key} "{value}";' for key, value in env.items())
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, parameters=parameters))
    pids = folder / "pids"
    spawn = ["spawn-fcgi", "-s", str(folder / "server.sock"), "-F", str(WORKERS), "-P", str(pids)]
    with (folder / "program.log").open("ab") as log:
        subprocess.run(
            [*spawn, "--", program_of(name)], env={**os.environ, **env}, stdout=log, stderr=log, check=True
        )
    try:
        nginx = ["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf")]
        with running(nginx, {}, f"http://127.0.0.1:{port}{probe}", folder / "nginx.log"):
            yield Peer(name, version_of(name), port)
    finally:
        for pid in pids.read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


@contextmanager
def mapserver(
    var: Path,
    database: Mapping[str, str],
    port: int,
    layer: str,
    look: Mapping[str, str],
    outline: str,
    width: float,
    extent: str,
) -> Iterator[Peer]:
    """``look`` maps each use to its colour, over white as our opacity makes it."""
    program_of(MAPSERVER)
    classes = "\n".join(
        CLASS.format(use=use, fill=numbers(colour), outline=numbers(outline), width=width)
        for use, colour in look.items()
    )
    words = " ".join(f"{key}={database[key]}" for key in ("host", "port", "dbname", "user", "password"))
    path = var / "bench.map"
    path.write_text(
        MAPFILE.format(extent=extent, connection=words, table=f"{SCHEMA}.{layer}_tiles", classes=classes)
    )
    settings = var / "mapserver.conf"
    settings.write_text('CONFIG\n  ENV\n    MS_MAP_PATTERN "."\n  END\nEND\n')
    env = {"MS_MAPFILE": str(path), "MAPSERVER_CONFIG_FILE": str(settings)}
    probe = "/?SERVICE=WMS&REQUEST=GetCapabilities&VERSION=1.1.1"
    with served(MAPSERVER, var, port, env, probe) as peer:
        yield peer


def numbers(colour: str) -> str:
    red, green, blue, _ = Colour.parse(colour)
    return f"{red:.0f} {green:.0f} {blue:.0f}"


@contextmanager
def qgis_server(
    var: Path, database: Mapping[str, str], port: int, layer: str, qml: str, extent: str
) -> Iterator[Peer]:
    program_of(QGIS)
    style, project, script = var / "bench.qml", var / "bench.qgs", var / "project.py"
    style.write_text(qml)
    script.write_text(PROJECT)
    words = [database[key] for key in ("host", "port", "dbname", "user", "password")]
    env = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(var)}
    done = subprocess.run(
        [
            "/usr/bin/python3",
            str(script),
            *words,
            f"{SCHEMA}.{layer}_tiles",
            str(style),
            str(project),
            *extent.split(),
        ],
        env={**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Absent(f"its project cannot be made: {done.stderr.strip()[-200:]}")
    serving = {**env, "QGIS_PROJECT_FILE": str(project), "QGIS_SERVER_LOG_LEVEL": "2"}
    probe = "/?SERVICE=WMS&REQUEST=GetCapabilities&VERSION=1.3.0"
    with served(QGIS, var, port, serving, probe) as peer:
        yield peer
