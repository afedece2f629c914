"""Screens that somebody handed over: only what Foretell draws with is let through, and all that it draws is."""

import hashlib
import json

import pytest

import studies
from explainers import render
from studies.markup import strange
from studies.materials import MANIFEST
from studies.pages import only_to_look_at
from studies.placeholders import placeholder_materials
from tests.explainers.render import composite_examples, near_examples, render_examples, rule_examples
from tests.fixtures.study_toys import design

IN_RAW_TEXT = '<{0}><p title="</{0}><img src=x onerror=alert(1)>"></{0}>'
BAD = [
    "<script>x</script>", "<ScRiPt src=//a>", "<img src=x onerror=alert(1)>", '<img alt=">" src="https://a.example/x.png">',
    "<!--><script>x</script>", '<a href="javascript:x">a</a>', "<svg onload=x></svg>", "<form action=/x></form>",
    '<p style="background:url(//a.example)">a</p>', "<style>@import 'x'</style>", "<style>p{background:url(https://a.example)}</style>",
    '<svg><use xlink:href="https://a.example#x"/></svg>', '<meta http-equiv="refresh" content="0">', '<base href="/x">',
    "<svg><set attributeName=href></svg>", '<p title="<img src=x onerror=alert(1)>">a</p>', "<p/onclick=alert(1)>x</p>",
    # A browser reads the inside of these as raw text up to their end tag, and a parser in Python reads tags.
    *(IN_RAW_TEXT.format(tag) for tag in ("noscript", "xmp", "noembed", "noframes", "title", "textarea", "iframe", "plaintext")),
    '<style/>@import "https://a.example/x.css";</style>', '<style media="all">.ft-a{color:red}</style>', "<style>.ft-a{color:red}",
    *(f'<p style="{css}">a</p>' for css in (
        "background:image-set('https://a.example/x.png' 1x)", "background:src('https://a.example/x')", "background:\\75rl(https://a.example)",
        "background:-webkit-image-set('//a.example' 1x)", "cursor:url(//a.example),auto", "position:fixed", "position:sticky", "position:var(--ft-x)",
        "width:100vw", "margin-top:-900px", "z-index:9", "display:none;behavior:x", "color:&#117;rl(x)", "animation:x 1s",
    )),
    *(f"<style>{css}</style>" for css in (
        "body{display:none}", "*{opacity:0}", ".ft-study ~ form{opacity:0}",
        ".ft-study + button{opacity:0}", ".ft-a:has(b){color:red}", "button{color:red}",
        ".ft-a,body{color:red}", '.ft-a::before{content:"the answer is yes"}', "@font-face{font-family:x;src:url(//a.example)}",
        "@media print{body{color:red}}", "@media screen{.ft-a{color:red}}", "@media print{@media print{.ft-a{color:red}}}", ".ft-a{color:red", "}",
        "/* x */", ".ft-a[title^=a]{color:red}",
    )),
    '<div class="stButton">a</div>', '<p id="x">a</p>', '<p class="ft-a" class="ft-b">a</p>', "<input>",
    "<button>a</button>", '<p contenteditable="">a</p>',
    "a</div>b", "<div>a", "<div><p>a</div></p>", "<p>a</p></p>", "<P>a</P>", "<p title='a'>a</p>", "<p title=a>a</p>", "a < b",
    "<div>" * 200 + "</div>" * 200,
    '<p style="background:u&#114;l(//a.example)">a</p>', '<svg><style>p{color:red}&#64;import "x"</style></svg>', '<p\u00a0onclick="x">a</p>',
    '<img src="data:text/html,x">', "<p>a\0<\0script>x</p>",
    '<img alt="a" src="data:image/svg+xml;base64,AA">', '<img alt="a" src="data:image/png,x">', '<img alt="a" srcset="data:image/png;base64,AA 1x">',
]  # fmt: skip
GOOD = [
    "<p>a &lt;script&gt; onclick= url(https://a.example) @import</p>", '<img alt="on = url(x)" src="data:image/png;base64,AA">', "", "words > alone",
    '<style>.ft-a{color:red}\n.ft-a > b, .ft-b *{margin:-.1em 0}</style><p class="ft-a ft-b" style="color:#0e5ad5; left:12.5%">a<br>b</p>',
    "<style>@media print { .ft-a { break-inside: avoid; } }</style>", '<td colspan="2"></td>', "<details open><summary>a</summary>b</details>",
    '<span style="--ft-tint:rgba(1,2,3,0.25)">a</span>', '<style>.ft-a::before { content: ""; }</style>',
]  # fmt: skip
DRAWN = [
    render_examples.review, render_examples.person, render_examples.nasty, render_examples.arabic,
    rule_examples.person_rule, rule_examples.review_rule,
    rule_examples.picture_rule, rule_examples.long_rule, rule_examples.nasty_rule, *near_examples.PROTOTYPES, *near_examples.PATHS,
    composite_examples.review_composite, composite_examples.person_composite,
    composite_examples.picture_composite, composite_examples.nasty_composite,
]  # fmt: skip


@pytest.mark.parametrize(("fragment", "good"), [*((one, False) for one in BAD), *((one, True) for one in GOOD)])
def test_a_screen_that_does_something_is_told_from_one_to_look_at(fragment, good):
    assert only_to_look_at(fragment) == good
    assert bool(strange(fragment)) != good
    assert len(strange(fragment)) < 120, "a sentence can hold it"


@pytest.mark.parametrize("make", DRAWN, ids=lambda make: make.__name__)
def test_whatever_explanation_foretell_draws_for_a_participant_is_let_through(make):
    e = make()
    assert strange(render.for_participant(e)) == ""
    assert strange(render.instance(e.instance, e.modality, head=render_examples.NASTY)) == ""


def handed_over(folder, path, body):
    """Materials whose screen somebody changed, and the manifest too."""
    placeholder_materials(design(), folder)
    (folder / path).write_bytes(body)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["sha256"][path] = hashlib.sha256(body).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return studies.Materials.load(folder)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<p>a</p><script>x</script>", "the tag <script>"),
        (IN_RAW_TEXT.format("noscript").encode(), "the tag <noscript>"),
        (b'<p style="position:fixed;top:0">a</p>', "the style “position:fixed”"),
        (b"<p>\xff</p>", "bytes that are no text"),
    ],
)
def test_such_materials_are_not_frozen_whatever_their_list_of_leaks_says(tmp_path, body, said):
    made = handed_over(tmp_path / "m", "screens/lime/learn-001.html", body)
    with pytest.raises(ValueError, match=rf"screens/lime/learn-001\.html has {said}.*Build them again\.$"):
        studies.Store("sqlite://").freeze(made)
