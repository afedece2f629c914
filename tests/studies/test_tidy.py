"""A screen as lines: nothing that is shown changes, and two versions can be compared."""

from studies.screens import visible
from studies.tidy import rules_of, tidy

SCREEN = (
    '<div class="a"><style>.x{color:red}.y{color:blue}</style><section><p class="t">two\n lines <b>and</b> more</p></section>'
    "<div><style>.x{color:red}@media print{.z{top:0}}</style><p>last</p></div></div>"
)


def test_every_style_rule_is_there_once_in_one_sheet():
    made = tidy(SCREEN)
    assert made.count("<style>") == 1
    assert made.count(".x{color:red}") == 1
    assert "@media print{.z{top:0}}" in made
    assert made.index(".y{color:blue}") < made.index(".x{color:red}"), "of equal rules the later one counts"


def test_what_is_shown_is_the_same():
    assert visible(tidy(SCREEN)) == visible(SCREEN)
    assert '<p class="t">two\n lines <b>and</b> more</p>' in tidy(SCREEN), "a text keeps its spaces"


def test_a_changed_word_is_one_changed_line():
    old, new = (tidy(SCREEN.replace("last", word)).splitlines() for word in ("last", "first"))
    assert sum(a != b for a, b in zip(old, new, strict=True)) == 1


def test_rules_end_with_their_own_braces():
    assert rules_of("a{b:c} @media x { d {e:f} } ") == ["a{b:c}", "@media x { d {e:f} }"]
    assert rules_of("") == []


def test_without_a_style_it_only_breaks_lines():
    assert tidy("<div><p>x</p></div>") == "<div>\n <p>x</p>\n</div>\n"
