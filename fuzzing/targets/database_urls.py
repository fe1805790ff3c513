"""Database URLs, as people write them: an address whose parts a driver takes, or a sentence."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from psycopg.conninfo import make_conninfo

from fuzzing.oracle import outcome_of, require
from stocktrail.ledger.store.address import SQLiteAddress, sqlite_path
from stocktrail.ledger.store.postgres_address import PostgresAddress, postgres_address

MOST_BYTES = 300
WORDS = (
    b"postgresql://", b"sqlite:///", b"?schema=", b"&role=", b"host=", b"port=", b"sslmode=", b"@",
    b"%00", b"%2F", b"[::1]", b":5432", b"/shop", b"%40", b"//", b"#", b"%FF", b"\xff", b"%",
)


def target(data: bytes) -> None:
    """Read a URL as one of each database; what is taken is shown without its password."""
    text = data.decode("utf-8", "surrogateescape")
    found, path = outcome_of(lambda: sqlite_path(text))
    if found == "result":
        require(path.is_absolute(), "a file has an absolute path", path)
        name = SQLiteAddress(path, False).name
        require("\0" not in name, "SQLite takes the name", name)
    found, address = outcome_of(lambda: postgres_address(text))
    if found == "result":
        for name, value in address.connection.items():
            require("\0" not in value, "the driver takes every part", name, value)
        make_conninfo("", **address.connection)
        if not {"host", "port"} & dict(parse_qsl(urlsplit(text).query)).keys():
            _require_shown(address)


def _require_shown(address: PostgresAddress) -> None:
    again = postgres_address(address.where)
    shown = {**address.connection, **again.connection}
    for each in (shown, given := dict(address.connection)):
        each["host"] = each.get("host", "").lower()
    require(shown == given, "what is shown names the same", address, again)
    require("password" not in again.connection, "what is shown holds no password", address)
    require((again.schema, again.role) == (address.schema, address.role), "schema and role")


def seeds() -> Iterator[bytes]:
    """Yield URLs of both databases."""
    yield from (
        b"sqlite:///shop.db", b"sqlite:////var/lib/a%20b.db", b"sqlite:///:memory:",
        b"postgresql://anna:secret@db.shop:5432/stock?schema=paris&role=clerk",
        b"postgresql:///stock?host=/run/postgresql&port=5433", b"postgresql://[::1]/stock",
        b"postgresql://a%40b:%2F@host/s%20t?sslmode=require&connect_timeout=3",
    )
