"""One's own sets on the page: files, pairs, damaged files, names that would be markup; nothing of them in the address."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.pages.visit import app, press, settle, words

PAGE = "pages/set_differences.py"
OTHER = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NASTY = "<script>alert(1)</script> **bold**"


def lines(word: str, n: int = 24, share: int = 1) -> str:
    """Lines of three words and a number; `word` in each `share`-th."""
    return "\n".join(" ".join([*(OTHER[(i * k) % 12] for k in (1, 3, 5)), str(i), *([word] if i % share == 0 else [])]) for i in range(n))


def png(colour: tuple[int, int, int], size: tuple[int, int] = (70, 60)) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").point([min(255, v // 2 + c // 2) for c in colour for v in range(256)]).save(
        file, "PNG"
    )
    return file.getvalue()


def own(kind: str, paired: bool = False) -> AppTest:
    at = app(PAGE)
    at.button_group(key="diff-source").set_value("My own sets").run()
    at.button_group(key="diff-kind").set_value(kind).run()
    return at.toggle(key="diff-paired").set_value(True).run() if paired else at


def give(at: AppTest, kind: str, a: Any, b: Any) -> AppTest:
    for side, files in (("A", a), ("B", b)):
        at.file_uploader(key=f"diff-{kind}-{side}").set_value(files)
    at.run()
    assert not at.exception, at.exception
    return at


def text(name: str, content: str) -> tuple[str, bytes, str]:
    return (name, content.encode(), "text/plain")


def figures(at: AppTest) -> str:
    return "\n".join(str(h.proto.body) for h in at.get("html"))


def test_two_files_of_texts_are_held_against_each_other_and_stay_out_of_the_address():
    at = give(own("text"), "text", text(f"{NASTY}.txt", lines(f"banana {NASTY}")), text("plain.txt", lines("cherry")))
    settle(at, "Descriptions are sought")
    press(at, "Find differences")
    said = words(settle(at, "digest"))
    assert "(24)" in said
    assert "banana" in figures(at)
    assert "<script" not in figures(at) + said.replace("\\<script", "")
    assert "**bold**" not in said
    assert dict(at.query_params) in ({"own": ["1"]}, {"own": "1"})


class TestPairs:
    def test_the_page_says_when_to_use_them_and_the_result_counts_pairs(self):
        at = give(own("text", paired=True), "text", text("loud.txt", lines("wow!")), text("quiet.txt", lines("wow")))
        settle(at, "Descriptions are sought")
        press(at, "Find differences")
        assert "pairs that no proposer saw" in words(settle(at, "digest"))
        assert "better than its partner" in figures(at)
        assert "two picture\\-making programs given the same requests" in words(at) or "two picture-making programs" in words(at)

    def test_unequal_numbers_get_a_sentence_before_anything_runs(self):
        at = give(own("text", paired=True), "text", text("a.txt", lines("x", 20)), text("b.txt", lines("y", 24)))
        said = words(settle(at, "turn pairs off")).replace("\\", "")
        assert "Pairs need equally many items, but A has 20 and B 24" in said
        assert "Find differences" not in [b.label for b in at.button]

    def test_pictures_are_paired_by_their_names(self):
        def pictures(blue: int, names: str) -> list[tuple[str, bytes, str]]:
            return [(f"{name}.png", png((10 * i, 90, blue), (70 + i, 60)), "image/png") for i, name in enumerate(names)]

        at = give(own("image", paired=True), "image", pictures(0, "abcdefgh"), pictures(200, "abcdefgx"))
        assert "“h” of set A has no partner of that name in set B" in words(settle(at, "no partner"))


@pytest.mark.parametrize(
    ("kind", "a", "b", "said"),
    [
        ("image", [("<b>broken**.png", b"\x89PNG no", "image/png")], [("ok.png", png((9, 9, 9)), "image/png")], "in set A cannot be used"),
        ("text", text("a.txt", "only one"), text("b.txt", lines("y")), "Set A has 1 item: give at least 4"),
        ("text", text("a.txt", " \n\n"), text("b.txt", lines("y")), "Set A has 0 items: give at least 4"),
        ("text", text("a.txt", lines("y")), text("b.txt", lines("y")), "The two sets are identical"),
        (
            "tabular",
            text("a.csv", "x,y\n" + "1,2\n" * 6),
            text("b.csv", "x,z\n" + "1,2\n" * 6),
            "The column 'y' is in one of the sets only",
        ),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(kind, a, b, said):
    at = give(own(kind), kind, a, b)
    for _ in range(100):
        if said in words(at).replace("\\", ""):
            break
        if "Find differences" in [b.label for b in at.button] and "digest" not in words(at):
            press(at, "Find differences")
        else:
            at.run()
    assert said in words(at).replace("\\", "")
    assert "<b>" not in words(at).replace("\\<b", "")


def test_a_set_that_is_too_small_and_a_column_of_numbers_are_seen_before_anything_runs():
    at = own("text")
    assert "at least 4, better 30 or more" in words(at)
    at = give(at, "text", text("a.txt", "only one"), text("b.txt", lines("y")))
    assert "Set A has 1 item" in words(settle(at, "give at least 4"))
    assert "Find differences" not in [b.label for b in at.button]
    table = "id,text\n" + "\n".join(f"{i},{line}" for i, line in enumerate(lines("y").splitlines()))
    at = give(at, "text", text("a.csv", table), text("b.txt", lines("z")))
    assert at.selectbox(key="diff-column-A").value == "text"


def test_a_broken_picture_among_many_is_left_out_and_the_page_says_so():
    def pictures(colour: int) -> list[tuple[str, bytes, str]]:
        return [(f"{i}.png", png((colour, 60 + i, 30)), "image/png") for i in range(8)]

    at = give(own("image"), "image", [*pictures(250), ("bad.png", b"no", "image/png")], pictures(20))
    said = words(settle(at, "Left out")).replace("\\", "")
    assert "“bad.png” in set A cannot be used" in said
    assert "(8)" in said


def test_pictures_of_all_sizes_are_compared():
    def pictures(colour: int) -> list[tuple[str, bytes, str]]:
        return [(f"{i}.png", png((colour, 60 + i, 30), (40 + 37 * i, 300 - 30 * i)), "image/png") for i in range(8)]

    at = give(own("image"), "image", pictures(250), pictures(20))
    settle(at, "Descriptions are sought")
    press(at, "Find differences")
    settle(at, "digest")
    assert "<img" in figures(at)
