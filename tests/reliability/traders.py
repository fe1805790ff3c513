"""Traders: processes of many threads that buy and sell at once, and write down what they saw.

Each thread takes note when it sends a command and when it is answered, by a clock that all
processes of a machine share. What a killed process had written down is still there.
"""

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from stocktrail.commands import COMMANDS
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.ledger.store import StorageError, open_ledger
from tests.reliability.history import ANSWERED, FAILED, SENT
from tests.store.shop import Command, order

HOT, OTHERS = "HOT", ("TEA", "SUGAR", "MILK", "SALT")
HOT_SHARE = 0.8


def trade(url: str, file: Path, name: str, *, seed: int, threads: int, commands: int) -> None:
    """Send so many commands from each of so many threads, all at once."""
    notebook = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    gate = threading.Barrier(threads)
    with open_ledger(url) as ledger, GroupedSubmission(ledger) as submission:

        def send_all(thread: int) -> None:
            chance = random.Random(f"{seed}/{name}/{thread}")
            gate.wait()
            for number in range(commands):
                _send(submission, notebook, a_trade(chance, f"{name}-{thread}-{number}", number))

        with ThreadPoolExecutor(threads) as pool:
            for each in [pool.submit(send_all, thread) for thread in range(threads)]:
                each.result()
    os.close(notebook)


def a_trade(chance: random.Random, name: str, number: int) -> Command:
    """Return one command: most are orders, and most of them are of the one item that is hot."""
    sku = HOT if chance.random() < HOT_SHARE else chance.choice(OTHERS)
    what = chance.random()
    if what < 0.2:
        return {"command": "receive-stock", "sku": sku, "quantity": chance.randint(1, 4),
                "id": name}
    if what < 0.3 and number:
        before = f"{name.rpartition('-')[0]}-{chance.randrange(number)}"
        return {"command": "cancel-order", "order": before, "id": name}
    return order(name, sku, quantity=chance.randint(1, 2))


def _send(submission: GroupedSubmission, notebook: int, fields: Command) -> None:
    command_id = fields.pop("id")
    command: Any = COMMANDS[fields.pop("command")].model_validate(fields)
    _note(notebook, SENT, command_id)
    try:
        result = submission.submit(command, id=command_id)
    except StorageError:
        _note(notebook, FAILED, command_id)
    else:
        _note(notebook, ANSWERED, command_id, result.status)


def _note(notebook: int, what: str, command_id: str, status: str = "-") -> None:
    os.write(notebook, f"{time.monotonic_ns()} {what} {command_id} {status}\n".encode())
