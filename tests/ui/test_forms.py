"""The form made from a method's parameters: the field for a choice of several names."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

import explainers
from explainers.tasks import Task
from tests.fixtures.toys import table_task, text_task
from ui import forms


def params(task: Task) -> type:
    return next(m for m in explainers.methods(task) if m.name == "decision_boundary").Params


def person_task() -> Task:
    task = table_task()
    task.immutable = ("age", "job")
    return task


def page(immutable, restored=None):
    import streamlit as st

    import explainers
    from tests.fixtures.toys import table_task
    from ui import forms

    task = table_task()
    task.immutable = immutable
    Params = next(m for m in explainers.methods(task) if m.name == "decision_boundary").Params
    if restored is not None and "done" not in st.session_state:
        st.session_state["done"] = True
        st.session_state["wrong"] = forms.restore(Params, "form", restored)
    st.session_state["given"] = forms.parameters(Params, "form")


def opened(immutable=("age", "job"), restored=None) -> AppTest:
    app = AppTest.from_function(page, kwargs={"immutable": immutable, "restored": restored}).run()
    assert not app.exception
    return app


def anchors_page(restored):
    import streamlit as st

    import explainers
    from tests.fixtures.toys import text_task
    from ui import forms

    Params = next(m for m in explainers.methods(text_task()) if m.name == "anchors").Params
    st.session_state["wrong"] = forms.restore(Params, "form", restored)
    st.session_state["given"] = forms.parameters(Params, "form")


class TestLocal:
    """What reaches the machine's files or its network is not a visitor's to set."""

    def test_neither_offered_nor_read_from_an_address(self):
        restored = {"language_model": "/etc", "perturb": "masked language model"}
        app = AppTest.from_function(anchors_page, kwargs={"restored": restored}, default_timeout=30).run()
        assert not app.exception
        assert "Language model" not in [field.label for field in app.text_input]
        (perturb,) = app.selectbox
        assert perturb.options == ["mask word", "similar words"]
        assert app.session_state["wrong"] == ["Other words are"]
        assert app.session_state["given"] == {}

    def test_never_in_an_address(self):
        Params = next(m for m in explainers.methods(text_task()) if m.name == "anchors").Params
        assert forms.addressable(Params, {"language_model": "x", "tau": 0.9}) == {"tau": 0.9}


class TestMany:
    def test_shows_what_stands_for_nothing_chosen(self):
        app = opened()
        (locked,) = app.multiselect
        assert locked.label == "Locked"
        assert locked.options == ["age", "gain", "height", "job", "member", "size"]
        assert locked.value == ["age", "job"]
        assert app.session_state["given"] == {}

    def test_a_choice_and_none_at_all(self):
        app = opened()
        app.multiselect[0].set_value(["gain"]).run()
        assert app.session_state["given"] == {"locked": ["gain"]}
        app.multiselect[0].set_value([]).run()
        assert app.session_state["given"] == {"locked": []}

    def test_from_an_address(self):
        assert opened(restored={"locked": "gain,size"}).multiselect[0].value == ["gain", "size"]
        assert opened(restored={"locked": ","}).multiselect[0].value == []
        wrong = opened(restored={"locked": "gain,nothing"})
        assert wrong.multiselect[0].value == ["age", "job"]
        assert wrong.session_state["wrong"] == ["Locked"]

    def test_an_address_says_what_was_chosen(self):
        Params = params(person_task())
        for chosen, said in ((["gain", "size"], "gain,size"), ([], ",")):
            address = forms.addressable(Params, {"locked": chosen})
            assert address == {"locked": said}
            task = person_task()
            e = explainers.explain("decision_boundary", task, task.instances("test")[0], num_samples=50, **address)
            assert e.payload.locked == chosen

    def test_columns_of_another_task_are_forgotten(self):
        app = AppTest.from_function(page, kwargs={"immutable": ("age",)})
        app.session_state["form-locked"] = ["no such column"]
        app.run()
        assert not app.exception
        assert app.multiselect[0].value == ["age"]
