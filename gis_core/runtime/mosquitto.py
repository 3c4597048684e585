"""Configuration of the MQTT broker, which runs only with HUONG_MQTT=1."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from gis_core.config import Config, SettingError
from gis_core.runtime.place import Place

USER = "huong"
ITERATIONS = 101  # what mosquitto_passwd uses; the password has 256 bits, stretching adds nothing


def write_mosquitto(config: Config) -> Path:
    """Write configuration and password file for 127.0.0.1:HUONG_MQTT_PORT (1883) and return the former's path.

    Nobody enters without a password; ours is ``config.derive("mqtt")``, user ``huong``.
    """
    place = Place.of(config)
    port = os.environ.get("HUONG_MQTT_PORT") or "1883"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingError(f"HUONG_MQTT_PORT={port!r} is not a port number (1 to 65535)")
    kept = config.var / "mosquitto"
    kept.mkdir(parents=True, exist_ok=True)
    passwords = place.run / "mosquitto.passwords"
    passwords.touch(mode=0o600)
    passwords.write_text(f"{USER}:{password_hash(config.derive('mqtt'), config.derive('mqtt-salt'))}\n")
    path = place.run / "mosquitto.conf"
    path.write_text(
        f"listener {port} 127.0.0.1\n"
        "allow_anonymous false\n"
        f"password_file {passwords}\n"
        "persistence true\n"
        f"persistence_location {kept}/\n"
        "log_dest stderr\n"
        "log_type warning\nlog_type error\n" + ("user root\n" if os.geteuid() == 0 else "")
        # As root the broker would change to a user that may not be able to read the checkout.
    )
    return path


def password_hash(password: str, salt: str) -> str:
    """A line of mosquitto's password file: PBKDF2-HMAC-SHA-512 (``$7$``)."""
    salted = hashlib.sha256(salt.encode()).digest()[:12]
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salted, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salted).decode()}${base64.b64encode(digest).decode()}"
