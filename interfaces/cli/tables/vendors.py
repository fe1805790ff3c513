"""Vendors, one a line: what each owes, and how it kept what it said."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("vendor", "vendors"), {
    "vendor": "~vendor", "open_lines": "#lines to come", "overdue_lines": "#overdue",
    "due": "#were due", "on_time": "#on time", "in_full": "#in full",
    "on_time_in_full_percent": "#both, %", "average_days_late": "#days late",
    "worst_days_late": "#at worst",
})
