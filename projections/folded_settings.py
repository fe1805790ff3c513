"""The settings as the log has them: now, or as of a position."""

from typing import cast

from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.store import Ledger


def folded_settings(ledger: Ledger, position: int | None = None) -> Settings:
    """Fold the settings from the log, from the newest snapshot on; up to a position, if any."""
    return cast(Settings, ledger.aggregate(Settings.stream_of(SETTINGS_KEY), position))
