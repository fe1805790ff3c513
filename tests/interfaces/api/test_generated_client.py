"""A client that openapi-python-client generates from our description is called, and understands.

The stored description is the one that the service serves (`test_reference.py`).
"""

import json
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from inspect import signature
from typing import Any, get_args

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.reference import REFERENCE
from stocktrail.interfaces.every_question import every_question
from tests.interfaces.api.serving import Served, served

PACKAGE = "generated_stocktrail_client"


class Generated:
    """What was generated: its operations, its models, and a client of a service."""

    def __init__(self, modules: dict[str, str], base_url: str) -> None:
        self._modules = modules
        self.models = import_module(f"{PACKAGE}.models")
        self.client = import_module(f"{PACKAGE}.client").Client(base_url=base_url)

    def operation(self, name: str) -> Callable[..., Any]:
        """Return the function that calls an operation and waits for its answer."""
        found = import_module(self._modules[name.replace("-", "_")])
        call: Callable[..., Any] = found.sync_detailed
        takes = signature(call).parameters

        def called(*given: Any, **named: Any) -> Any:
            # What Python has a word for already is written with an underscore: `type_`.
            fields = {name if name in takes else f"{name}_": named[name] for name in named}
            typed = {name: in_type(fields[name], takes[name].annotation) for name in fields}
            return call(*given, client=self.client, **typed)
        return called

    def send(self, command: str, key: str | None = None, **fields: Any) -> Any:
        """Send a command in the class that was generated for it; give the whole answer."""
        name = "".join(word.capitalize() for word in command.split("-"))
        headers = {} if key is None else {"idempotency_key": key}
        body = getattr(self.models, name).from_dict(fields)
        return self.operation(command)(body=body, **headers)


def in_type(value: Any, annotation: Any) -> Any:
    """Return a value as the member of the enumeration that a parameter asks for, if it asks."""
    for kind in get_args(annotation) or (annotation,):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(value)
    return value


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Generate the client, and return the module of each of its operations."""
    folder = tmp_path_factory.mktemp("generated")
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, REFERENCE, "utf-8", overwrite=True,
        output_path=folder / PACKAGE,
    )
    told = [f"{each.header} {each.detail}" for each in generate(config=config)]
    assert [each for each in told if "Unsupported content type application/jsonl" not in each] == []
    sys.path.insert(0, str(folder))
    yield {
        path.stem: ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in (folder / PACKAGE / "api").glob("*/*.py")
    }
    sys.path.remove(str(folder))


@pytest.fixture
def api(sqlite_url: str) -> Iterator[Served]:
    """Return a service on an empty ledger; what answers look like does not depend on its store."""
    with served(sqlite_url) as running:
        yield running


@pytest.fixture
def generated(modules: dict[str, str], api: Served) -> Iterator[Generated]:
    """Return what was generated, as a client of an empty ledger."""
    generated = Generated(modules, str(api.client.base_url))
    with generated.client:
        yield generated


def test_it_sells_asks_and_is_told_why_not(generated: Generated) -> None:
    generated.send("register-product", sku="LÄMP/1", name="Desk lamp")
    generated.send("receive-stock", sku="LÄMP/1", quantity="2.0")
    lines = [{"sku": "LÄMP/1", "quantity": 2, "unit_price": "19.90"}]
    order: dict[str, Any] = {"order": "SO-1", "customer": "ANNA", "lines": lines}
    first, again = (generated.send("place-order", "cart-7", **order) for _ in range(2))
    assert (int(first.status_code), int(again.status_code)) == (201, 200)
    assert [each.parsed.id for each in (first, again)] == ["cart-7", "cart-7"]
    position = int(first.headers["position"])
    stock = generated.operation("stock")("LÄMP/1", at_least=position).parsed
    assert isinstance(stock, generated.models.StockReport)
    assert (stock.salable_quantity, stock.allocated, stock.is_salable) == (0, 2, False)

    refused = generated.send("place-order", **{**order, "order": "SO-2"})
    assert isinstance(refused.parsed, generated.models.ProblemReport)
    assert (int(refused.status_code), refused.parsed.code) == (409, "not_enough_salable")
    missing = generated.operation("order")("SO-404")
    assert (int(missing.status_code), missing.parsed.code) == (404, "unknown_order")


def test_it_follows_the_log(generated: Generated, api: Served) -> None:
    for sku in ("A", "B"):
        api.accept("register-product", sku=sku)
        api.accept("receive-stock", sku=sku, quantity=1)
    types = ["StockReceived", "ProductRegistered"]
    page = generated.operation("events")(after=1, types=types).parsed
    assert [int(each.to_dict()["sequence"]) for each in page] == [2, 3, 4]


def test_each_command_and_each_question_is_called_and_its_answer_read_without_a_loss(
    generated: Generated, api: Served
) -> None:
    for name, fields in examples.COMMANDS.items():
        needed = dict(examples.BEFORE.get(name, {}))
        if needed:
            api.accept(needed.pop("command"), **needed)
        answer = generated.send(name, **fields)
        assert (name, answer.parsed.status) == (name, "accepted")
    api.ask("/stock")
    for question in every_question():
        if question.address is not None:
            asked = {
                question.model_fields[name].alias or name: value
                for name, value in question.example.items()
            }
            answer = generated.operation(question.question)(**asked)
            assert (question.question, int(answer.status_code)) == (question.question, 200)
            read = json.dumps(answer.parsed.to_dict()).replace("+00:00", "Z")
            assert json.loads(read) == json.loads(answer.content), question.question
