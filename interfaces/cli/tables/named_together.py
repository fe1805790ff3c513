"""Lists whose rows name several things in one column."""

from collections.abc import Mapping
from typing import Any

from stocktrail.interfaces.cli.screen import Report, Screen, Show


def named_together(column: str, show: Show) -> Show:
    """Return what shows a list with the names of a column written one after the other."""

    def written(row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**row, column: ", ".join(row[column])} if column in row else row

    def show_together(screen: Screen, report: Report) -> None:
        show(screen, {**report, "rows": list(map(written, report["rows"]))})

    return show_together
