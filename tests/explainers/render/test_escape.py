from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.render import escape

# Every code point, lone surrogates too.
ANY = st.text(st.characters(exclude_categories=()), max_size=60)


class Reader(HTMLParser):
    """What a browser would see: tags and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.data += data


def read(fragment: str) -> Reader:
    reader = Reader()
    reader.feed(fragment)
    reader.close()
    return reader


class TestText:
    @given(ANY)
    def test_any_string_comes_back_as_text(self, s):
        seen = read(f'<p title="{escape.text(s)}">{escape.text(s)}</p>')
        assert seen.tags == ["p"]
        assert seen.data == escape.clean(s)
        assert seen.attributes == [("title", escape.clean(s))]

    @given(ANY)
    def test_any_string_is_good_xml(self, s):
        assert ET.fromstring(f'<a b="{escape.text(s)}">{escape.text(s)}</a>').text in (escape.clean(s), None)

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("<b>\"'&", "&lt;b&gt;&quot;&#x27;&amp;"),
            ("a\x00b\x1b", "a\ufffdb\ufffd"),
            ("a\ud800b", "a\ufffdb"),
            ("\ud83d\ude00", "😀"),
            ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
            ("safe\u202etxt.exe", "safetxt.exe"),
        ],
        ids=["markup", "control", "lone surrogate", "two halves", "line ends", "turned around"],
    )
    def test_examples(self, given, expected):
        assert escape.text(given) == expected


class TestProse:
    def test_isolated_names_become_bdi(self):
        assert escape.prose(f"says {escape.isolated('ممل')} & {escape.isolated('dull')}") == "says <bdi>ممل</bdi> &amp; dull"

    @given(ANY)
    def test_bdi_is_the_only_tag_and_is_closed(self, s):
        made = escape.prose(s)
        assert set(read(made).tags) <= {"bdi"}
        assert made.count("<bdi>") == made.count("</bdi>")


class TestMarkdown:
    """That Streamlit draws these literally was seen in a browser (streamlit 1.67); here: what that rests on."""

    @given(ANY)
    def test_one_line_and_every_mark_escaped(self, s):
        made = escape.markdown(s)
        assert "\n" not in made
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_`$<>\[\]#|~:!&{}]", made.replace(escape.WORD_JOINER, ""))

    @given(st.text(st.characters(exclude_categories=("C", "Z")), max_size=40))
    def test_the_text_comes_back(self, s):
        made = escape.markdown(s.replace(escape.WORD_JOINER, ""))
        assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", made.replace(escape.WORD_JOINER, "")) == escape.flat(s)

    @pytest.mark.parametrize("s", [":smile:", ":red[x]", "->", "<-", "--", ">=", "<=", "~=", "https://a.b", "Www.a.b", "a@b.c"])
    def test_what_is_looked_for_after_parsing_is_parted(self, s):
        assert escape.WORD_JOINER in escape.markdown(s)

    @pytest.mark.parametrize("s", ["Never-married", "a = b", "1.5", "one: two"])
    def test_ordinary_text_has_nothing_invisible(self, s):
        assert escape.WORD_JOINER not in escape.markdown(s)

    def test_our_sentences_keep_their_isolates_and_others_do_not(self):
        assert escape.markdown("\u2068ممل\u2069") == "\u2068ممل\u2069"
        assert escape.markdown("\u2068ممل") == "ممل"


class TestShorten:
    @pytest.mark.parametrize(
        ("s", "n", "expected"),
        [
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("a\n b", 9, "a b"),
            ("one two three", 8, "one two…"),
            ("cafe\u0301 au lait", 5, "caf…"),
            ("ab👩\u200d👩\u200d👧cd", 5, "ab…"),
            ("a🇫🇷🇩🇪x", 5, "a🇫🇷…"),
            ("👍🏽👍🏽", 2, "👍…"),
        ],
    )
    def test_examples(self, s, n, expected):
        assert escape.shorten(s, n) == expected

    @given(ANY, st.integers(1, 50))
    def test_never_longer(self, s, n):
        assert len(escape.shorten(s, n)) <= n


class TestJson:
    @given(st.lists(ANY))
    def test_a_reader_gets_the_same_values(self, values):
        shown = escape.json_text(json.dumps(values, ensure_ascii=False))
        assert json.loads(html.unescape(shown)) == json.loads(json.dumps(values))
        assert escape.text(html.unescape(shown)) == shown, "nothing is left that HTML would lose"


class TestFileName:
    @pytest.mark.parametrize(
        ("s", "expected"),
        [
            ("reviews lime 7", "reviews-lime-7"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\x00b:c?.html", "a-b-c-.html"),
            ("CON.txt", "CON.txt-file"),
            ("...", "explanation"),
            ("فيلم", "فيلم"),
        ],
    )
    def test_examples(self, s, expected):
        assert escape.file_name(s) == expected

    @given(ANY)
    def test_never_a_path(self, s):
        name = escape.file_name(s)
        assert name
        assert not set(name) & set('/\\:*?"<>|\x00')
        assert not name.startswith(".")
        assert len(name.encode()) <= 120
