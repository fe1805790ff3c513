"""The bill of materials names what the lock pins, and is the same each time it is made."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from release.bill_of_materials import bill_of_materials
from release.building import UV, export_bill
from tests.house.sources import ROOT

NOON = 1_796_040_000


@pytest.fixture(scope="module")
def exported() -> bytes:
    """Return what uv exports of the lock."""
    return export_bill(ROOT)


def read(bill: bytes) -> dict[str, Any]:
    """Read a bill."""
    found: dict[str, Any] = json.loads(bill)
    return found


def test_two_exports_of_a_lock_lead_to_the_same_bill(exported: bytes) -> None:
    again = read(exported) | {"serialNumber": "urn:uuid:73160336-31cc-461f-8309-5faeff74cee4"}
    again["metadata"] = again["metadata"] | {"timestamp": "2027-01-01T00:00:00Z"}
    assert bill_of_materials(exported, seconds=NOON) == bill_of_materials(
        json.dumps(again).encode(), seconds=NOON
    )


def test_the_bill_of_other_files_has_another_number(exported: bytes, tmp_path: Path) -> None:
    wheel = tmp_path / "stocktrail-1.0.0-py3-none-any.whl"
    numbers = []
    for content in (b"one", b"another"):
        wheel.write_bytes(content)
        bill = read(bill_of_materials(exported, seconds=NOON, distributions=[wheel]))
        (file,) = bill["metadata"]["component"]["externalReferences"]
        assert file["url"] == wheel.name
        numbers.append(bill["serialNumber"])
    assert numbers[0] != numbers[1]


def test_everything_that_a_user_installs_is_in_it_with_its_version_and_digests(
    exported: bytes,
) -> None:
    bill = read(bill_of_materials(exported, seconds=NOON))
    named = {each["purl"].split("?")[0] for each in bill["components"]}
    asked = subprocess.run(
        [UV, "export", "--quiet", "--locked", "--no-dev", "--all-extras", "--no-emit-project",
         "--no-hashes", "--no-annotate", "--no-header"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )
    needed = {line.split(";")[0].strip() for line in asked.stdout.splitlines()}
    assert named == {f"pkg:pypi/{each.replace('==', '@')}" for each in needed}
    for component in bill["components"]:
        files = component["externalReferences"]
        assert files
        assert all(file["hashes"][0]["alg"] == "SHA-256" for file in files), component["name"]


def test_it_says_of_what_it_is(exported: bytes) -> None:
    bill = read(bill_of_materials(exported, seconds=NOON))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    product = bill["metadata"]["component"]
    assert product["purl"] == f"pkg:pypi/stocktrail@{project['version']}"
    assert product["licenses"] == [{"license": {"id": project["license"]}}]
    assert bill["metadata"]["timestamp"] == "2026-11-30T12:00:00+00:00"
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
