"""The route of a question follows from its model: a new question needs nothing in the API."""

import asyncio
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from fastapi import APIRouter
from pydantic import Field

from stocktrail.interfaces.api.application import create_application
from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.api.questions import add_question
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.question import AsOf, Question, Report


class OnlookersReport(Shape):
    """Who looked at an item."""

    as_of: Position
    sku: str
    least: int
    rows: list[str]


class Onlookers(AsOf, Question[OnlookersReport]):
    """Who looked at an item, and how often."""

    question: ClassVar[str] = "onlookers"

    sku: Sku
    least: int = Field(default=1, ge=1, description="Only who looked at it so often.")
    from_: str | None = Field(default=None, alias="from", description="Only from where.")

    def answer(self, models: ReadModels) -> Report:
        """Find the onlookers; refuses an item that nobody looks at."""
        if self.sku == "NOTHING":
            raise Refusal("unknown_sku", "There is no NOTHING.", sku=self.sku)
        return {"as_of": 3, "sku": self.sku, "least": self.least, "rows": [self.from_ or "ANNA"]}


def answers(folder: Path, *addresses: str) -> list[httpx.Response]:
    """Ask a service that knows the new question, at each address."""
    settings = ServiceSettings(deliver_webhooks=False, deliver_notices=False)
    url = f"sqlite:///{folder / 'shop.db'}"
    application = create_application(settings, lambda: Service(settings, open_ledger(url)))
    router = APIRouter(route_class=PositionHeaderRoute)
    add_question(router, Onlookers, "/onlookers/{sku}")
    application.include_router(router)

    async def asked() -> list[httpx.Response]:
        transport = httpx.ASGITransport(application)
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return [await client.get(address) for address in addresses]

    return asyncio.run(asked())


def test_its_address_names_the_fields_that_it_is_about() -> None:
    assert Onlookers.address == "/onlookers/{sku}"


def test_path_and_query_are_its_fields(tmp_path: Path) -> None:
    plain, all_of_it = answers(
        tmp_path, "/onlookers/A%2FB", "/onlookers/LAMP?least=2&as_of=0&at_least=0&from=X"
    )
    assert plain.json() == {"as_of": 3, "sku": "A/B", "least": 1, "rows": ["ANNA"]}
    assert plain.headers["Position"] == "3"
    assert (all_of_it.json()["least"], all_of_it.json()["rows"]) == (2, ["X"])


@pytest.mark.parametrize(("address", "status", "code", "named"), [
    ("/onlookers/LAMP?least=0", 422, "bad_parameter", "/least"),
    ("/onlookers/LAMP?colour=red", 422, "bad_parameter", "/colour"),
    ("/onlookers/%0A", 422, "bad_parameter", "/sku"),
    ("/onlookers/LAMP?at_least=9", 409, "unknown_position", None),
    ("/onlookers/NOTHING", 404, "unknown_sku", None),
])
def test_what_it_cannot_be_asked_is_a_problem(
    tmp_path: Path, address: str, status: int, code: str, named: str | None
) -> None:
    (answer,) = answers(tmp_path, address)
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["Position"] == "0"
    if named is not None:
        assert [each["pointer"] for each in problem["errors"]] == [named]


def test_it_is_described_from_its_model(tmp_path: Path) -> None:
    (answer,) = answers(tmp_path, "/openapi.json")
    described = answer.json()
    operation = described["paths"]["/onlookers/{sku}"]["get"]
    assert (operation["operationId"], operation["tags"]) == ("onlookers", ["questions"])
    assert operation["description"] == "Who looked at an item, and how often."
    parameters = {each["name"]: each for each in operation["parameters"]}
    assert {name: each["in"] for name, each in parameters.items()} == {
        "sku": "path", "at_least": "query", "as_of": "query", "least": "query",
        "from": "query",
    }
    assert parameters["least"]["description"] == "Only who looked at it so often."
    assert parameters["least"]["schema"]["minimum"] == 1
    found = operation["responses"]["200"]
    assert found["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/OnlookersReport",
    }
    assert set(found["headers"]) == {"Position"}
    assert set(operation["responses"]) >= {"401", "404", "409", "422", "503"}
