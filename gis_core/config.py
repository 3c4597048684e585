"""Settings of one running city, read from the environment once.

| variable | meaning | default |
|---|---|---|
| HUONG_DATABASE_URL | ``postgresql://owner[:password]@host[:port]/name``; the owner of the tables | private cluster |
| HUONG_ROLE_PREFIX | prefix of the roles (they are cluster-wide) | ``huong`` |
| HUONG_PORT | port of the front door on 127.0.0.1 | 8000 |
| HUONG_DATA | folder of source data to import from | none |
| HUONG_VAR | folder that the running city writes to | ``<checkout>/var`` |
| HUONG_PUBLIC_URL | address that users see | ``http://127.0.0.1:<port>`` |
| HUONG_SECRET | secret of the instance | kept in ``<var>/secret`` |
| HUONG_SECRET_FILE | file that holds the secret (containers) | none |
| HUONG_MAIL_URL | ``smtp://user:password@host:587`` or ``smtps://``, for letters to users | files in ``<var>/mail`` |
| HUONG_MAIL_FROM | sender of those letters | ``huong@localhost`` |
| HUONG_DEMO | 0 to begin with empty layers instead of the demo city | 1 |
| HUONG_TILE_FILES_MB | bound of the folder of anonymous tiles; 0 keeps none | 2048 |
| HUONG_FETCH_FROM | hosts, by commas, from which processes may fetch inputs (https); none without it | none |
| HUONG_DEBUG | 1 for development pages | 0 |
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from gis_core.http.address import fault_of

ROOT = Path(__file__).resolve().parent.parent


SHORTEST_SECRET = (
    16  # characters; less can be guessed, and nothing at all is the file of an interrupted start
)


class SettingError(ValueError):
    """A setting that cannot be used, said with its name."""


def make_secret(path: Path) -> None:
    """Make ``path`` unless it is there: it is whole from its first moment, whoever else makes it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp gives a file that its user alone can read.
    handle, written = tempfile.mkstemp(prefix=".secret-", dir=path.parent)
    try:
        with open(handle, "w") as new:
            new.write(secrets.token_urlsafe(48))
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            os.link(written, path)
    finally:
        Path(written).unlink()


def read_secret(path: Path, name: str) -> str:
    """The secret in ``path``; SettingError, with ``name``, if it cannot be read or is too short to be one."""
    try:
        return long_enough(path.read_text().strip(), name)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name} cannot be read: {error}") from error


def long_enough(secret: str, name: str) -> str:
    """``secret``; SettingError, with ``name``, where keys derived from it could be guessed."""
    if len(secret) < SHORTEST_SECRET:
        raise SettingError(
            f"{name} holds {len(secret)} characters, too few for a secret (at least {SHORTEST_SECRET});"
            " a file that was lost comes from where you keep it, or is removed and a new one is made"
        )
    return secret


def hosts_of(text: str) -> frozenset[str]:
    """Names of hosts, by commas, in lower case; SettingError for what is none."""
    found = frozenset(name.strip().lower() for name in text.split(",") if name.strip())
    for name in found:
        if not re.fullmatch(r"([a-z0-9-]{1,63}\.)+[a-z]{2,63}", name):
            raise SettingError(f"HUONG_FETCH_FROM: {name!r} is not the name of a host")
    return found


@dataclass(frozen=True)
class Config:
    """One instance: where it lives, its database and its secret."""

    root: Path
    var: Path
    data: Path | None
    database_url: str
    role_prefix: str
    port: int
    public_url: str
    debug: bool
    demo: bool = True
    mail_url: str = ""
    mail_from: str = "huong@localhost"
    fetch_from: frozenset[str] = frozenset()

    @classmethod
    def from_env(cls) -> Config:
        """Read the environment; SettingError names the variable at fault."""
        env = os.environ
        var = Path(env.get("HUONG_VAR") or ROOT / "var").resolve()
        port = env.get("HUONG_PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingError(f"HUONG_PORT={port!r} is not a port number (1 to 65535)")
        prefix = env.get("HUONG_ROLE_PREFIX") or "huong"
        if not prefix.isidentifier() or prefix != prefix.lower() or len(prefix) > 40:
            raise SettingError(f"HUONG_ROLE_PREFIX={prefix!r} must be a short lower-case word")
        mail_url = env.get("HUONG_MAIL_URL", "")
        if mail_url and not mail_url.startswith(("smtp://", "smtps://")):
            raise SettingError("HUONG_MAIL_URL must look like smtp://user:password@host:587")
        public_url = (env.get("HUONG_PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/")
        if fault := fault_of(public_url):
            raise SettingError(f"HUONG_PUBLIC_URL={public_url!r} cannot be used: {fault}")
        return cls(
            root=ROOT,
            var=var,
            data=Path(env["HUONG_DATA"]) if env.get("HUONG_DATA") else None,
            database_url=env.get("HUONG_DATABASE_URL", ""),
            role_prefix=prefix,
            port=int(port),
            public_url=public_url,
            debug=env.get("HUONG_DEBUG") == "1",
            demo=env.get("HUONG_DEMO") != "0",
            mail_url=mail_url,
            mail_from=env.get("HUONG_MAIL_FROM") or "huong@localhost",
            fetch_from=hosts_of(env.get("HUONG_FETCH_FROM", "")),
        )

    @cached_property
    def secret(self) -> str:
        """The instance's secret; made once, readable by its user alone."""
        given = os.environ.get("HUONG_SECRET")
        if given:
            return long_enough(given.strip(), "HUONG_SECRET")
        if os.environ.get("HUONG_SECRET_FILE"):
            return read_secret(Path(os.environ["HUONG_SECRET_FILE"]), "HUONG_SECRET_FILE")
        path = self.var / "secret"
        if not path.exists():
            make_secret(path)
        return read_secret(path, str(path))

    def derive(self, purpose: str) -> str:
        """A key for one purpose, derived from the secret (HMAC-SHA-256, hex)."""
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def role(self, name: str) -> str:
        """The cluster-wide role of ``name``: ``owner``, ``app`` or an audience."""
        return f"{self.role_prefix}_{name}"

    def connection(self, name: str = "owner") -> dict[str, str]:
        """libpq parameters to connect as role ``name``.

        The private cluster writes its address to ``<var>/cluster.json``: {"host", "port", "dbname"}.
        """
        if not self.database_url:
            place = self.var / "cluster.json"
            if not place.exists():
                raise SettingError("no database: run script/server once, or set HUONG_DATABASE_URL")
            address = {key: str(value) for key, value in json.loads(place.read_text()).items()}
            return {**address, "user": self.role(name), "password": self.derive(f"role:{self.role(name)}")}
        return self._from_url(name)

    def _from_url(self, name: str) -> dict[str, str]:
        url = urlsplit(self.database_url)
        if url.scheme not in {"postgres", "postgresql"} or len(url.path) < 2:
            raise SettingError("HUONG_DATABASE_URL must look like postgresql://user@host:port/database")
        parameters = dict(parse_qsl(url.query))
        if url.hostname:
            parameters["host"] = unquote(url.hostname)
        if url.port:
            parameters["port"] = str(url.port)
        parameters["dbname"] = unquote(url.path[1:])
        if name == "owner" and url.username:
            parameters["user"] = unquote(url.username)
            if url.password:
                parameters["password"] = unquote(url.password)
        else:
            parameters["user"] = self.role(name)
            parameters["password"] = self.derive(f"role:{self.role(name)}")
        return parameters

    def with_database(self, name: str) -> Config:
        """The same instance on another database of the same cluster (tests, restores)."""
        here = self.connection()
        host, port, user = quote(here.get("host", ""), safe=""), here.get("port", "5432"), here["user"]
        url = f"postgresql://{user}:{quote(here.get('password', ''), safe='')}@:{port}/{name}?host={host}"
        return replace(self, database_url=url)
