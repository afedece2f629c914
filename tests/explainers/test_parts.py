"""Parts of a text: what they are, where they stand, and what the text looks like without them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lime.lime_text import IndexedString

from explainers.parts import POSITIONS, SENTENCES, WORDS, WORDS_PER_PIECE, TextParts

# Words that repeat, so that "every occurrence" means something, among marks, spaces and letters of other alphabets.
MESSY = st.lists(
    st.sampled_from(
        ["the", "The", "end", "é", "日本", "don't", "x_1", " ", "  ", "\n", ".", "!?", "—", "🙂", "\u202e", "<b>", '"', "I.B.M."]
    ),
    max_size=25,
)
TEXT = MESSY.map("".join) | MESSY.map(" ".join) | st.text(max_size=30)


def off(parts: TextParts, *indices: int) -> str:
    keep = np.ones((1, len(parts)), dtype=bool)
    keep[0, list(indices)] = False
    return parts.switch_off(keep)[0]


class TestWords:
    def test_by_eye(self):
        parts = TextParts.of("The end, the end.", WORDS)
        assert parts.features == parts.names == ["The", "end", "the"]
        assert parts.spans == [[[0, 3]], [[4, 7], [13, 16]], [[9, 12]]]
        assert parts.positions == [[0], [1, 3], [2]]

    def test_every_occurrence_is_removed(self):
        parts = TextParts.of("end, the end", WORDS)
        assert off(parts, 0) == ", the "
        assert off(parts, 0, 1) == ",  "
        assert off(parts) == "end, the end"

    def test_whole_words_only(self):
        assert off(TextParts.of("cat concatenate cat", WORDS), 0) == " concatenate "

    def test_no_words(self):
        assert len(TextParts.of("... !", WORDS)) == 0


class TestPositions:
    def test_by_eye(self):
        parts = TextParts.of("the end of the end, the", POSITIONS, "UNKWORDZ")
        assert parts.features == ["the", "end", "of", "the", "end", "the"]
        assert parts.names == ["the (1st)", "end (1st)", "of", "the (2nd)", "end (2nd)", "the (3rd)"]
        assert off(parts, 3, 5) == "the end of UNKWORDZ end, UNKWORDZ"

    def test_ordinals(self):
        names = TextParts.of("x " * 112, POSITIONS).names
        assert [names[i].removeprefix("x ") for i in (3, 9, 10, 11, 12, 20, 21, 22, 99, 100, 110, 111)] == [
            "(4th)",
            "(10th)",
            "(11th)",
            "(12th)",
            "(13th)",
            "(21st)",
            "(22nd)",
            "(23rd)",
            "(100th)",
            "(101st)",
            "(111th)",
            "(112th)",
        ]

    def test_only_what_repeats_is_numbered_however_long_the_text(self):
        names = TextParts.of(" ".join(f"w{i}" for i in range(3000)) + " w0", POSITIONS).names
        assert names[1] == "w1"
        assert (names[0], names[-1]) == ("w0 (1st)", "w0 (2nd)")


class TestSentences:
    def test_by_eye(self):
        parts = TextParts.of('He said "no." Then he left!  Why? \nNobody knows', SENTENCES)
        assert parts.features == ['He said "no."', "Then he left!", "Why?", "Nobody knows"]
        assert off(parts, 1) == 'He said "no."   Why? \nNobody knows'

    def test_punctuation_alone_is_no_sentence(self):
        assert TextParts.of("... !!! One. ???", SENTENCES).features == ["One."]

    def test_a_text_without_punctuation_is_cut_into_pieces(self):
        parts = TextParts.of(" ".join(f"w{i}" for i in range(100)), SENTENCES)
        assert [len(f.split()) for f in parts.features] == [WORDS_PER_PIECE] * 5

    @given(TEXT)
    def test_every_word_is_in_exactly_one(self, text):
        parts = TextParts.of(text, SENTENCES)
        spans = [span for spans in parts.spans for span in spans]
        assert all(
            sum(s <= start and end <= e for s, e in spans) == 1 for word in TextParts.of(text, POSITIONS).spans for start, end in word
        )

    def test_is_linear_on_a_hostile_text(self):
        for text in ["." * 50_000, "a" * 50_000, '."' * 25_000, "\n" * 50_000, " " * 50_000 + "x", "a" * 50_000 + "\x00", 'x ."' * 10_000]:
            TextParts.of(text, SENTENCES)


class TestAnyKind:
    @given(TEXT, st.sampled_from([WORDS, POSITIONS, SENTENCES]))
    def test_spans_index_the_text(self, text, kind):
        parts = TextParts.of(text, kind)
        assert len(parts.features) == len(parts.names) == len(parts.spans) == len(parts.positions) == len(parts)
        for feature, spans in zip(parts.features, parts.spans, strict=True):
            assert spans
            for start, end in spans:
                assert 0 <= start < end <= len(text)
                assert " ".join(text[start:end].split()) == feature
        flat = sorted(span for spans in parts.spans for span in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(flat)), "no two overlap"
        assert sorted(p for positions in parts.positions for p in positions) == list(range(len(flat)))
        assert all(positions == sorted(positions) for positions in parts.positions)

    @given(TEXT, st.sampled_from([WORDS, POSITIONS, SENTENCES]), st.randoms(use_true_random=False))
    def test_switching_off_changes_nothing_else(self, text, kind, random):
        parts = TextParts.of(text, kind, "#")
        keep = np.array([[random.random() < 0.5 for _ in range(len(parts))]], dtype=bool).reshape(1, len(parts))
        expected = text
        gone = sorted((span for part, spans in enumerate(parts.spans) if not keep[0, part] for span in spans), reverse=True)
        for start, end in gone:
            expected = expected[:start] + "#" + expected[end:]
        assert parts.switch_off(keep) == [expected]

    @given(TEXT, st.sampled_from([WORDS, POSITIONS, SENTENCES]))
    def test_all_on_is_the_text_itself(self, text, kind):
        parts = TextParts.of(text, kind)
        assert parts.switch_off(np.ones((2, len(parts)), dtype=bool)) == [text, text]


class TestAgainstTheLimePackage:
    """Both must see the same parts, and the model the same texts."""

    @given(TEXT.filter(lambda t: "\x00" not in t), st.randoms(use_true_random=False))
    @example("the end, the end", None)
    def test_words(self, text, random):
        ours, theirs = TextParts.of(text, WORDS), IndexedString(text, bow=True)
        assert ours.features == [str(w) for w in theirs.inverse_vocab]
        gone = [i for i in range(len(ours)) if random is None or random.random() < 0.5]
        if gone:
            assert off(ours, *gone) == theirs.inverse_removing(gone)

    @given(
        TEXT.filter(lambda t: "\x00" not in t), st.sampled_from(["UNKWORDZ", "", "two words", "[MASK]"]), st.randoms(use_true_random=False)
    )
    def test_positions(self, text, mask, random):
        ours, theirs = TextParts.of(text, POSITIONS, mask), IndexedString(text, bow=False, mask_string=mask)
        assert ours.features == [str(w) for w in theirs.inverse_vocab]
        gone = [i for i in range(len(ours)) if random.random() < 0.5]
        if gone:
            assert off(ours, *gone) == theirs.inverse_removing(gone)


@pytest.mark.parametrize("kind", [WORDS, POSITIONS, SENTENCES])
def test_empty_text(kind):
    assert len(TextParts.of("", kind)) == 0
