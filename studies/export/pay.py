"""How long people took and what that makes an hour, by arm and in all: for who pays them, and looking at it tells nothing of an effect.

Counted are people who completed the study and were never timed out (a break is no work), by the server's clock, from agreeing to the last answer,
less the time that somebody waited for a place: who finds all taken may be given one days later.
Pay is what the design promises for a session (its pay by the hour, for the minutes of the forecast), without the bonus: that follows from correct
answers, so by arm it would tell how the arms did. An arm's numbers are withheld by the rule of closing answers (`rows.small_cells`).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ..design import Design
from ..freezing import Frozen
from ..lifecycle import waits
from ..markdown import plain
from ..schema import participant, reading
from .files import typed
from .rows import LEAST, Rows, small_cells

TABLE = "pay"


def pay_report(engine: Engine, frozen: Frozen) -> pd.DataFrame:
    """The table `pay` of an export, of those who have completed by now."""
    wanted = sa.select(participant).where(participant.c.version_id == frozen.version_id, participant.c.is_bot == 0)
    with reading(engine) as c:
        waited = waits(c, frozen.version_id)
        people = [{**row, "waited_ms": waited.get(row["participant_id"], 0)} for row in c.execute(wanted).mappings()]
    return typed(pay_rows(frozen.design, frozen.about.minutes, people), TABLE)


def pay_rows(design: Design, minutes: float, people: Sequence[dict[str, Any]]) -> Rows:
    """First all together, with no arm, then each arm of the design. minutes: of the forecast; people: rows of the store, with `waited_ms`."""
    ms = [
        (one["arm_id"], one["completed_at"] - one["consent_at"] - one["waited_ms"]) for one in people
        if one["state"] == "complete" and not one["late"] and not one["is_bot"]
    ]  # fmt: skip
    took = [(arm, each / 60_000) for arm, each in ms if each > 0]  # else the clock was put back
    withheld = small_cells([arm for arm, _ in took], design.arms)
    rows = [_row(design, minutes, None, [each for _, each in took], len(took) >= LEAST)]
    for arm in design.arms:
        rows.append(_row(design, minutes, arm, [each for where, each in took if where == arm], arm not in withheld))
    return rows


def pay_sentence(design: Design, minutes: float, people: Sequence[dict[str, Any]]) -> str:
    """Of all together, for a README in Markdown; says where there are too few."""
    row = pay_rows(design, minutes, people)[0]
    if row["median_minutes"] is None:
        return f"Fewer than {LEAST} people have completed the study without a break, so that nothing is told of their time and pay."
    told = f"{row['timed']} people completed the study without a break, in {row['median_minutes']:.1f} minutes (median)"
    if row["pay_per_hour"] is None:
        return told + "; the design names no pay."
    currency = plain(design.currency)
    return (
        f"{told}: the pay of a session, {_session(design, minutes):.2f} {currency} for {minutes:.1f} minutes, made "
        f"{row['pay_per_hour']:.2f} {currency} an hour, without the bonus; the design promises {design.pay:.2f}."
    )


def _session(design: Design, minutes: float) -> float:
    """As the forecast says it."""
    return round(design.pay * minutes / 60, 2)


def _row(design: Design, minutes: float, arm: str | None, took: list[float], told: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"arm": arm, "timed": len(took), "median_minutes": None, "pay_per_hour": None, "currency": design.currency}
    if told and took:
        row["median_minutes"] = round(median(took), 1)
        if design.pay:
            row["pay_per_hour"] = round(median(60 * _session(design, minutes) / each for each in took), 2)
    return row
