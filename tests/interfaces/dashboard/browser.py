"""A real Chromium: Debian's, or the one that Playwright keeps; where neither is, it is got."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, sync_playwright

VARIABLE = "STOCKTRAIL_TEST_CHROMIUM"
"""Names a Chromium, where it stands in no usual place."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")


class NoBrowser(RuntimeError):
    """There is no Chromium here, and none could be got."""


def chromium_path() -> str | None:
    """Find a Chromium of the system; ``None`` leaves it to Playwright."""
    return os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, _NAMES)), None)


def get_browser() -> None:
    """Get a Chromium where there is none: Debian's as root, else the one that Playwright keeps."""
    if chromium_path() is not None:
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *words], env=environment, timeout=900, check=False,
                           stdout=subprocess.DEVNULL)
    if chromium_path() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], timeout=900,
                       check=False, stdout=subprocess.DEVNULL)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium without a window. Raises :class:`NoBrowser` where there is none."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=chromium_path(),
                args=["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
            )
        except Error as error:
            raise NoBrowser(
                "There is no Chromium. On Debian: apt-get install chromium; elsewhere: python -m "
                f"playwright install chromium, or name one in {VARIABLE}."
            ) from error
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    get_browser()
