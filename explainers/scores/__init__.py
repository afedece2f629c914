"""Scores of explanations, each with a direction, a range, an interval and one sentence of meaning.

    spec.py        what a score is, and what it is computed from
    importance.py  what a map says comes first, whatever method made it
    copies.py      copies of an instance with parts gone, and what stands in their place
    ranking.py     does the order of parts beat random ones, in one test?
    faithful.py    deletion, insertion, comprehensiveness, sufficiency, against a random order and an edge detector
    infidelity.py  do the numbers foretell joint changes?
    seeds.py noise.py sanity.py   does the map hold over seeds, over small changes; does it change with the model's weights?
    agreement.py   do other methods put the same parts first?
    truth.py       against what is known to decide

`explainers.evaluate` (quality.py) is the door. A new score is a `ScoreSpec` in one of these files.
"""

from __future__ import annotations

from .spec import ScoreSpec


def all_specs() -> list[ScoreSpec]:
    """Cheap ones first."""
    from . import agreement, faithful, infidelity, noise, ranking, sanity, seeds, truth

    return [spec for module in (truth, faithful, ranking, infidelity, agreement, seeds, noise, sanity) for spec in module.SPECS]
