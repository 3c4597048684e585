"""Configuration of the front door, filled into deploy/nginx.conf."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from gis_core.admission.addresses import questions_pattern
from gis_core.admission.lanes import INDEXED
from gis_core.config import ROOT, Config, SettingError
from gis_core.http import bodies, cors
from gis_core.http.policy import EVERYWHERE
from gis_core.runtime.limits import Limits
from gis_core.runtime.place import Place
from gis_core.runtime.processes import Address, local_addresses
from gis_core.runtime.refusals import refusals_text

TEMPLATE = ROOT / "deploy" / "nginx.conf"
# Names that the servers behind us write in lower case (their libraries do), as they go out: HTTP does not mind, but
# QGIS looks for "Location" and takes a feature without it for not made. Each comes once in an answer.
NAMES = (
    "Allow",
    "Cache-Control",
    "Content-Crs",
    "Content-Disposition",
    "Content-Language",
    "ETag",
    "Link",
    "Location",
    "OGC-NumberMatched",
    "OGC-NumberReturned",
    "Retry-After",
    "WWW-Authenticate",
)
METRICS_SERVER = """\
server {{
        listen 127.0.0.1:{port};
        location = /metrics {{
            proxy_set_header Host 127.0.0.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For "";
            proxy_set_header X-Asker "";
            proxy_pass http://web;
        }}
        location / {{
            return 404;
        }}
    }}"""


@dataclass(frozen=True)
class Door:
    """What differs between a machine and a container."""

    run: str
    var: str
    temporary: str
    listen: str
    upstreams: Mapping[str, Address]
    scheme: str = "http"
    user: str = ""
    trusted_proxy: str = ""
    metrics_port: int = 0
    limits: Limits = field(default_factory=Limits)
    headers: Mapping[str, str] = field(default_factory=lambda: EVERYWHERE)


def local_door(config: Config) -> Door:
    """The door of this instance, from its settings; SettingError names the one at fault."""
    place = Place.of(config)
    scheme = "https" if config.public_url.startswith("https:") else "http"
    secure = {"Strict-Transport-Security": "max-age=31536000"} if scheme == "https" else {}
    return Door(
        run=str(place.run),
        var=str(config.var),
        temporary=str(place.run / "nginx"),
        listen=f"127.0.0.1:{config.port}",
        upstreams=local_addresses(place),
        scheme=scheme,
        # The checkout may lie where only root can enter (/root): then nobody else could read the files it serves.
        user="user root;" if os.geteuid() == 0 else "",
        trusted_proxy=trusted_proxy(os.environ.get("HUONG_TRUSTED_PROXY", "")),
        metrics_port=metrics_port(config),
        limits=Limits.from_env(),
        headers={**EVERYWHERE, **secure},
    )


def trusted_proxy(value: str) -> str:
    """HUONG_TRUSTED_PROXY, the address (or network) of the city's own proxy, whose X-Forwarded-For is believed."""
    if not value:
        return ""
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise SettingError(f"HUONG_TRUSTED_PROXY={value!r} is no address or network") from error


def metrics_port(config: Config) -> int:
    """HUONG_METRICS_PORT: where /metrics is served on 127.0.0.1; 0 (not at all) by default."""
    value = os.environ.get("HUONG_METRICS_PORT") or "0"
    if not value.isdecimal() or int(value) > 65535 or int(value) == config.port:
        raise SettingError(f"HUONG_METRICS_PORT={value!r} is not a port number of its own")
    return int(value)


def nginx_text(door: Door) -> str:
    """nginx.conf; ValueError if the template and this function disagree about its words."""
    proxy = door.trusted_proxy
    hidden, names = names_text()
    words = {
        "USER": door.user,
        "RUN": quotable(door.run),
        "VAR": quotable(door.var),
        "TEMPORARY": quotable(door.temporary),
        "LISTEN": door.listen,
        "SCHEME": door.scheme,
        "WEB": quotable(door.upstreams["web"].upstream),
        "TILES": quotable(door.upstreams["tiles"].upstream),
        "TRUSTED_PROXY": f"set_real_ip_from {proxy}; real_ip_header X-Forwarded-For;" if proxy else "",
        "HIDDEN": hidden,
        "NAMES": names,
        "METRICS": METRICS_SERVER.format(port=door.metrics_port) if door.metrics_port else "",
        **sizes(),
        "INDEXED": "|".join(sorted(INDEXED)),
        "QUESTIONS": questions_pattern(),
        "OPEN": " ".join(f'add_header {name} "{value}";' for name, value in cors.HEADERS),
        **door.limits.words(),
    }
    template = TEMPLATE.read_text()
    body = template[template.index("\n", template.index("# The front door")) :]
    return re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], body).lstrip()


def sizes() -> Mapping[str, str]:
    """Where more may be sent than anywhere else, and whether who sends it must be allowed to write there."""
    found = {"BODY": str(bodies.EVERYWHERE.most), "LIGHT": rf"^\d{{0,{len(str(bodies.UNASKED))}}} $"}
    for name in ("ITEMS", "ITEM", "ADMINISTRATION", "PLACE", "WFS"):
        size: bodies.Size = getattr(bodies, name)
        found[name] = f'"{size.pattern}"'
        found[f"{name}_BODY"] = f"client_max_body_size {size.most};" + (
            " auth_request /leave;" if size.leave else ""
        )
    headers = {"WITHHELD": bodies.WITHHELD, "REFUSED_WITH": bodies.REFUSED_WITH}
    headers |= {"REFUSAL": bodies.REFUSAL, "CHALLENGE": bodies.CHALLENGE}
    return (
        found
        | {"WITHHELD": headers.pop("WITHHELD")}
        | {name: f"$upstream_http_{header.lower().replace('-', '_')}" for name, header in headers.items()}
    )


def quotable(path: str) -> str:
    """A path that may stand between double quotes in nginx.conf; SettingError if it may not."""
    if re.search(r"[\"';{}$\n\\]", path):
        raise SettingError(f"nginx cannot serve from {path!r}: quotes, braces, $, ; or \\ in the path")
    return path


def headers_text(headers: Mapping[str, str]) -> str:
    """The security headers, included wherever a location adds a header of its own (nginx then forgets the rest)."""
    return "".join(f'add_header {name} "{value}" always;\n' for name, value in headers.items())


def names_text() -> tuple[str, str]:
    """What hides the headers of `NAMES` as they come from behind, and what writes them as they go out."""
    hide = "\n    ".join(f"proxy_hide_header {name};" for name in NAMES)
    variables = {name: "$upstream_http_" + name.lower().replace("-", "_") for name in NAMES}
    return hide, "\n        ".join(f"add_header {name} {value} always;" for name, value in variables.items())


def write_nginx(config: Config) -> Path:
    """Write the configuration of this instance and return its path."""
    place = Place.of(config)
    door = local_door(config)
    (place.run / "nginx").mkdir(parents=True, exist_ok=True)
    (config.var / "tilecache" / "citizen").mkdir(parents=True, exist_ok=True)
    (config.var / "static").mkdir(parents=True, exist_ok=True)
    (place.run / "headers.conf").write_text(headers_text(door.headers))
    (place.run / "refusals.conf").write_text(refusals_text(door.run))
    path = place.run / "nginx.conf"
    path.write_text(nginx_text(door))
    return path
