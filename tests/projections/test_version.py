"""One version for all read models: another shape is another number, and tables of its own."""

from pathlib import Path

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.postgres_address import is_postgres_url
from stocktrail.projections import ReadModels
from stocktrail.projections.folding.projector import READ_MODELS
from stocktrail.projections.models.orders import ORDER
from stocktrail.projections.models.version import TRACKED_BEFORE, VERSION, earlier_names
from stocktrail.projections.verify import verify
from tests.projections.shop import Shop

SHAPE = Path(__file__).parent / "golden" / "read_models.sql"


def shape() -> str:
    """Return the statements that make the tables of every read model."""
    statements = [
        statement for model in READ_MODELS for table in model.tables
        for statement in (table.create, *table.create_key(), *table.create_indexes())
    ]
    return "".join(f"{statement};\n" for statement in statements)


def test_whoever_changes_a_table_raises_the_version() -> None:
    """Raise ``VERSION``, then write the new shape: ``python -m tests.projections.test_version``."""
    assert SHAPE.read_text() == shape()


def test_every_table_carries_the_version() -> None:
    names = [table.name for model in READ_MODELS for table in model.tables]
    assert all(name.endswith(f"_v{VERSION}") for name in names)
    assert len(set(names)) == len(names)


def leave_behind(ledger: Ledger, position: int) -> str:
    """Leave a table and a position of an earlier version in a ledger; return the table's name."""
    models = ReadModels(ledger)
    models.side_tables.prepare()
    [name, *_] = earlier_names(ORDER.name)
    with models.side_tables.writing() as cursor:
        cursor.execute(ORDER.named(name).create)
        models.side_tables.record(cursor, TRACKED_BEFORE[0], position)
    return name


def has_table(shop: Shop, name: str) -> bool:
    """Return whether the database has a table of a name."""
    query = "SELECT name FROM sqlite_master WHERE name = :name"
    if is_postgres_url(shop.ledger.url):
        query = "SELECT 1 FROM pg_class WHERE oid = to_regclass(:name)"
    with shop.models.side_tables.reading() as cursor:
        cursor.execute(query, {"name": name})
        return bool(cursor.fetchall())


def test_a_ledger_of_an_earlier_version_is_rebuilt_beside_its_tables(shop: Shop) -> None:
    name = leave_behind(shop.ledger, 0)
    shop.carry("A", 5)
    assert shop.models.version().rebuilds == 1
    assert has_table(shop, name)
    assert verify(shop.models).ok


def test_a_rebuild_drops_what_earlier_versions_left_once_this_one_is_live(shop: Shop) -> None:
    name = leave_behind(shop.ledger, 0)
    shop.carry("A", 5)
    shop.models.rebuild()
    assert not has_table(shop, name)
    with shop.models.side_tables.reading() as cursor:
        assert set(shop.models.side_tables.positions(cursor, TRACKED_BEFORE)) == {None}
    assert verify(shop.models).ok


if __name__ == "__main__":
    SHAPE.parent.mkdir(exist_ok=True)
    SHAPE.write_text(shape())
