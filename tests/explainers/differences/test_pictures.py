"""Two sets of pictures: planted differences come first, swapping turns scores round, each picture is looked at once."""

import threading
import time

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

import explainers
from explainers import engine
from explainers.differences import sight
from explainers.differences.rankers.kinds import kinds_of

N = 14  # pictures a set
TASK = explainers.load_task("animals")
PICTURES, LABELS = TASK.instances("test"), TASK.labels("test")
FIRST, SECOND = [PICTURES[i] for i in range(N)], [PICTURES[i] for i in range(N, 2 * N)]


def noisy(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture, dtype=float)
    return Image.fromarray(np.clip(pixels + np.random.default_rng(0).normal(0, 25, pixels.shape), 0, 255).astype(np.uint8))


CHANGES = {
    "blurred": lambda p: p.filter(ImageFilter.GaussianBlur(2.5)),
    "black and white": lambda p: ImageOps.grayscale(p).convert("RGB"),
    "noisy": noisy,
    "frame": lambda p: ImageOps.expand(p, 14, (30, 30, 30)),
    "sketch": lambda p: ImageOps.grayscale(p.filter(ImageFilter.CONTOUR)).convert("RGB"),
    "dark": lambda p: ImageEnhance.Brightness(p).enhance(0.35),
    "red": lambda p: Image.blend(p, Image.new("RGB", p.size, (220, 30, 30)), 0.4),
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_planted_change_comes_first(said):
    d = explainers.explain_difference([CHANGES[said](p) for p in FIRST], SECOND, "image")
    assert said in d.payload.candidates[0].description
    assert d.payload.candidates[0].score > 0.9
    assert d.payload.candidates[0].q < 0.05


def test_birds_against_mammals():
    birds, mammals = ([PICTURES[i] for i in range(len(LABELS)) if LABELS[i] == c][:24] for c in (0, 1))
    d = explainers.explain_difference(birds, mammals, "image", descriptions=["sparrows", "an unheard-of feeling"])
    assert "a bird" in [c.description for c in d.payload.found[:3]]
    by = {c.description: c for c in d.payload.candidates}
    assert by["sparrows"].ranker == "labels"
    assert "bridge" in by["sparrows"].others
    assert by["an unheard-of feeling"].ranker == "bridge"
    assert set(d.payload.sees) >= {"labels", "bridge"}


def test_swapping_turns_every_score_round():
    texts = ["blurred", "a bird", "the sea", "something happy"]
    forth, back = (
        explainers.explain_difference(a, b, "image", descriptions=texts, propose=False) for a, b in ((FIRST, SECOND), (SECOND, FIRST))
    )
    scores = {c.description: c.score for c in back.payload.candidates}
    assert all(c.score == pytest.approx(1 - scores[c.description]) for c in forth.payload.candidates)


def test_order_does_not_matter():
    one, other = (explainers.explain_difference(a, b, "image") for a, b in ((FIRST, SECOND), (FIRST[::-1], SECOND[::-1])))
    assert [(c.description, c.score) for c in one.payload.candidates] == [
        (c.description, pytest.approx(c.score)) for c in other.payload.candidates
    ]


def test_each_picture_is_looked_at_once(monkeypatch):
    looked = []
    true = sight.Sight.embed
    monkeypatch.setattr(sight.Sight, "embed", lambda self, batch: looked.append(len(batch)) or true(self, batch))
    engine.CACHE.clear()
    texts = ["blurred", "a bird", "a dog", "dark"]
    d = explainers.explain_difference(FIRST[:8], SECOND[:8], "image", descriptions=texts)
    explainers.explain_difference(FIRST[:8], SECOND[:8], "image", descriptions=texts, seed=1)
    assert sum(looked) == 16
    assert d.cost.calls_made >= 16


def test_a_picture_that_cannot_be_read_ends_the_looking_without_reading_the_rest(monkeypatch):
    read, true = [], sight.whole

    def slow(picture):
        read.append(picture)
        if len(read) == 1:
            raise ValueError("not a picture")
        time.sleep(0.01)
        return true(picture)

    monkeypatch.setattr(sight, "whole", slow)
    with pytest.raises(ValueError, match="not a picture"):
        sight.sight().embed([FIRST[0]] * 60)
    assert len(read) < 50
    assert sight.sight().embed(FIRST[:5]).shape == (5, sight.sight().width), "and it can look again"


def test_a_problem_of_the_network_ends_it_too(monkeypatch):
    def broken(self, squares):
        raise RuntimeError("out of memory")

    before = threading.active_count()
    monkeypatch.setattr(sight.Sight, "_look", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        sight.sight().embed(FIRST)
    assert threading.active_count() == before


def test_random_halves_of_one_set_seldom_differ():
    found = 0
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(2 * N)
        both = [*FIRST, *SECOND]
        d = explainers.explain_difference([both[i] for i in order[:N]], [both[i] for i in order[N:]], "image", seed=seed)
        found += bool(d.payload.found)
    assert found <= 4  # 1 expected at 5 %


def test_captions_are_read_for_kinds():
    a = [f"A {w} in the garden" for w in ("sparrow", "robin", "crow", "heron", "gull", "finch", "owl") for _ in range(2)]
    b = [f"A {w} in the garden" for w in ("rose", "tulip", "daisy", "lily", "poppy", "violet", "iris") for _ in range(2)]
    d = explainers.explain_difference(FIRST, SECOND, "image", captions=(a, b))
    best = next(c for c in d.payload.candidates if c.description == "a bird")
    assert (best.ranker, best.score, best.share_a, best.share_b) == ("kinds of words", 1.0, 1.0, 0.0)
    assert "a bird" in kinds_of("Two sparrows.")


def test_tiny_pictures_are_no_trouble():
    small = [p.resize((20, 16)) for p in PICTURES[:16]]
    assert explainers.explain_difference(small[:8], small[8:], "image").kind == "set_difference"


@pytest.mark.parametrize("calls", [1, 5, 23])
def test_a_limit_leaves_a_partial_result_whatever_is_asked(calls):
    engine.CACHE.clear()
    d = explainers.explain_difference(
        FIRST[:6], SECOND[:6], "image", descriptions=["something happy", "a bird", "dark"], propose=False, max_calls=calls
    )
    assert (d.status == "partial") == (calls < 12)


def before(colour: tuple[int, int, int], number: int) -> Image.Image:
    """A picture, small, in the middle of a background of about this colour."""
    rng = np.random.default_rng(number)
    ground = Image.new("RGB", (224, 224), tuple(int(np.clip(c + rng.integers(-15, 16), 0, 255)) for c in colour))
    ground.paste(PICTURES[number].resize((90, 90)), (67, 67))
    return ground


@pytest.mark.parametrize(("colour", "said"), [((245, 245, 245), "white"), ((15, 15, 15), "black"), ((200, 40, 40), "red")])
def test_a_background_of_one_colour_is_not_taken_for_light_on_the_whole_picture(colour, said):
    others = [(60, 90, 160), (120, 120, 120), (70, 140, 70), (150, 110, 70), (180, 120, 160), (90, 160, 160), (140, 90, 40)]
    a = [before(colour, i) for i in range(N)]
    b = [before(others[i % len(others)], N + i) for i in range(N)]
    told = [c.description for c in explainers.explain_difference(a, b, "image").payload.candidates]
    assert f"the background is {said}" in told[:2]
    assert not {"dark, as at night", "bright, in strong light", f"tinted {said}"} & set(told)
