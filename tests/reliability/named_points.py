"""The points of the program's work at which a process is killed: about forty, each with a name.

A point is before or after a call of one function of the program. The process is armed with it and
dies there, at the first call or a later one, as if the power went.
"""

import os
import signal
import threading
from collections.abc import Callable
from functools import reduce, wraps
from importlib import import_module
from typing import Any, Literal, NamedTuple

DatabaseName = Literal["sqlite", "postgresql"]
Task = Literal["write", "create", "follow", "rebuild", "deliver", "upgrade", "back up"]
Moment = Literal["before", "after"]


class NamedPoint(NamedTuple):
    """A point in one task: before or after the call of a function, as ``module:Class.function``.

    A process comes to it at least ``calls`` times. ``only_on`` is for what the other database does
    by other means; ``counts`` tells by its arguments whether a call counts.
    """

    name: str
    task: Task
    moment: Moment
    place: str
    calls: int = 1
    only_on: DatabaseName | None = None
    counts: Callable[..., bool] = lambda *_, **__: True


_ENGINE = "stocktrail.ledger.store.engine"
_SQLITE = "stocktrail.ledger.store.sqlite"
_POSTGRES = "stocktrail.ledger.store.postgres"
_WEBHOOKS = "stocktrail.feeds.webhooks"
_REBUILD = "stocktrail.projections.rebuild"
_SIDE_TABLES = "stocktrail.ledger.store.side_tables.progress:SideTables"
_PORTABLE = "stocktrail.ledger.store.portable"
_COMMIT = "eventsourcing.sqlite:SQLiteConnection.commit"

POINTS: tuple[NamedPoint, ...] = (
    # a writer, from its turn to its answer
    NamedPoint("a group begins", "write", "before", f"{_ENGINE}.writer:Writer._write", 6),
    NamedPoint("the head was read", "write", "after",
               f"{_SQLITE}.recorder:SQLiteAppend.begin", 6, "sqlite"),
    NamedPoint("lock taken and head read", "write", "after",
               f"{_POSTGRES}.append:GroupAppend.begin", 6, "postgresql"),
    NamedPoint("a command was decided", "write", "after",
               f"{_ENGINE}.commit_group:CommitGroup._decide", 20),
    NamedPoint("an aggregate is about to change", "write", "before",
               f"{_ENGINE}.commit_group:CommitGroup.before_change", 20),
    NamedPoint("between members of a group", "write", "after",
               f"{_ENGINE}.commit_group:CommitGroup._decide", 4,
               counts=lambda group, request, group_sequence: group_sequence is not None),
    NamedPoint("a group was decided together", "write", "after",
               f"{_ENGINE}.commit_group:CommitGroup._decide_together", 2),
    NamedPoint("a snapshot is taken", "write", "before",
               f"{_ENGINE}.commit_group:snapshot_row", 6),
    NamedPoint("before rows are hashed", "write", "before",
               f"{_ENGINE}.commit_group:rows_and_index", 6),
    NamedPoint("between head, rows, index, tree and snapshots", "write", "before",
               f"{_SQLITE}.append:insert_rows", 20, "sqlite"),
    NamedPoint("written, not committed", "write", "after",
               f"{_SQLITE}.recorder:append_rows", 6, "sqlite"),
    NamedPoint("in the commit, before it", "write", "before", _COMMIT, 6, "sqlite"),
    NamedPoint("in the commit, after it", "write", "after", _COMMIT, 6, "sqlite"),
    NamedPoint("before the group is sent", "write", "before",
               f"{_POSTGRES}.append:append_parameters", 6, "postgresql"),
    NamedPoint("the group was sent and answered", "write", "after",
               f"{_POSTGRES}.append:GroupAppend.append", 6, "postgresql"),
    NamedPoint("lock to be released", "write", "before",
               f"{_POSTGRES}.append:GroupAppend.end", 6, "postgresql"),
    NamedPoint("after commit, before reply", "write", "before",
               f"{_ENGINE}.writer:Writer._adapt_group_size", 6),
    NamedPoint("between two replies", "write", "after",
               "tests.store.worker:Writer.answer", 20),
    NamedPoint("the database is closed", "write", "before",
               "stocktrail.ledger.store.application:Ledger.close"),
    # a ledger that is created
    NamedPoint("before tables are created", "create", "before",
               f"{_SQLITE}.recorder:SQLiteLedgerRecorder._create_table", only_on="sqlite"),
    NamedPoint("tables created, not committed", "create", "after",
               f"{_SQLITE}.recorder:SQLiteLedgerRecorder._create_table", only_on="sqlite"),
    NamedPoint("before the schema is created", "create", "before",
               f"{_POSTGRES}.recorder:create_schema", only_on="postgresql"),
    NamedPoint("the schema was created", "create", "after",
               f"{_POSTGRES}.recorder:create_schema", only_on="postgresql"),
    # read models that follow
    NamedPoint("read models are created", "follow", "before",
               "stocktrail.projections.read_models:create_indexes"),
    NamedPoint("a batch was folded", "follow", "after",
               "stocktrail.projections.folding.projector:Projector.fold"),
    NamedPoint("rows written, position not recorded", "follow", "after",
               "stocktrail.projections.folding.projector:Projector.save"),
    NamedPoint("position recorded, not committed", "follow", "after", f"{_SIDE_TABLES}.record"),
    NamedPoint("read models were committed", "follow", "after",
               "stocktrail.projections.read_models:ReadModels._fold"),
    # read models that are rebuilt
    NamedPoint("the rebuild has its lease", "rebuild", "after",
               f"{_REBUILD}.rebuild:begin_lease"),
    NamedPoint("shadow tables are filled", "rebuild", "after",
               f"{_REBUILD}.rebuild:fold_into_shadow_tables"),
    NamedPoint("shadow tables are indexed", "rebuild", "after",
               f"{_REBUILD}.lease:RebuildLease.build_indexes"),
    NamedPoint("in the switch", "rebuild", "before", f"{_SIDE_TABLES}.forget"),
    NamedPoint("after the switch", "rebuild", "after", f"{_REBUILD}.rebuild:_switch"),
    # webhooks
    NamedPoint("the worker has its lease", "deliver", "after",
               "stocktrail.feeds.delivery_store:DeliveryStore.acquire_lease"),
    NamedPoint("events are queued, cursor not moved", "deliver", "before",
               f"{_WEBHOOKS}.backlog:Backlog._move"),
    NamedPoint("events were taken in", "deliver", "after", f"{_WEBHOOKS}.backlog:Backlog.take_in"),
    NamedPoint("sent, not recorded", "deliver", "before", f"{_WEBHOOKS}.backlog:Backlog.record"),
    NamedPoint("in the record of what was sent", "deliver", "before",
               "stocktrail.ledger.store.tables:Table.take_out_rows"),
    NamedPoint("recorded as sent", "deliver", "after", f"{_WEBHOOKS}.backlog:Backlog.record"),
    # an upgrade
    NamedPoint("a row was upgraded", "upgrade", "after",
               "stocktrail.ledger.store.upgrade.upgrading:former_event_leaves"),
    NamedPoint("before the anchor of an upgrade", "upgrade", "before",
               "stocktrail.ledger.store.upgrade.command_rows:CommandRows.anchor"),
    NamedPoint("before an upgrade is committed", "upgrade", "before", _COMMIT, only_on="sqlite"),
    # a back-up
    NamedPoint("before the copy, and before it has its name", "back up", "before",
               f"{_PORTABLE}.atomic_file:refuse_existing", 2),
    NamedPoint("the copy has its name", "back up", "before",
               f"{_PORTABLE}.atomic_file:_sync", 2),
)


def points_on(database: DatabaseName) -> list[NamedPoint]:
    """Return the points that there are on a database."""
    return [each for each in POINTS if each.only_on in (None, database)]


def function_at(point: NamedPoint) -> tuple[Any, str]:
    """Return the class or module of a point, and the name of the function there."""
    module, _, path = point.place.partition(":")
    *owners, name = path.split(".")
    return reduce(getattr, owners, import_module(module)), name


def die_at(name: str, number: int) -> None:
    """Arm this process: kill it at a named point, when it comes there for the given time."""
    [point] = [each for each in POINTS if each.name == name]
    owner, attribute = function_at(point)
    function = getattr(owner, attribute)
    lock = threading.Lock()
    calls = 0

    @wraps(function)
    def mortal(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        with lock:
            calls += point.counts(*arguments, **named)
            is_the_one = calls == number and point.counts(*arguments, **named)
        if is_the_one and point.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **named)
        if is_the_one:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, attribute, mortal)
