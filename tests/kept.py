"""Everything that a ledger keeps, as bytes, to look for what must not be in it."""

import re
from pathlib import Path

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore

_HEXADECIMAL = re.compile(r"\\\\x([0-9a-f]+)")
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"


def everything_kept(ledger: Ledger) -> bytes:
    """Return the files of a ledger in SQLite, its write-ahead log included; or every row elsewhere.

    On a server, a row that was deleted stays on disk until it is vacuumed; nobody can ask for it.
    """
    if isinstance(ledger.datastore, SQLiteLedgerDatastore):
        path = Path(ledger.where)
        return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))
    found = b""
    with ledger.datastore.reading_models() as cursor:
        cursor.execute(_TABLES)
        for (table,) in list(map(tuple, cursor.fetchall())):
            cursor.execute(f"SELECT CAST(kept AS TEXT) FROM {table} AS kept")
            for (row,) in map(tuple, cursor.fetchall()):
                found += row.encode()
                found += b" ".join(bytes.fromhex(each) for each in _HEXADECIMAL.findall(row))
    assert found
    return found
