"""Configuration of the MQTT broker, which runs only with HUONG_MQTT=1."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path
from typing import NoReturn

from gis_core.config import Config, SettingError
from gis_core.runtime.place import Place
from gis_core.runtime.processes import resolved

USER = "huong"
ITERATIONS = 101  # what mosquitto_passwd uses; the password has 256 bits, stretching adds nothing


def run_mosquitto(config: Config) -> NoReturn:
    """Become the broker."""
    command = resolved(("mosquitto", "-c", str(write_mosquitto(config))))
    os.execvp(command[0], command)


def write_mosquitto(config: Config) -> Path:
    """Write configuration and password file for HUONG_MQTT_HOST:HUONG_MQTT_PORT and return the former's path.

    By default 127.0.0.1:1883. Nobody enters without a password; ours is ``config.derive("mqtt")``, user ``huong``.
    SettingError names a setting that is none.
    """
    place = Place.of(config)
    place.make()
    port, host = os.environ.get("HUONG_MQTT_PORT") or "1883", os.environ.get("HUONG_MQTT_HOST") or "127.0.0.1"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingError(f"HUONG_MQTT_PORT={port!r} is not a port number (1 to 65535)")
    if not re.fullmatch(r"[0-9a-zA-Z.:-]+", host):
        raise SettingError(f"HUONG_MQTT_HOST={host!r} is no address")
    kept = config.var / "mosquitto"
    kept.mkdir(parents=True, exist_ok=True)
    passwords = place.run / "mosquitto.passwords"
    passwords.touch(mode=0o600)
    passwords.write_text(f"{USER}:{password_hash(config.derive('mqtt'), config.derive('mqtt-salt'))}\n")
    path = place.run / "mosquitto.conf"
    # As root the broker would change to a user that may not be able to read the checkout.
    user = "user root\n" if os.geteuid() == 0 else ""
    path.write_text(
        f"listener {port} {host}\nallow_anonymous false\npassword_file {passwords}\n"
        f"persistence true\npersistence_location {kept}/\n"
        f"log_dest stderr\nlog_type warning\nlog_type error\n{user}"
    )
    return path


def password_hash(password: str, salt: str) -> str:
    """A line of mosquitto's password file: PBKDF2-HMAC-SHA-512 (``$7$``)."""
    salted = hashlib.sha256(salt.encode()).digest()[:12]
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salted, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salted).decode()}${base64.b64encode(digest).decode()}"
