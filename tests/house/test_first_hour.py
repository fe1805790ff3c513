"""A new shop is running after twelve commands; that they work, test_examples.py shows."""

import re

from tests.house.sources import ROOT

PAGE = ROOT / "docs/how-to/first-hour.md"
MOST = 12


def test_it_takes_twelve_commands_as_its_headings_count_them() -> None:
    before, _, _ = PAGE.read_text(encoding="utf-8").partition("## See it work")
    counted = 0
    for chapter in before.split("\n## ")[1:]:
        heading = chapter.partition("\n")[0]
        counted += sum(len(line.split("&&")) for line in re.findall(r"^\$ (.*)$", chapter, re.M))
        assert heading.endswith(f" {counted}"), heading
    assert counted == MOST
