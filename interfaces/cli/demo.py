"""The demo: two years of a wholesaler, what its owner asks, a late vendor, one item step by step.

Everything is submitted and asked through the same functions as on the command line. The database
stays behind, so that one can go on asking; a database that is there is never written to.
"""

import shlex
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from stocktrail.interfaces.cli import demo_answers, demo_purchases, demo_steps
from stocktrail.interfaces.cli.demo_database import FIRST_NAME, demo_database
from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure
from stocktrail.interfaces.cli.progress import Progress
from stocktrail.interfaces.cli.script import opened_script
from stocktrail.interfaces.cli.session import Session, SessionArgument
from stocktrail.interfaces.cli.wording import count
from stocktrail.interfaces.service.example_scripts import EXAMPLES, example

if TYPE_CHECKING:
    from stocktrail.interfaces.cli.screen import Screen
    from stocktrail.ledger.store import Ledger
    from stocktrail.projections import ReadModels

_SCRIPT = "northwind.jsonl"


def demo(*, files: Path | None = None, session: SessionArgument) -> int:
    """A small shop, run from end to end.

    Submits two years of real orders, asks what may still be sold, what is short, who waits and what
    is low; lets a vendor be late and shows whom it hits; then follows one item step by step and
    explains its numbers. Leaves its database in this folder, under a name that is not taken.

    Parameters
    ----------
    files
        Only write the files of a lamp shop into this folder, to try the imports with: 2,000 items,
        300 open orders and 100 open purchase orders, as Shopify and buyers write them.
    """
    if files is not None:
        return _write_files(files, session)
    from stocktrail.ledger.store import open_ledger
    from stocktrail.projections import ReadModels
    from stocktrail.projections.verify import verify

    screen = session.screen
    with demo_database(session.database) as url, open_ledger(url) as ledger:
        models = ReadModels(ledger)
        if not session.as_json:
            _introduce(screen, url)
        tally = _submit_northwind(ledger, models, screen, quiet=session.as_json)
        if not session.as_json:
            demo_answers.show_answers(models, screen)
        shown = None if session.as_json else screen
        tally += demo_purchases.walk(models, shown)
        tally += demo_steps.walk(models, shown)
        verification = verify(models)
        if not verification.ok:
            raise Failure(
                WENT_WRONG, "not_verified",
                "The numbers of the demo do not follow from its events. That is a mistake of "
                "stocktrail's: please report it.",
            )
        if session.as_json:
            session.write_json({
                "database": url, "position": verification.position, "verified": verification.ok,
                "commands": dict(tally),
            })
        else:
            _conclude(screen, url, verification.events)
    return 0


def _write_files(folder: Path, session: Session) -> int:
    """Write the files of a shop to be imported; none is written over."""
    from stocktrail.interfaces.cli.lamp_shop import LampShop

    try:
        written = [str(each) for each in LampShop(date.today()).write(folder)]
    except OSError as error:
        raise Failure(
            WENT_WRONG, "cannot_write",
            f"The files of the lamp shop cannot be written: {error.strerror}: {error.filename}.",
        ) from None
    if session.as_json:
        session.write_json({"files": written})
    else:
        session.screen.say(f"The files of a lamp shop: {', '.join(written)}.")
    return 0


def _introduce(screen: "Screen", url: str) -> None:
    file = url.removeprefix("sqlite:///")
    taken = "" if file == FIRST_NAME else " (what was there before is left alone)"
    screen.heading("stocktrail: an inventory ledger that explains its numbers")
    screen.say(
        "Every sale, reservation and receipt is an event that is never changed. Everything you "
        "are about to see is worked out from those events, and can be again at any time.",
        "",
        f"The ledger of this demo is {file}{taken}.",
    )
    screen.heading("1. Two years of a wholesaler")
    screen.say(
        "Northwind sold food to 89 customers from July 1996 to May 1998. Its 77 products and 830 "
        f"orders are in {example(_SCRIPT)}, one command a line. Submitting them:",
        "",
    )


def _submit_northwind(
    ledger: "Ledger", models: "ReadModels", screen: "Screen", *, quiet: bool
) -> Counter[str]:
    from stocktrail.commands.scripts.submission import submit

    started = time.monotonic()
    tally: Counter[str] = Counter()
    with opened_script(str(EXAMPLES / _SCRIPT)) as script:
        with Progress("Submitting two years of orders", unit="commands") as progress:
            for done, result in enumerate(submit(ledger, script.rows(None, None)), start=1):
                tally[result.status] += 1
                progress.reach_share(done, script.share)
        with Progress("Working out the numbers") as progress:
            models.catch_up(progress.reach)
    if not quiet:
        screen.say(
            f"{count(tally['accepted'], 'command')} accepted in {time.monotonic() - started:.1f} "
            f"seconds; the ledger now holds {count(ledger.head().position, 'event')}."
        )
    return tally


def _conclude(screen: "Screen", url: str, events: int) -> None:
    screen.heading("5. Is it true?")
    screen.say(
        f"All {events:,} events were folded again from the first to the last, and every number "
        "compared: all of them agree."
    )
    program, flag = _program(), f"--database {shlex.quote(url)}"
    screen.heading("What to try next")
    screen.commands([
        (f"{program} stock {flag}", "every item, and what the shop says"),
        (f"{program} explain stock NW-31 --last 8 {flag}", "why one number is what it is"),
        (f"{program} order NW-11072 --today 1998-05-07 {flag}", "an order that waits"),
        (f"{program} backorders --by vendor --late --today 1998-05-07 {flag}", "who is late"),
        (f"{program} explain promise NW-11072 1 --today 1998-05-07 {flag}", "why that day"),
        (f"{program} flow NW-02 --today 1998-05-07 {flag}", "what is to come and to go"),
        (f"{program} history WIDGET {flag}", "change by change"),
        (f"{program} submit {example('two-pools.jsonl')} {flag}", "several sources and pools"),
        (f"{program} place-order --help", "sell something yourself"),
        (f"{program} --help", "everything there is"),
    ])


def _program() -> str:
    """Return what to type to run the program again, from where it was run now."""
    run = Path(sys.argv[0])
    if run.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m stocktrail"
    found = which("stocktrail")
    is_found = found is not None and Path(found).absolute() == run.absolute()
    return "stocktrail" if is_found else shlex.quote(sys.argv[0])
