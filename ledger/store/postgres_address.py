"""Addresses of ledgers in PostgreSQL: the server, the database, and the schema in it."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from stocktrail.ledger.store.errors import StorageError

POSTGRES_SCHEME = "postgresql"
DEFAULT_SCHEMA = "stocktrail"

_SCHEMA = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_NAME = re.compile(r"[^:\[\]@]*")
_ADDRESS = re.compile(r"[0-9a-f:.]+(%[\w.-]+)?")
_ROLE = re.compile(r"[^\0]{1,63}")
_PASSED_ON = frozenset({
    "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile",
    "connect_timeout", "target_session_attrs", "gssencmode", "channel_binding",
})
"""Query parameters of a URL that are passed to the database driver unchanged."""


class PostgresAddress(NamedTuple):
    """A schema of a database on a server, and how to log in."""

    connection: Mapping[str, str]
    schema: str
    role: str | None
    where: str

    @property
    def database(self) -> str:
        """The database on the server."""
        return self.connection.get("dbname", "")


def is_postgres_url(url: str) -> bool:
    """Return whether a URL names a ledger in PostgreSQL.

    >>> is_postgres_url("postgresql://localhost/shop"), is_postgres_url("sqlite:///shop.db")
    (True, False)
    """
    return url.startswith(f"{POSTGRES_SCHEME}://")


def is_text(url: str) -> bool:
    r"""Return whether a URL is text, which it is not where a command line holds other bytes.

    >>> is_text("sqlite:///é.db"), is_text("sqlite:///\udce9.db")
    (True, False)
    """
    return not re.search(r"[\ud800-\udfff]", url)


def postgres_address(url: str) -> PostgresAddress:
    """Return the address of ``postgresql://user:password@host:port/database?schema=name``.

    ``where`` is the same without the password, for display. The host may be the folder of a socket
    (``?host=/run/postgresql``); ``role`` is a role to switch to after the login. Raises
    :class:`StorageError` (``bad_database_url``) for any other URL.

    >>> postgres_address("postgresql://anna:secret@db.shop/stock?schema=paris").where
    'postgresql://anna@db.shop/stock?schema=paris'
    >>> postgres_address("postgresql://db.shop/stock").schema
    'stocktrail'
    """
    if not is_text(url):
        raise _bad("it is not text in UTF-8")
    try:
        parts = urlsplit(url)
        port = parts.port
        asked = dict(parse_qsl(
            parts.query, keep_blank_values=True, strict_parsing=bool(parts.query), errors="strict"
        ))
        database, host, user, password = (
            unquote(part or "", errors="strict") for part in
            (parts.path.removeprefix("/"), parts.hostname, parts.username, parts.password)
        )
    except ValueError:
        raise _bad("it cannot be read") from None
    if parts.scheme != POSTGRES_SCHEME or not database or "/" in database or parts.fragment:
        raise _bad("it names no database")
    if not _is_host(host):
        raise _bad("its host is neither a name nor an address")
    schema, role = asked.pop("schema", DEFAULT_SCHEMA), asked.pop("role", None)
    if not _SCHEMA.fullmatch(schema):
        raise _bad(
            f"{schema!r} is no name of a schema: small letters, digits and _, not beginning with a "
            "digit or pg_, at most 63 of them"
        )
    if role is not None and not _ROLE.fullmatch(role):
        raise _bad("its role is no name of a role")
    if unknown := sorted(set(asked) - _PASSED_ON):
        raise _bad(f"{unknown[0]} is nothing that can be set in it")
    connection = {"dbname": database, **asked}
    named = {"host": host, "port": str(port or ""), "user": user, "password": password}
    connection |= {name: value for name, value in named.items() if value}
    if any("\0" in part for part in connection.values()):
        raise _bad("it holds a zero byte")
    return PostgresAddress(connection, schema, role, _shown(connection, schema, role))


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _NAME.fullmatch(host) is not None
    try:
        return _ADDRESS.fullmatch(host) is not None and bool(ip_address(host))
    except ValueError:
        return False


def _shown(connection: Mapping[str, str], schema: str, role: str | None) -> str:
    host, query = connection.get("host", ""), {"schema": schema}
    if host.startswith("/"):
        host, query = "", {"host": host, "schema": schema}
    host = f"[{quote(host, safe=':')}]" if ":" in host else quote(host, safe=",")
    user = f"{quote(connection['user'], safe='')}@" if connection.get("user") else ""
    port = f":{connection['port']}" if "port" in connection else ""
    if role is not None:
        query["role"] = role
    words = urlencode(query, quote_via=quote, safe="/")
    return f"{POSTGRES_SCHEME}://{user}{host}{port}/{quote(connection['dbname'])}?{words}"


def _bad(why: str) -> StorageError:
    return StorageError(
        "bad_database_url",
        f"The database URL is not understood: {why}. Write "
        "postgresql://user:password@host:port/database?schema=name, with %40 for @ and %2F for / "
        "inside a name or a password, or sqlite:///file.db for a file.",
    )
