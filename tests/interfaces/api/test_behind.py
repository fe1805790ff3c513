"""A service whose read models are not caught up: it is there at once, and says how far it is."""

from collections.abc import Iterator
from threading import Event, Timer
from typing import Any

import pytest

from stocktrail.interfaces.service import read_model_follower
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.catching_up import CatchingUp
from stocktrail.projections.folding.projector import Projector
from tests.interfaces.api.serving import Served, served
from tests.interfaces.terminal import PATIENCE_SECONDS
from tests.store.shop import send, stocked
from tests.waiting import wait_until

COMMANDS = 20


class Held:
    """The follower of a service, held up before it folds anything until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = Event()
        self.told = Event()
        self.folded = 0
        self.standing = CatchingUp(4, 40, 90)
        catch_up = ReadModels.catch_up
        fold = Projector.fold

        def held(models: ReadModels, progress: Any = None, waiting: Any = None) -> int:
            while waiting is not None and not self.go.wait(0.01):
                waiting(self.standing)
                self.told.set()
            return catch_up(models, progress, waiting)

        def counted(projector: Projector, cursor: Any, batch: Any) -> None:
            self.folded += 1
            fold(projector, cursor, batch)

        monkeypatch.setattr(ReadModels, "catch_up", held)
        monkeypatch.setattr(Projector, "fold", counted)

    def let_go(self, running: Served) -> None:
        """Let it fold, and wait until it is done."""
        self.go.set()
        wait_until(lambda: running.service.follower.is_caught_up, "it has caught up")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Hold up every follower."""
    return Held(monkeypatch)


@pytest.fixture
def behind(held: Held, database_url: str) -> Iterator[Served]:
    """Serve a ledger of which nothing is folded yet."""
    with open_ledger(database_url) as ledger:
        send(ledger, stocked(*(f"TEA-{number}" for number in range(COMMANDS)), quantity=5))
    with served(database_url, at_least_seconds=20) as running:
        try:
            assert held.told.wait(PATIENCE_SECONDS), "its follower has said how far it is"
            yield running
        finally:
            held.go.set()


def test_it_is_there_at_once_and_takes_commands(held: Held, behind: Served) -> None:
    assert behind.client.get("/healthz").status_code == 200
    position = behind.accept("receive-stock", sku="TEA-1", quantity=1)
    assert held.folded == 0, "nothing was folded before it was there"
    held.let_go(behind)
    behind.client.get("/stock/TEA-1", params={"at_least": position}).raise_for_status()
    assert held.folded > 0


def test_until_then_it_is_not_ready_and_says_how_far_it_is(held: Held, behind: Served) -> None:
    answer = behind.client.get("/readyz")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "read_models_behind")
    head = behind.service.ledger.head().position
    assert problem["details"] == {
        "position": 0, "goal": 40, "percent": 10, "seconds_left": 90, "head": head, "lag": head,
    }
    held.let_go(behind)
    assert behind.client.get("/stock/TEA-1").status_code == 200
    assert behind.client.get("/readyz").status_code == 200


@pytest.mark.parametrize("address", [
    "/stock/TEA-1", "/stock/TEA-1?at_least=1", "/stock?as_of=3", "/notices",
])
def test_a_question_is_told_when_to_ask_again(behind: Served, address: str) -> None:
    answer = behind.client.get(address)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "read_models_behind")
    assert "10 %, about 90 s left" in problem["detail"]
    assert problem["details"] == {"position": 4, "goal": 40, "percent": 10, "seconds_left": 90}
    assert answer.headers["Retry-After"] == "60"


def test_a_page_says_so_in_words_and_asks_again_by_itself(behind: Served) -> None:
    answer = behind.client.get("/view/items", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "10 %, about 90 s left" in answer.text
    assert 'hx-trigger="load delay' in answer.text


def test_events_are_streamed_and_the_log_is_read_all_the_same(behind: Served) -> None:
    assert behind.client.get("/events", params={"limit": 3}).status_code == 200
    assert behind.client.get("/status").json()["read_models"][0]["lag"] > 0
    assert behind.client.get("/metrics").status_code == 200


def test_what_is_soon_done_is_waited_for(held: Held, behind: Served) -> None:
    held.standing = CatchingUp(39, 40, 1)
    wait_until(lambda: behind.service.follower.standing == held.standing, "it is known")
    Timer(0.1, held.go.set).start()
    assert behind.client.get("/stock/TEA-1").status_code == 200


def test_it_ends_at_once_although_it_is_not_caught_up(held: Held, database_url: str) -> None:
    with served(database_url) as running:
        assert running.service.follower.is_caught_up is False
    assert not held.go.is_set()


def test_an_error_that_passes_does_not_stop_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stocktrail.ledger.store import StorageError

    catch_up, failed = ReadModels.catch_up, Event()

    def busy(models: ReadModels, *arguments: Any) -> int:
        if not failed.is_set():
            failed.set()
            raise StorageError("storage_busy", "The ledger is kept busy by others.")
        return catch_up(models, *arguments)

    monkeypatch.setattr(ReadModels, "catch_up", busy)
    monkeypatch.setattr(read_model_follower, "POLL_SECONDS", 0.01)
    with served(database_url) as running:
        assert running.client.get("/stock").status_code == 200
    assert failed.is_set()
