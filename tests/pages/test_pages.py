"""Every page, run by Streamlit's own AppTest on the bundled tasks."""

from __future__ import annotations

import pytest

from tests.pages.visit import app, press, settle, words


class TestHome:
    def test_says_what_it_is_and_shows_every_task_and_method(self):
        said = words(app())
        assert "Foretell" in said
        for expected in ("Film reviews", "Income", "LIME", "Predicts", "right on", "Licence", "Known to get wrong", "Sensitive attributes"):
            assert expected in said

    def test_first_explanation_is_one_click_away(self):
        assert "Explain a first answer" in [b.label for b in app().button]


class TestLime:
    def test_shows_the_answer_and_the_cost_before_explaining(self):
        at = settle(app("pages/lime.py", task="income", id="test-3"), "model calls")
        assert "The model says" in words(at)

    @pytest.mark.parametrize("task", ["income", "reviews"])
    def test_explains(self, task: str):
        at = settle(app("pages/lime.py", task=task, model={"income": "mlp", "reviews": "bilstm"}[task], id="test-3"), "model calls")
        press(at, "Explain")
        said = words(settle(at, "How far to trust it"))
        assert "Local fit" in said
        assert "What it does not say" in said
        assert "digest" in said

    def test_address_with_nonsense_opens_the_page_all_the_same(self):
        at = app("pages/lime.py", task="no-such-task", id="test-99999999", seed="x", num_samples="-4", target="77", model="<b>")
        said = words(settle(at, "The model says"))
        assert "a task that is not here" in said

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"id": "test-999999"}, "an instance that is not in the data"),
            ({"model": "gpt-9"}, "a model that is not here"),
            ({"num_samples": "-4"}, "sets Samples to what it cannot be"),
            ({"seed": "abc"}, "a seed that is no number"),
            ({"own": "1"}, "stays with them"),
        ],
    )
    def test_what_a_link_asks_for_and_is_not_here_is_said_and_nothing_starts(self, query: dict[str, str], said: str):
        at = settle(app("pages/lime.py", task="income", explained="1", **query), "The model says")
        assert said in words(at)
        assert "How far to trust it" not in words(at)

    def test_guessing_and_explaining_go_together_and_the_address_follows(self):
        at = app("pages/lime.py", task="income", id="test-3", num_samples="200", guess="1")
        settle(at, "What will the model say?")
        at.radio[-1].set_value(0).run()
        settle(press(at, "This is my guess"), "You said")
        settle(press(at, "Explain"), "How far to trust it")
        settle(press(at, "Next instance"), "What will the model say?")
        here = {name: value if isinstance(value, str) else value[0] for name, value in at.query_params.items()}
        assert here["guess"] == "1"
        assert here["id"] == f"test-{at.session_state['row']}"
        assert "explained" not in here

    def test_an_answer_that_was_seen_cannot_be_guessed(self):
        at = settle(app("pages/lime.py", task="income", id="test-3"), "The model says")
        at.toggle(key="guess-first").set_value(True).run()
        assert "nothing to guess" in words(at)
        settle(press(at, "Next instance"), "What will the model say?")

    @pytest.mark.parametrize("name", ["seed", "target", "id", "num_samples"])
    def test_odd_digits_in_a_link(self, name: str):
        settle(app("pages/lime.py", task="income", **{name: "²"}), "The model says")

    def test_a_text_longer_than_the_model_reads_is_announced(self):
        at = settle(app("pages/lime.py", task="reviews", model="bilstm"), "The model says")
        at.segmented_control(key="source").set_value("My own").run()
        at.text_area(key="own-text").set_value("a fine film . " * 300).run()
        assert "reads only the first" in words(settle(at, "The model says"))

    def test_guessing_hides_the_answer_everywhere(self):
        at = app("pages/lime.py", task="income", id="test-3", guess="1")
        said = words(settle(at, "What will the model say?"))
        assert "The model says" not in said
        assert "% sure" not in said
        radio_captions = [str(r.proto.captions) for r in at.radio]
        assert not any("label" in c or "model" in c for c in radio_captions)
        assert "Wrong first" not in str([s.options for s in at.selectbox])

    def test_own_text_of_punctuation_gets_one_sentence(self):
        at = settle(app("pages/lime.py", task="reviews", model="bilstm"), "The model says")
        at.segmented_control(key="source").set_value("My own").run()
        at.text_area(key="own-text").set_value("?!?").run()
        assert "only punctuation" in words(at)
        assert not at.exception

    def test_own_row_is_explained_as_it_is_edited(self):
        at = settle(app("pages/lime.py", task="income", model="mlp", id="test-3"), "The model says")
        at.segmented_control(key="source").set_value("My own").run()
        at.number_input(key="own-income-age").set_value(77).run()
        assert "**77**" in words(settle(at, "The model says"))
        assert "id" not in at.query_params

    def test_settings_reach_the_address(self):
        at = settle(app("pages/lime.py", task="income", model="mlp", id="test-3"), "The model says")
        at.number_input(key="lime-tabular-num_samples").set_value(900).run()
        assert at.query_params["num_samples"] in ("900", ["900"])
        assert at.query_params["id"] in ("test-3", ["test-3"])
