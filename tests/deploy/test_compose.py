"""The compose file: linted, every container hardened and asked how it is, no secret in it."""

import json
import re
import subprocess
import sys
from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from stocktrail.interfaces.service.setting_names import SETTING_NAMES
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store.postgres_address import is_postgres_url
from tests.deploy import BIN, ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_it_is_of_the_published_schema() -> None:
    schemas = files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((schemas / "compose-spec.json").read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(COMPOSE)] == []


def test_a_linter_finds_nothing_that_is_high() -> None:
    found = subprocess.run(
        [sys.executable, BIN / "compose-lint", ROOT / "compose.yaml"],
        capture_output=True, text=True, check=False,
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in service
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert re.fullmatch(r"[a-z]+:[\w.-]+", service["image"]), "pinned by a tag"


def test_each_is_asked_how_it_is() -> None:
    own = {name: service.get("healthcheck") for name, service in SERVICES.items()}
    assert own.pop("stocktrail") is None, "the image says how"
    assert own.pop("publish") == {"disable": True}
    assert all(check and check["test"][0] == "CMD" for check in own.values())
    waits = {
        name: set(service.get("depends_on", ())) for name, service in SERVICES.items()
        if all(
            on["condition"] == "service_healthy" for on in service.get("depends_on", {}).values()
        )
    }
    assert waits == {
        "postgres": set(), "nats": set(), "stocktrail": {"postgres"},
        "publish": {"stocktrail", "nats"},
    }


def test_passwords_come_from_outside_and_must_be_given() -> None:
    text = (ROOT / "compose.yaml").read_text()
    given = [line for line in text.splitlines() if "PASSWORD" in line and not line.startswith("#")]
    assert len(given) == 3
    assert all(re.search(r"\$\{[A-Z]+_PASSWORD:\?", line) for line in given)


def test_what_is_set_is_known() -> None:
    for name in ("stocktrail", "publish"):
        environment = SERVICES[name]["environment"]
        assert environment.keys() - {"FORWARDED_ALLOW_IPS"} <= SETTING_NAMES    # that is uvicorn's
        assert is_postgres_url(environment["STOCKTRAIL_DATABASE_URL"])


def test_only_this_machine_reaches_a_port_and_nobody_the_database() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "stocktrail": ["127.0.0.1:8000:8000"],
    }
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["nats"]["networks"] == ["inside"]


def test_it_has_the_time_to_end() -> None:
    grace = int(SERVICES["stocktrail"]["stop_grace_period"].removesuffix("s"))
    assert grace > ServiceSettings(_env_file=None).shutdown_seconds
