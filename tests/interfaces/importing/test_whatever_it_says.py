"""Whatever a file says, the ledger shows it afterwards, and the same file says nothing new."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.store import open_ledger
from tests.interfaces.importing.scenes import imported, planned, stock_of

HEADER = "sku,source,quantity,status,notify_below,backorders,manage_stock,decimal,name"

cells = {
    "sku": st.sampled_from(["A", "A", "B", "C", ""]),
    "source": st.sampled_from(["", "default", "east", "west"]),
    "quantity": st.sampled_from(["", "0", "1", "20", "2.5", "-1", "x"]),
    "status": st.sampled_from(["", "", "1", "0"]),
    "notify_below": st.sampled_from(["", "", "3", "-2", "inherit"]),
    "backorders": st.sampled_from(["", "", "no", "2", "inherit"]),
    "manage_stock": st.sampled_from(["", "", "1", "0", "inherit"]),
    "decimal": st.sampled_from(["", "", "", "1"]),
    "name": st.sampled_from(["", "Lamp", "Shade"]),
}
files = st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=6).map(
    lambda rows: "\n".join([
        HEADER, "Z,,1,,,,,,", *(",".join(row[name] for name in cells) for row in rows), "",
    ])
)


@settings(max_examples=15)
@given(st.lists(files, min_size=2, max_size=3))
def test_the_ledger_shows_what_the_last_file_said(texts: list[str]) -> None:
    with (
        TemporaryDirectory() as folder,
        open_ledger(f"sqlite:///{Path(folder) / 'shop.db'}") as ledger,
    ):
        for text in texts:
            found, outcome = imported(ledger, text)
            assert [each.message for each in outcome.refused] == []
            assert len(planned(ledger, text).plan) == 0
            for item in found.items:
                on_hand = stock_of(ledger, item.sku).on_hand
                for source, line in item.at.items():
                    if line.quantity is not None:
                        assert on_hand[source] * 10_000 == line.quantity
