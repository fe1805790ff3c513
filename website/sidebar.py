"""The navigation at the side of every page, written from the chapters.

Sphinx would resolve all tables of contents again for each page: the site took 10.9 instead of 8.5 s
of processor (72 pages, ``time python -m website``, 2026-11-30).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from html import escape

from website.navigation import Chapter, leader_of

_PAGE = (
    '<li class="toctree-l{depth}{current}"><a class="reference internal" href="{to}">{title}</a>'
)


def sidebar(
    found: Iterable[Chapter], titles: Mapping[str, str], page: str, path_to: Callable[[str], str]
) -> str:
    """Return the navigation as a page shows it, in the HTML that Sphinx writes of its contents.

    ``path_to`` gives the address of another page, as it is reached from this one.
    """
    led = defaultdict(list)
    for each in titles:
        led[leader_of(each, titles)].append(each)

    def item(each: str, depth: int) -> str:
        current = " current" if page in (each, *led[each]) else ""
        written = _PAGE.format(
            depth=depth, current=current, to=path_to(each), title=escape(titles[each])
        )
        below = "".join(item(other, depth + 1) for other in led[each])
        return f"{written}{f'<ul>{below}</ul>' if below else ''}</li>"

    return "".join(
        f'<p class="caption" role="heading"><span class="caption-text">{escape(chapter.heading)}'
        f'</span></p><ul>{"".join(item(each, 1) for each in chapter.pages)}</ul>'
        for chapter in found
    )
