"""Writes the description of the API into the documents, with the answers of its examples."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from fastapi import FastAPI

from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.application import create_application
from stocktrail.interfaces.api.openapi import EXAMPLES_FILE, description
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store import open_ledger

if TYPE_CHECKING:
    from httpx import AsyncClient

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"
EXAMPLES = Path(__file__).with_name(EXAMPLES_FILE)


def example_application(folder: str) -> FastAPI:
    """Make an application on an empty ledger whose clock stands still."""
    settings = ServiceSettings(_env_file=None, deliver_webhooks=False, deliver_notices=False)
    url = f"sqlite:///{Path(folder) / 'examples.db'}"
    return create_application(
        settings, lambda: Service(settings, open_ledger(url, clock=lambda: examples.NOW))
    )


async def answers() -> dict[str, Any]:
    """Send every example and give what is answered, by the id of the operation."""
    from httpx import ASGITransport, AsyncClient

    found: dict[str, Any] = {}
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with TemporaryDirectory() as folder:
        application = example_application(folder)
        async with (
            application.router.lifespan_context(application),
            AsyncClient(transport=ASGITransport(application), base_url="http://localhost") as shop,
        ):
            for name in examples.STORY:
                found[name] = await _sent(shop, name)
            await shop.get("/stock", params={"at_least": found[examples.STORY[-1]]["position"]})
            for name, address in examples.addresses().items():
                found[name] = (await shop.get(address)).raise_for_status().json()
            for name in examples.LATER:
                found[name] = await _sent(shop, name)
    return found


async def _sent(shop: "AsyncClient", name: str) -> dict[str, Any]:
    """Send the example of a command, after what it needs, and return the answer."""
    if name in examples.BEFORE:
        needed = {**examples.BEFORE[name], "id": f"before-{name}"}
        (await shop.post("/commands", json=needed)).raise_for_status()
    body = {"id": f"c-{name}", **examples.COMMANDS[name]}
    answer = await shop.post(f"/commands/{name}", json=body)
    return _without_seals(answer.raise_for_status().json())


def _without_seals(answer: dict[str, Any]) -> dict[str, Any]:
    """Write down that something is sealed; with what differs from ledger to ledger."""
    for event in answer["events"]:
        for field in ("key", "name", "email", "address"):
            if event["type"].startswith("Customer") and event["data"].get(field) is not None:
                event["data"][field] = "..."
    return answer


def pretty(value: Any) -> bytes:
    """Write JSON as it stands in the documents."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def written_description() -> bytes:
    """Write the description as it stands in the documents."""
    with TemporaryDirectory() as folder:
        return pretty(description(example_application(folder)))


def write() -> None:
    """Write the answers of the examples, then the description."""
    EXAMPLES.write_bytes(pretty(asyncio.run(answers())))
    REFERENCE.write_bytes(written_description())


if __name__ == "__main__":
    write()
