"""A service of your own: how many units of each item every customer was shipped, kept up to date.

It follows the events of a ledger and keeps a table in its own SQLite file. The position it has come
to is written in the same transaction as the numbers, so killing it at any moment neither loses a
shipment nor counts one twice; and an event up to there is passed over, whoever tells it again:

    stocktrail serve &
    python examples/shipped_units.py --url http://127.0.0.1:8000/events --file shipped.db
"""

import argparse
import sqlite3
import sys
from typing import Any

from stocktrail.feeds.client import Batch, Subscription, SubscriptionLost, SubscriptionRefused

TABLES = """
CREATE TABLE IF NOT EXISTS placed_order (name TEXT PRIMARY KEY, customer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shipped (
    customer TEXT, sku TEXT, ten_thousandths INTEGER NOT NULL, PRIMARY KEY (customer, sku)
);
CREATE TABLE IF NOT EXISTS checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL
);
INSERT OR IGNORE INTO checkpoint VALUES (1, 0);
"""
TYPES = ("OrderPlaced", "OrderShipped")
COUNT = """
INSERT INTO shipped SELECT customer, ?, ? FROM placed_order WHERE name = ?
ON CONFLICT DO UPDATE SET ten_thousandths = ten_thousandths + excluded.ten_thousandths
"""


def open_table(file: str) -> sqlite3.Connection:
    """Open the service's own database."""
    connection = sqlite3.connect(file, timeout=30)
    connection.executescript(TABLES)
    return connection


def apply(own: sqlite3.Connection, event: dict[str, Any]) -> None:
    """Learn from one event."""
    data = event["data"]
    if event["type"] == "stocktrail.OrderPlaced.v1":
        own.execute("INSERT INTO placed_order VALUES (?, ?)", (data["order"], data["customer"]))
    elif event["type"] == "stocktrail.OrderShipped.v1":
        for line in data["lines"]:
            units = round(line["quantity"] * 10_000)       # exact: quantities have four decimals
            own.execute(COUNT, (line["sku"], units, data["order"]))


def follow(own: sqlite3.Connection, subscription: Subscription, *, once: bool) -> None:
    """Take what comes, batch by batch: numbers and position together, or neither."""
    for batch in subscription.batches():
        take(own, batch)
        if once and batch.is_caught_up:
            return


def take(own: sqlite3.Connection, batch: Batch) -> None:
    """Apply in one transaction what is new of a batch: another one of us may have been faster."""
    with own:
        own.execute("BEGIN IMMEDIATE")
        (position,) = own.execute("SELECT position FROM checkpoint").fetchone()
        for event in batch.events:
            if int(event["sequence"]) > position:
                apply(own, event)
        own.execute("UPDATE checkpoint SET position = max(position, ?)", (batch.position,))


def show(own: sqlite3.Connection) -> None:
    """Print the table."""
    rows = own.execute(
        "SELECT customer, sku, ten_thousandths / 10000.0 FROM shipped ORDER BY 1, 2"
    )
    for customer, sku, units in rows:
        print(f"{customer}  {sku}  {units:g}")


def main() -> int:
    """Follow the ledger until interrupted, or with ``--once`` until the table is up to date."""
    parser = argparse.ArgumentParser(description="Keeps count of what each customer was shipped.")
    parser.add_argument("--url", default="http://127.0.0.1:8000/events")
    parser.add_argument("--file", default="shipped.db", help="its own SQLite file")
    parser.add_argument("--token", help="an API token, where the server asks for one")
    parser.add_argument("--once", action="store_true", help="catch up, print the table and end")
    asked = parser.parse_args()
    own = open_table(asked.file)
    (position,) = own.execute("SELECT position FROM checkpoint").fetchone()
    subscription = Subscription(
        asked.url, after=position, types=TYPES, token=asked.token,
        patience_seconds=10 if asked.once else None,
    )
    try:
        with subscription:
            follow(own, subscription, once=asked.once)
    except (SubscriptionRefused, SubscriptionLost) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    show(own)
    own.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
