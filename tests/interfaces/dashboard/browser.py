"""A real Chromium: Debian's, or the one that Playwright keeps; where neither is, it is got."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Error, sync_playwright

VARIABLE = "STOCKTRAIL_TEST_CHROMIUM"
"""Names a Chromium, where it stands in no usual place."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")


MISSING = (
    "There is no Chromium. On Debian: apt-get install chromium; elsewhere name one in "
    f"{VARIABLE}, or run python -m playwright install chromium."
)

_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--force-color-profile=srgb",
)

START_MS = 30_000
"""How long a browser may take to start."""


class NoBrowser(RuntimeError):
    """There is no Chromium here, and none could be got."""


def chromium_path() -> str | None:
    """Find a Chromium of the system; ``None`` leaves it to Playwright."""
    return os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, _NAMES)), None)


def get_browser() -> None:
    """Get Debian's Chromium where there is none, as root or where ``sudo`` asks for no password."""
    if chromium_path() is not None:
        return
    if shutil.which("apt-get"):
        print("Getting Chromium for the dashboard's tests; this happens once.", file=sys.stderr)
        before = [] if os.geteuid() == 0 else ["sudo", "-n"]
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            with suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(
                    [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", *words],
                    timeout=300, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
    if chromium_path() is None:
        print(f"{MISSING} The tests that need it will fail.", file=sys.stderr)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium without a window. Raises :class:`NoBrowser` where there is none."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=chromium_path(),
                args=list(_FLAGS), timeout=START_MS,
            )
        except Error as error:
            raise NoBrowser(f"{MISSING} ({error.message.splitlines()[0]})") from error
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    get_browser()
