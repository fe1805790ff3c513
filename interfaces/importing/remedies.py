"""What can be done about a file, in the words of the door through which it came.

A sentence about a file says what to do. On the command line that is mostly a flag, on the
dashboard's page a field of it. So whoever writes such a sentence takes the way out from here, where
each stands in both words; which of them holds is said once, around all that reads the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

_IS_ON_PAGE: ContextVar[bool] = ContextVar("is_on_page", default=False)


class Remedy(NamedTuple):
    """A way out: as flags of the command line, and as a field of the dashboard's page.

    Names in braces stand for what is filled in.
    """

    with_flags: str
    on_page: str

    def said(self, **filled_in: str) -> str:
        """Return it in the words of the door through which the file came.

        >>> CHOOSE_COLUMN.said(field="sku")
        'Say which with --map COLUMN=sku.'
        >>> with read_on_a_page():
        ...     CHOOSE_COLUMN.said(field="sku")
        'Choose its column below.'
        """
        words = self.on_page if _IS_ON_PAGE.get() else self.with_flags
        return words.format_map(filled_in)


@contextmanager
def read_on_a_page() -> Iterator[None]:
    """Let sentences about what is read within speak of the dashboard's page."""
    before = _IS_ON_PAGE.set(True)
    try:
        yield
    finally:
        _IS_ON_PAGE.reset(before)


# ------------------------------------------------------------------ which column is what

CHOOSE_COLUMN = Remedy("Say which with --map COLUMN={field}.", "Choose its column below.")
CHOOSE_THAT_COLUMN = Remedy("say which with --map COLUMN={field}", "choose it below")
CHOOSE_COLUMN_OF_ITEMS = Remedy(
    'say which with --map "{column}=sku"', "choose it below"
)
TELL_ITEMS_APART = Remedy(
    "say which column tells items apart with --map COLUMN=sku",
    "choose below the column that tells items apart",
)
NAME_NEW_COLUMN = Remedy("name it: --map COLUMN={field}", "choose it below, as {field}")
ABOUT_COLUMNS = Remedy("--map: ", "")
"""What a complaint about a chosen column begins with."""

# ------------------------------------------------------------------ how a file is written

CHOOSE_FORMAT = Remedy("--format {format}", "choose it below")
NAME_ENCODING = Remedy(
    "name its encoding with --encoding, such as --encoding windows-1252", "save it as UTF-8"
)
WITH_DECIMAL_MARK = Remedy("with --decimal {mark}", "with a decimal {mark}")
CHOOSE_DECIMAL_MARK = Remedy(
    "say which with --decimal point or --decimal comma", "say below how it is written"
)
SETTLE_DECIMAL_MARK = Remedy(
    "say which holds with --decimal point or --decimal comma", "say below which holds"
)
CHOOSE_ORDER_OF_DATES = Remedy(
    "say which with --dates day-first or --dates month-first", "say below which it is"
)

# ------------------------------------------------------------------ what it holds

TAKE_IT_THERE = Remedy("Take it to {subcommand}.", "Say above what it holds.")
SAY_WHETHER_OPEN = Remedy(
    "say with --open-status {status} or --closed-status {status} whether", "say below whether"
)
LEAVE_ITS_ORDERS_OUT = Remedy(
    "leave its orders out with --skip-wrong", "leave its orders out below"
)
ADD_UP_SHELVES = Remedy(
    "add up several shelves with --add-up", "let several shelves add up below"
)
ADD_UP_ROWS = Remedy(
    "say with --add-up that their quantities add up", "let the rows of an item add up below"
)
PUT_UNITS_BACK = Remedy(
    "import-orders --put-back SOURCE puts their units back first",
    "say there at which source their units are put back",
)
SELL_AGAIN = Remedy(
    "When it can be had again: set-manage-stock --manage off.",
    "When it can be had again, say among its settings that its stock is not managed.",
)
