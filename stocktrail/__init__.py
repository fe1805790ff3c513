"""An inventory ledger to embed: open one, submit commands, ask questions, follow its events.

    import stocktrail
    from stocktrail.commands import ReceiveStock
    from stocktrail.questions import Stock

    with stocktrail.open("sqlite:///shop.db") as shop:
        shop.submit(ReceiveStock(sku="WIDGET", quantity=25)).raise_for_status()
        print(shop.ask(Stock(sku="WIDGET")).salable_quantity)

Importing this package loads nothing else; what is used is loaded when it is used.
"""

TYPE_CHECKING = False                  # true for type checkers; typing itself takes longer to load

if TYPE_CHECKING:
    from stocktrail.async_shop import AsyncShop
    from stocktrail.commands.scripts.results import Result
    from stocktrail.ledger.base.aggregate import RecordedEvent
    from stocktrail.ledger.refusal import Refusal
    from stocktrail.ledger.store.errors import StorageError
    from stocktrail.shop import Shop

    __version__: str

__all__ = [
    "AsyncShop", "RecordedEvent", "Refusal", "Result", "Shop", "StorageError", "__version__",
    "open", "open_async", "open_in_memory",
]

_MODULES = {
    "AsyncShop": "stocktrail.async_shop",
    "RecordedEvent": "stocktrail.ledger.base.aggregate",
    "Refusal": "stocktrail.ledger.refusal",
    "Result": "stocktrail.commands.scripts.results",
    "Shop": "stocktrail.shop",
    "StorageError": "stocktrail.ledger.store.errors",
}


def open(url: str, *, read_only: bool = False, create: bool = True) -> "Shop":
    """Open the ledger that a URL names, or create it: a context manager, safe to share by threads.

    ``sqlite:///shop.db`` is a file in this folder, ``sqlite:////data/shop.db`` one elsewhere,
    ``postgresql://user@host/database?schema=shop`` a schema on a server. With ``read_only`` nothing
    is ever written, with ``create=False`` the ledger must be there. Raises :class:`StorageError`
    with a sentence when it cannot be opened.
    """
    from stocktrail.ledger.store import open_ledger
    from stocktrail.shop import Shop

    return Shop(open_ledger(url, read_only=read_only, create=create))


def open_async(url: str, *, read_only: bool = False, create: bool = True) -> "AsyncShop":
    """Open a ledger as :func:`open` does, to be awaited: for FastAPI and everything on asyncio."""
    from stocktrail.async_shop import AsyncShop

    return AsyncShop(open(url, read_only=read_only, create=create))


def open_in_memory() -> "Shop":
    """Open an empty ledger that is kept in memory and gone when it is closed: for tests."""
    from stocktrail.ledger.store.in_memory import open_in_memory
    from stocktrail.shop import Shop

    return Shop(open_in_memory())


if not TYPE_CHECKING:                  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Load a public name when it is used for the first time."""
        from importlib import import_module

        if name == "__version__":
            return import_module("importlib.metadata").version("stocktrail")
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
