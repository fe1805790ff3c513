"""Code 128: an id as a barcode that scanners read, drawn as SVG by ourselves.

An id is printed twice, as text and as a code. Digits in pairs take one symbol (code set C), all
else one each (code set B); a check symbol and the stop close it (ISO/IEC 15417). The libraries that
draw one bring images along, or styles that the policy of the pages forbids.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from markupsafe import Markup

_WIDTHS = tuple(re.findall(r"\d+", (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 "
    "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 "
    "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
    "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
    "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)))
"""The widths of the bars and spaces of each symbol, in modules; a bar comes first."""

_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106
_CHECK = 103
_QUIET = 10
"""The modules that stay white on either side."""

LONGEST = 48
"""The longest id that is drawn: 600 modules, which fit across a page."""

_PRINTABLE = re.compile(rf"[\x20-\x7e]{{1,{LONGEST}}}")
# Pairs save symbols from four digits on at an end, from six within: changing sets costs one.
_RUN = re.compile(r"^\d{4,}|\d{6,}|\d{4,}$")


def symbols(text: str) -> tuple[int, ...] | None:
    """Return the symbols of a text, with start, check and stop; ``None`` for what has no code.

    That is what is not printable ASCII, which few scanners read, and what is too long.

    >>> symbols("PJJ123C")
    (104, 48, 42, 42, 17, 18, 19, 35, 55, 106)
    >>> symbols("1234")
    (105, 12, 34, 82, 106)
    >>> symbols("K\u00e4se") is None
    True
    """
    if _PRINTABLE.fullmatch(text) is None:
        return None
    found = list(_begun(text))
    check = found[0] + sum(place * each for place, each in enumerate(found))
    return (*found, check % _CHECK, _STOP)


def _begun(text: str) -> Iterator[int]:
    """Yield the symbols of a text with its start, in as few as they take."""
    in_pairs = False
    for number, (part, is_run) in enumerate(_parts(text)):
        if not number:
            yield _START_C if is_run else _START_B
        elif is_run is not in_pairs:
            yield _TO_C if is_run else _TO_B
        in_pairs = is_run
        if is_run:
            yield from (int(part[place : place + 2]) for place in range(0, len(part), 2))
        else:
            yield from (ord(each) - 32 for each in part)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, and whether each is written as pairs of digits."""
    done = 0
    for run in _RUN.finditer(text):
        begin, end = run.span()
        if (end - begin) % 2:                    # the odd digit stays with its neighbour
            begin, end = (begin, end - 1) if not begin else (begin + 1, end)
        if begin > done:
            yield text[done:begin], False
        yield text[begin:end], True
        done = end
    if done < len(text):
        yield text[done:], False


def modules(text: str) -> str | None:
    """Return a text as modules, ``1`` for a bar; ``None`` for what has no code.

    >>> modules("A")
    '1101001000010100011000100010110001100011101011'
    """
    found = symbols(text)
    if found is None:
        return None
    widths = (int(width) for each in found for width in _WIDTHS[each])
    return "".join("01"[place % 2 == 0] * width for place, width in enumerate(widths))


@lru_cache(maxsize=4_096)
def code_128(text: str) -> Markup:
    """Return the code of an id as an SVG image, one CSS pixel (0.26 mm) a module; else nothing.

    >>> "<svg" in code_128("SO-1001"), code_128("K\u00e4se")
    (True, Markup(''))
    """
    found = modules(text)
    if found is None:
        return Markup()
    bars = re.findall("1+|0+", found)
    ends = list(accumulate(map(len, bars), initial=_QUIET))
    path = "".join(
        f"M{place} 0h{len(bar)}v1h-{len(bar)}z"
        for place, bar in zip(ends, bars, strict=False) if bar[0] == "1"
    )
    width = len(found) + 2 * _QUIET
    return Markup(
        '<svg class="code" role="img" aria-label="Code 128: {}" viewBox="0 0 {} 1" width="{}" '
        'height="44" preserveAspectRatio="none" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{}v1H0z"/><path fill="#000" d="{}"/></svg>'
    ).format(text, width, width, width, path)
