"""Numbers as a person reads them: few digits, a true minus sign, the unit beside them."""

from __future__ import annotations

import math
from typing import Any

MINUS = "\u2212"


def decimals(largest: float, figures: int = 3) -> int:
    """How many decimals show `figures` digits of the largest number in a column, at most 6."""
    if not math.isfinite(largest) or largest <= 0:
        return 1
    return min(6, max(0, figures - 1 - math.floor(math.log10(largest))))


def signed(x: float, places: int) -> str:
    """+12.3, −4.5, 0.0."""
    if not math.isfinite(x):
        return "unknown"
    digits = f"{abs(x):,.{places}f}"
    if not digits.strip("0.,"):
        return digits
    return ("+" if x > 0 else MINUS) + digits


def plain(x: float, places: int) -> str:
    """12.3, −4.5."""
    return signed(x, places).removeprefix("+")


def percent(p: float) -> str:
    """A probability in words: never "0 %" or "100 %" for what is not quite."""
    if not math.isfinite(p):
        return "unknown"
    if p >= 1:
        return "100 %"
    if p <= 0:
        return "0 %"
    if p > 0.995:
        return "over 99 %"
    return "under 1 %" if p < 0.005 else f"{100 * p:.0f} %"


def in_hundred(p: float, places: int = 0) -> str:
    """A share as "98" of "98 times in 100": never 0 or 100 for what is not quite."""
    if not math.isfinite(p):
        return "unknown"
    least = 0.5 * 10**-places
    if 0 < p < 1 and not least <= 100 * p <= 100 - least:
        return f"over {100 - 10**-places:.{places}f}" if p > 0.5 else f"under {10**-places:.{places}f}"
    return f"{100 * min(max(p, 0.0), 1.0):.{places}f}"


def in_hundred_within(p: float, low: float | None, high: float | None) -> tuple[str, str]:
    """ "98" and "96 to 99", with a decimal where the ends would read alike; "" for no range, or one of no width."""
    if low is None or high is None or low == high:
        return in_hundred(p), ""
    places = 0 if in_hundred(low) != in_hundred(high) else 1
    return in_hundred(p, places), f"{in_hundred(low, places)} to {in_hundred(high, places)}"


def amount(x: float) -> str:
    """A magnitude inside a sentence: 21, 4.5, 0.3."""
    x = abs(x)
    if x >= 9.95:
        return f"{x:,.0f}"
    if x >= 0.095:
        return f"{x:.1f}"
    return f"{x:.2g}" if x >= 0.0001 else "less than 0.0001"


def within(x: float, low: float | None, high: float | None) -> tuple[str, str]:
    """A magnitude and its range inside a sentence, "4.1" and "between 3.8 and 4.5", with as many decimals as tell the ends apart.

    No range where it has none that a person would care about.
    """
    if low is None or high is None:
        return amount(x), ""
    ends = sorted((abs(low), abs(high)))
    first = places = 0 if ends[1] >= 9.95 else decimals(ends[1], 2)
    while f"{ends[0]:.{places}f}" == f"{ends[1]:.{places}f}":
        places += 1
        if places > first + 2:  # exact, or as good as exact
            return amount(x), ""
    return f"{abs(x):,.{places}f}", f"between {ends[0]:,.{places}f} and {ends[1]:,.{places}f}"


def count(n: int, one: str, many: str | None = None) -> str:
    """1 sample, 1,000 samples."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def value(v: Any) -> str:
    """A cell of a table."""
    if v is None or (isinstance(v, float) and math.isnan(v)):
        return "missing"
    if isinstance(v, bool):
        return "yes" if v else "no"
    if isinstance(v, int):
        return (f"{v:,}" if abs(v) >= 10_000 else str(v)).replace("-", MINUS)
    if isinstance(v, float):
        if v.is_integer() and abs(v) < 1e15:
            return value(int(v))
        return f"{v:.4g}".replace("-", MINUS)
    return str(v)
