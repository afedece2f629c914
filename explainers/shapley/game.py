"""What a coalition of parts is worth: the model's output when only these are there, asked through the engine and remembered."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..engine import Ended, batch_keys
from ..maps.output import of_probabilities
from ..methods import Request
from .players import Players


@dataclass(eq=False)
class Game:
    """values(masks): bool (n, players), True = present -> float64 (n,), the mean output over the stand-ins for what is absent.

    calls  different instances that the game may ask about; where they are spent, `values` raises `Ended` without a reason
    """

    request: Request
    players: Players
    output: str
    calls: int
    known: dict[bytes, float] = field(default_factory=dict)  # by packed mask, in the order in which they were asked
    _asked: set[bytes] = field(default_factory=set)

    def values(self, masks: np.ndarray, whole: bool = False) -> np.ndarray:
        """Raises `Ended` where a limit ends the asking; what was answered until then stays in `known`. `whole`: all or nothing."""
        masks = np.asarray(masks) > 0.5
        keys = mask_keys(masks)
        new = {key: row for row, key in reversed(list(enumerate(keys))) if key not in self.known}
        rows = np.array(sorted(new.values()), dtype=np.intp)
        paid = self._paid(masks[rows])
        if whole and paid < len(rows):
            raise Ended("")
        for start in range(0, paid, self.players.at_once):
            self._ask(masks[rows[start : min(start + self.players.at_once, paid)]])
        if paid < len(rows):
            raise Ended("")
        return np.array([self.known[key] for key in keys])

    def _paid(self, masks: np.ndarray) -> int:
        """How many of the new masks, the first ones, the calls still pay for."""
        each = self.players.rows
        if each == 1:
            return min(len(masks), self.calls - len(self.known))
        if not len(masks):
            return 0
        keys, asked = batch_keys(self.players.copies(masks)), set(self._asked)  # of tables, whose copies are often alike
        for row in range(len(masks)):
            asked.update(keys[row * each : (row + 1) * each])
            if len(asked) > self.calls:
                return row
        return len(masks)

    def _ask(self, masks: np.ndarray) -> None:
        copies, each = self.players.copies(masks), self.players.rows
        if each > 1:
            self._asked.update(batch_keys(copies))
        proba = self.request.ask(copies)
        whole = len(proba) // each
        means = of_probabilities(proba[: whole * each], self.request.target, self.output).reshape(whole, each).mean(axis=1)
        self.known.update(zip(mask_keys(masks[:whole]), means.tolist(), strict=True))
        if whole < len(masks):
            raise Ended(self.request.ask.stopped)


def mask_keys(masks: np.ndarray) -> list[bytes]:
    """One for each row of bool (n, players), equal where the rows are."""
    return [row.tobytes() for row in np.packbits(masks, axis=1)]
