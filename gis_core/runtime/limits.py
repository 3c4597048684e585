"""How much one network address may ask of the front door.

A commune's office, a school or a mobile operator puts hundreds of people behind one address, and in a flood all of
them ask at once. So the numbers are those of such an address, not of a person: they stop a script that would take the
whole city's processes, and nobody else. Who signs in is limited by name as well (django-axes).

| variable | what one address may do | default | why |
|---|---|---|---|
| HUONG_LIMIT_WORK | requests of it at a time that the page process answers or keeps waiting | 400 | see queries |
| HUONG_LIMIT_STREAMS | event streams open at a time | 1000 | a quarter of what the front door can hold |
| HUONG_LIMIT_QUERIES | filtered lists, searches, processes a minute | 1200 | 300 people, each every 15 s |
| HUONG_LIMIT_QUERIES_BURST | ... of them at once; a quarter of them wait | 400 | 300 people in the same second |
| HUONG_LIMIT_SIGN_INS | attempts to sign in a minute | 120 | a password check costs a tenth of a second |
| HUONG_LIMIT_SIGN_INS_BURST | ... of them at once | 300 | 300 people at the start of the working day |
| HUONG_LIMIT_DRAWINGS | pictures that are drawn for it at a time | 48 | a third of those that may wait to be drawn |
| HUONG_LIMIT_SHEETS | sheets to be printed a minute; as many at once | 60 | A0 takes a processor some seconds |
| HUONG_LIMIT_UPLOADS | bodies of more than 99,999 bytes that come from it at a time | 12 | 20 MB of disk each |
| HUONG_LIMIT_DOWNLOADS | answers of many MB that are made or fetched by it at a time | 48 | up to 20 MB of disk each |
| HUONG_UNLIMITED | networks that are not counted, with commas | none | the city's own machines |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from gis_core.config import SettingError

MOST = 1_000_000
# Not this machine: a proxy that HUONG_TRUSTED_PROXY does not name would send everybody from one address.
THIS_MACHINE = ("127.0.0.0/8", "::1")


@dataclass(frozen=True)
class Limits:
    """Of one address: requests to pages and APIs at a time; open streams; queries and sign-ins a minute and at once;
    pictures being drawn; sheets a minute; large bodies that come in at a time; large answers that go out at a time.

    0 is no limit.
    """

    work: int = 400
    streams: int = 1000
    queries: int = 1200
    queries_burst: int = 400
    sign_ins: int = 120
    sign_ins_burst: int = 300
    drawings: int = 48
    sheets: int = 60
    uploads: int = 12
    downloads: int = 48
    unlimited: tuple[str, ...] = THIS_MACHINE

    @classmethod
    def from_env(cls) -> Limits:
        """Read the environment; SettingError names the variable at fault."""
        return cls(
            work=_number("HUONG_LIMIT_WORK", cls.work),
            streams=_number("HUONG_LIMIT_STREAMS", cls.streams),
            queries=_number("HUONG_LIMIT_QUERIES", cls.queries),
            queries_burst=_number("HUONG_LIMIT_QUERIES_BURST", cls.queries_burst),
            sign_ins=_number("HUONG_LIMIT_SIGN_INS", cls.sign_ins),
            sign_ins_burst=_number("HUONG_LIMIT_SIGN_INS_BURST", cls.sign_ins_burst),
            drawings=_number("HUONG_LIMIT_DRAWINGS", cls.drawings),
            sheets=_number("HUONG_LIMIT_SHEETS", cls.sheets),
            uploads=_number("HUONG_LIMIT_UPLOADS", cls.uploads),
            downloads=_number("HUONG_LIMIT_DOWNLOADS", cls.downloads),
            unlimited=(*THIS_MACHINE, *_networks("HUONG_UNLIMITED")),
        )

    def words(self) -> Mapping[str, str]:
        """What deploy/nginx.conf says of limits."""
        at_once = (
            self.queries_burst * 3 // 4
        )  # the last quarter waits its turn here, not in the city's processes
        return {
            "UNLIMITED": " ".join(f"{network} 0;" for network in self.unlimited),
            "WORK_LIMIT": f"limit_conn work {self.work};" if self.work else "",
            "QUERY_RATE": f"{self.queries or MOST}r/m",
            "QUERY_LIMIT": f"limit_req zone=queries burst={self.queries_burst} delay={at_once};"
            if self.queries
            else "",
            "SIGN_IN_RATE": f"{self.sign_ins or MOST}r/m",
            "SIGN_IN_LIMIT": f"limit_req zone=sign_ins burst={self.sign_ins_burst} nodelay;"
            if self.sign_ins
            else "",
            "STREAM_LIMIT": f"limit_conn streams {self.streams};" if self.streams else "",
            "DRAWING_LIMIT": f"limit_conn drawings {self.drawings};" if self.drawings else "",
            "UPLOAD_LIMIT": f"limit_conn uploads {self.uploads};" if self.uploads else "",
            "DOWNLOAD_LIMIT": f"limit_conn downloads {self.downloads};" if self.downloads else "",
            "SHEET_RATE": f"{self.sheets or MOST}r/m",
            "SHEET_LIMIT": f"limit_req zone=sheets burst={self.sheets} nodelay;" if self.sheets else "",
        }


def _number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdecimal() or int(text) > MOST:
        raise SettingError(f"{name}={text!r} is not a whole number from 0 to {MOST}")
    return int(text)


def _networks(name: str) -> tuple[str, ...]:
    given = [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]
    try:
        return tuple(str(ip_network(part)) for part in given)
    except ValueError as error:
        raise SettingError(f"{name}: {error}") from error
