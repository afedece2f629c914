"""Set-difference captions: short descriptions that are true more often of set A than of set B, ranked, with evidence.

After Dunlap et al., "Describing Differences in Image Sets with Natural Language" (CVPR 2024), VisDiff: proposers look at some items and
write candidates, rankers score every candidate by the AUROC with which it separates the sets.

Where this differs, on purpose: candidates are proposed on one half of the items and tested on the other (the paper's ranker uses the items
again that its proposer saw), intervals and p-values come with each, p is corrected for the number of candidates, and where nothing is
found it says so (status "not_found").
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from .differences import items as checking
from .differences.beside import Found, goes_with
from .differences.degree import COUNTED, LIKENESS
from .differences.ground import Told, contrasts
from .differences.items import Items
from .differences.order import DIGITS, SAID, Ranked, brings, ordered
from .differences.proposers import all_proposers
from .differences.rankers import all_rankers
from .differences.shown import Gallery
from .differences.stages import Proposal, Ranker, Session
from .differences.statistics import Separation, corrected, paired_separation, separation
from .engine import Limits, Progress
from .explanation import Cost, Explanation, canonical_json, instance_sha256
from .methods import checked_params, option
from .models.base import fingerprint_of
from .payloads import Candidate, Contrast, SetDifference

METHOD = "set_difference"
OWN = "you"  # the proposer of descriptions given by hand
MOST_DESCRIPTIONS, MOST_CHARACTERS = 50, 200
PROPOSING = 0.5  # of the work, for the progress
GROUPING = {"text": 0.1}  # texts are cut and measured again; the rest takes no time


@dataclass(frozen=True)
class Params:
    """alpha: see SetDifference. most: how many candidates are tested. image_text_model: CLIP or SigLIP, "" for none. The last four reach the
    files or the network of the machine, so only a caller of the library may set them."""

    most: int = option(30, "Descriptions tested", "More find rarer differences, and each must then be clearer to count.", low=1, high=100)
    alpha: float = option(
        0.05, "Chance of a false find", "How often at most something is reported where the sets do not differ.", low=0.001, high=0.5
    )
    image_text_model: str = option(
        "",
        "Image-text model",
        "CLIP or SigLIP for pictures: the path of its folder, or its name on the Hugging Face hub.",
        most=300,
        local=True,
    )
    language_model: str = option(
        "", "Language model", "Proposes descriptions: the path of its folder, its name on the Hugging Face hub, or the http address of an "
        "OpenAI-compatible server.", most=300, local=True,
    )  # fmt: skip
    language_model_name: str = option("", "Its name on the server", "For an address: which of the server's models.", most=200, local=True)
    cache: str = option(
        "", "Folder for embeddings", "Where embeddings are kept, so that a run that was stopped goes on.", most=500, local=True
    )


@dataclass(frozen=True)
class Tested:
    """A proposal with what the first ranker that fits it measured, and the others' AUROC."""

    proposal: Proposal
    ranker: Ranker
    fit_a: np.ndarray
    fit_b: np.ndarray
    found: Separation
    others: dict[str, float]

    @property
    def ranked(self) -> Ranked:
        means = getattr(self.ranker, "means", None)  # only what the programme itself knows the meaning of explains anything
        meant = means(self.proposal) if means else None
        return Ranked(meant, self.ranker.cut(self.proposal), self.fit_a, self.fit_b, self.found)


def explain_difference(
    a: Any,
    b: Any,
    modality: str,
    *,
    seed: int = 0,
    descriptions: Sequence[str] | None = None,
    captions: Sequence[Sequence[str]] | None = None,
    paired: bool = False,
    propose: bool = True,
    names: Sequence[str] = ("A", "B"),
    on_progress: Progress | None = None,
    cancel: Any = None,
    max_calls: int | None = None,
    max_seconds: float | None = None,
    **params: Any,
) -> Explanation:
    """How set `a` differs from set `b`: two lists of texts, of rows (or two DataFrames), or of pictures.

    descriptions  one's own, scored among the proposed ones
    captions      two lists of texts, one for each item of `a` and of `b`
    paired        item i of `a` belongs to item i of `b`: paired statistics
    propose       False scores only `descriptions`, on all items
    names         what the sets are called
    Raises ValueError, whose text is the sentence a person is shown. The result is an Explanation of kind "set_difference"; status "not_found"
    where no candidate counts as found. Candidates stand best first, by AUROC; where two cannot be told apart, what explains the other
    stands before it (differences/order.py).
    """
    values = checked_params(Params, params)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be a whole number from 0 up, not {seed!r}.")
    names = _two("names", names)
    own = _checked_descriptions(descriptions, propose)
    first, second = (None, None) if captions is None else _two("captions", captions)
    sets = checking.checked("A", a, modality, first), checking.checked("B", b, modality, second)
    checking.check_pair(*sets, paired)
    session = Session(int(seed), Limits(max_calls, max_seconds, cancel), values, on_progress, items=len(sets[0]) + len(sets[1]))
    for proposal in own:
        if not any(ranker.fits(proposal, modality, session) for ranker in all_rankers()):
            raise ValueError(
                f"“{proposal.description}” cannot be checked on a table: write it as a condition on a column, such as “age > 45” or "
                "“sex is Male and age <= 30”."
            )
    seen, tested = checking.halves(*sets, session.seed, paired) if propose else (None, sets)
    if min(map(len, (*tested, *(seen or tested)))) < checking.LEAST // 2:
        raise ValueError(
            "Too few different items are left to test on: give larger sets with fewer items that are alike, or propose nothing and score "
            "descriptions of your own."
        )
    session.span = (0.0, PROPOSING if seen else 0.0)
    proposals = _distinct([*own, *(_proposed(*seen, session) if seen else [])])[: values.most + len(own)]
    measured = []
    end = 1 - GROUPING.get(modality, 0.0)
    for number, proposal in enumerate(proposals):
        start = session.span[1] if number else (PROPOSING if seen else 0.0)
        session.span = (start, start + (end - start) / (len(proposals) - number))
        measured += [t] if (t := _tested(proposal, *tested, session, paired)) is not None else []
        session.tell(1.0)
    return _explanation(sets, seen, tested, measured, session, names, paired)


def _proposed(a: Items, b: Items, session: Session) -> list[Proposal]:
    """What all proposers say, taking turns: the best of each first."""
    fitting = [p for p in all_proposers() if p.fits(a.modality, session) is None]
    whole, lists = session.span[1], []
    for number, proposer in enumerate(fitting):
        session.span = (whole * number / len(fitting), whole * (number + 1) / len(fitting))
        lists += [] if session.stopped else [proposer(a, b, session)]
        session.tell(1.0)
    longest = max(map(len, lists), default=0)
    return [one[i] for i in range(longest) for one in lists if i < len(one)]


def _distinct(proposals: list[Proposal]) -> list[Proposal]:
    return list({p.description.casefold(): p for p in reversed(proposals)}.values())[::-1]


def _tested(proposal: Proposal, a: Items, b: Items, session: Session, paired: bool) -> Tested | None:
    """None where no ranker fits, or a limit was met before the first had looked at every item."""
    separate = paired_separation if paired else separation
    first: Tested | None = None
    for ranker in all_rankers():
        if not ranker.fits(proposal, a.modality, session):
            continue
        fit_a, fit_b = ranker(proposal, a, session), ranker(proposal, b, session)
        if len(fit_a) < len(a) or len(fit_b) < len(b):
            if session.stopped:
                break
            continue  # it had nothing to look at: a picture without a caption
        found = separate(fit_a, fit_b)
        if first is None:
            first = Tested(proposal, ranker, fit_a, fit_b, found, {})
        else:
            first.others[ranker.name] = found.auroc
    return first


def _explanation(
    sets: tuple[Items, Items], seen: tuple[Items, Items] | None, tested: tuple[Items, Items], measured: list[Tested], session: Session,
    names: Sequence[str], paired: bool,
) -> Explanation:  # fmt: skip
    a, b = sets
    q = corrected([t.found.p for t in measured])
    order = ordered([t.ranked for t in measured], paired)
    gallery = Gallery(*tested)
    goes, left = _beside([measured[i] for i in order], q[order], tested, session, paired)
    ground = _contrasts([measured[i] for i in order], q[order], seen, tested, session, paired)
    stopped = session.stopped
    payload = SetDifference(
        [_candidate(measured[i], float(q[i]), gallery, paired, rest) for i, rest in zip(order, left, strict=True)],
        [str(name) for name in names],
        [len(a), len(b)],
        [len(items) for items in tested],
        session.params.alpha,
        paired,
        gallery.shown,
        {t.ranker.name: t.ranker.sees for t in measured},
        gallery.alike,
        goes,
        ground,
    )
    status = "partial" if stopped else "complete" if payload.found else "not_found"
    reason = stopped or ("" if payload.found else "no description separates the two sets by more than chance")
    described = {name: {"items": len(items), "sha256": fingerprint_of(config={"keys": sorted(k.hex() for k in items.keys)})}
                 for name, items in zip(("A", "B"), sets, strict=True)}  # fmt: skip
    asked, made = (sum(getattr(line, what) for line in session.lines.values()) for what in ("calls_asked", "calls_made"))
    return Explanation(
        method=METHOD, params=dataclasses.asdict(session.params), seed=session.seed, task="", modality=a.modality,
        class_names=[str(name) for name in names], instance=described, instance_sha256=instance_sha256(described), target=0,
        prediction=np.array([len(a), len(b)]) / (len(a) + len(b)), model_name=", ".join(sorted({t.ranker.name for t in measured})),
        model_fingerprint=fingerprint_of(config={"models": sorted(session.lines), "rankers": canonical_json(payload.sees)}),
        payload=payload, caveats=_caveats(payload), status=status, reason=reason,
        cost=Cost(asked, made, max((line.seconds for line in session.lines.values()), default=0.0)),
    )  # fmt: skip


def _beside(
    measured: list[Tested], q: np.ndarray, sets: tuple[Items, Items], session: Session, paired: bool
) -> tuple[list[int], list[float | None]]:
    """What goes with what, and what is left without it, by places in `measured`: of what was found and is understood. The first is [] where a
    limit was met before that was measured."""
    goes, left = list(range(len(measured))), [None] * len(measured)  # type: list[int], list[float | None]
    counted = [
        i
        for i, t in enumerate(measured)
        if q[i] < session.params.alpha and t.found.auroc > 0.5 and (t.ranker.name not in LIKENESS or t.ranker.cut(t.proposal) is not None)
    ]
    some = [measured[i] for i in counted]
    found = [
        Found(t.proposal.test, t.ranker.cut(t.proposal), t.fit_a, t.fit_b, t.found, partial(t.ranker, t.proposal, session=session))
        for t in some
    ]
    session.span = (session.span[1], 1.0)
    known = goes_with(found, *sets, session, paired, lambda h, j: brings(some[h].ranked, some[j].ranked))
    session.tell(1.0)
    if known is None:
        return [], left
    first, rest = known
    for i, place, score in zip(counted, first, rest, strict=True):
        goes[i], left[i] = counted[place], score
    return goes, left


def _contrasts(
    measured: list[Tested], q: np.ndarray, seen: tuple[Items, Items] | None, tested: tuple[Items, Items], session: Session, paired: bool
) -> list[Contrast]:
    """Of pictures whose first description found is about the background, that one against the object. Places are those of `measured`."""
    first = next(
        (i for i, t in enumerate(measured) if q[i] < session.params.alpha and t.found.auroc > 0.5 and t.ranker.name not in LIKENESS), None
    )
    if first is None or seen is None or tested[0].modality != "image":
        return []
    told = [Told(t.proposal.description, t.ranked.test, t.fit_a, t.fit_b) for t in measured[first:]]
    return [replace(c, candidate=first + c.candidate) for c in contrasts(told, seen, tested, session, paired)]


def _candidate(t: Tested, q: float, gallery: Gallery, paired: bool, left: float | None) -> Candidate:
    cut = t.ranker.cut(t.proposal)
    examples, against = gallery.evidence(t.fit_a, t.fit_b, paired)
    middle = None if t.ranker.name in COUNTED else float(np.median(t.fit_b))
    above = [None, None] if middle is None else [float((fit > middle).mean()) for fit in (t.fit_a, t.fit_b)]
    means = [None, None] if middle is None else [float(fit.mean()) for fit in (t.fit_a, t.fit_b)]
    return Candidate(
        t.proposal.description, t.found.auroc, t.found.low, t.found.high, t.found.p, q, t.ranker.name, t.proposal.proposer,
        None if cut is None else float((t.fit_a > cut).mean()), None if cut is None else float((t.fit_b > cut).mean()),
        examples, against, t.others, float(((t.fit_a > t.fit_b) + 0.5 * (t.fit_a == t.fit_b)).mean()) if paired else None,
        left, above[0], above[1], means[0], means[1], list(t.proposal.also),
    )  # fmt: skip


def _caveats(payload: SetDifference) -> list[str]:
    said = []
    if min(payload.tested) < 20:
        said.append(f"Only {min(payload.tested)} items of a set could be tested on: small differences cannot show. Give larger sets.")
    scores = [round(c.score, DIGITS) for c in payload.candidates]
    if scores != sorted(scores, reverse=True):
        said.append(SAID)
    return said


def _two(what: str, given: Any) -> tuple[Any, Any]:
    """One of either set."""
    if isinstance(given, str | bytes | dict) or not isinstance(given, Sequence) or len(given) != 2:
        raise ValueError(f"{what} must be two, one for set A and one for set B.")
    return given[0], given[1]


def _checked_descriptions(descriptions: Sequence[str] | None, propose: bool) -> list[Proposal]:
    if isinstance(descriptions, str):
        descriptions = [descriptions]
    if descriptions is not None and not isinstance(descriptions, Sequence):
        raise ValueError(f"descriptions must be a list of texts, not {type(descriptions).__name__}.")
    given = list(descriptions or [])
    if not propose and not given:
        raise ValueError("There is nothing to score: give descriptions, or let some be proposed.")
    if len(given) > MOST_DESCRIPTIONS:
        raise ValueError(f"Give at most {MOST_DESCRIPTIONS} descriptions, not {len(given)}.")
    for text in given:
        if not isinstance(text, str) or not any(ch.isalnum() for ch in text):
            raise ValueError("A description must be a few words: one of those given has none.")
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"A description must have at most {MOST_CHARACTERS} characters, not {len(text):,}.")
    return [Proposal(" ".join(text.split()), OWN) for text in given]
