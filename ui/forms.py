"""A form made from a method's parameters: one widget a field of its Params dataclass.

What only a caller of the library may set (`local`, `local_choices`, see methods.option) is neither offered nor read from an address.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from typing import Any

import streamlit as st

from explainers.render import fills

from . import keep


def parameters(cls: type, prefix: str) -> dict[str, Any]:
    """Widgets for every parameter, advanced ones folded away; the values, only those that differ from their default."""
    hints = typing.get_type_hints(cls)
    fields = [f for f in _offered(cls) if not f.metadata.get("upfront")]
    given = {}
    for f in fields:
        if not f.metadata.get("advanced"):
            given[f.name] = _widget(f, hints[f.name], prefix)
    advanced = [f for f in fields if f.metadata.get("advanced")]
    if advanced:
        with st.expander("More settings", key=f"{prefix}-more"):
            for f in advanced:
                given[f.name] = _widget(f, hints[f.name], prefix)
    # A number field that was emptied stands for its default.
    return {f.name: given[f.name] for f in fields if given[f.name] is not None and given[f.name] != _default(f)}


def upfront(cls: type, prefix: str, on_change: Callable[[], None] | None = None) -> dict[str, Any]:
    """The choices that stand outside the settings, because they change what the answer means; as `parameters` gives its own."""
    hints = typing.get_type_hints(cls)
    fields = [f for f in _offered(cls) if f.metadata.get("upfront")]
    given = {f.name: _widget(f, hints[f.name], prefix, on_change) for f in fields}
    return {f.name: given[f.name] for f in fields if given[f.name] is not None and given[f.name] != _default(f)}


def restore(cls: type, prefix: str, settings: dict[str, str]) -> list[str]:
    """Put parameter values from an address into the widgets; the labels of those that do not parse, which keep their default."""
    wrong = []
    hints = typing.get_type_hints(cls)
    for f in _offered(cls):
        key = f"{prefix}-{f.name}"
        value = _parsed(settings.get(f.name), hints[f.name], f.metadata)
        keep.put(key, _default(f) if value is None else value)
        if value is None and f.name in settings:
            wrong.append(str(f.metadata.get("label", f.name)))
    return wrong


def _offered(cls: type) -> list[dataclasses.Field[Any]]:
    return [f for f in dataclasses.fields(cls) if not f.metadata.get("local")]


def _choices(meta: Any) -> list[Any]:
    return [choice for choice in meta["choices"] if choice not in meta.get("local_choices", ())]


def addressable(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters that may stand in an address: not what a visitor typed in words."""
    typed = {
        f.name for f in dataclasses.fields(cls) if (isinstance(f.default, str) and "choices" not in f.metadata) or f.metadata.get("local")
    }
    return {name: _listed(value) if isinstance(value, list) else value for name, value in given.items() if name not in typed}


def _listed(names: list[str]) -> str:
    """Names as an address holds them. None of them is a comma: nothing at all would stand for the default."""
    return ",".join(names) or ","


def _default(f: dataclasses.Field[Any]) -> Any:
    """What the widget shows at first."""
    return list(f.metadata["preset"]) if f.metadata.get("many") else f.default


def _kind(hint: Any) -> type:
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return next(k for k in kinds if k is not type(None))


def _parsed(text: str | None, hint: Any, meta: Any) -> Any:
    if text is None:
        return None
    kind = _kind(hint)
    if meta.get("many"):
        names = [name for name in text.split(",") if name]
        return names if set(names) <= set(meta["choices"]) else None
    if kind is bool:
        return {"True": True, "False": False}.get(text)
    if kind is str:
        return text if "choices" not in meta or text in _choices(meta) else None
    try:
        number = kind(text)
    except ValueError:
        return None
    return number if meta.get("low", number) <= number <= meta.get("high", number) else None


def _widget(f: dataclasses.Field[Any], hint: Any, prefix: str, on_change: Callable[[], None] | None = None) -> Any:
    key = f"{prefix}-{f.name}"
    value = keep.fill(key, _default(f))
    if f.metadata.get("many") and not set(value) <= set(f.metadata["choices"]):  # another task's columns
        keep.put(key, value := _default(f))
    return keep.note(key, _draw(f.metadata, _kind(hint), key, f.name, value, on_change))


def _draw(meta: Any, kind: type, key: str, name: str, value: Any, on_change: Callable[[], None] | None) -> Any:
    label, help_text = meta.get("label", name), meta.get("help")
    if fills.is_one(name, meta.get("choices", ())):
        label, help_text = fills.LABEL, fills.HELP
    if kind is bool:
        return st.toggle(label, value, key=key, help=help_text)
    if meta.get("many"):
        return st.multiselect(label, list(meta["choices"]), value, key=key, help=help_text)
    if "choices" in meta:
        choices = _choices(meta)
        fill = lambda choice: fills.chosen(choice) if label == fills.LABEL else None  # noqa: E731
        words = lambda choice: (fill(choice) or [meta.get("labels", {}).get(choice, choice.replace("_", " "))])[0]  # noqa: E731
        if value not in choices:  # another model's stand-ins
            value = choices[0]
            keep.put(key, value)
        if meta.get("upfront"):
            chosen = st.segmented_control(label, choices, key=key, help=help_text, format_func=words, on_change=on_change, required=True)
            meaning = (fill(chosen) or ("", meta.get("meanings", {}).get(chosen)))[1]
            if meaning:
                st.caption(meaning)
            return chosen
        return st.selectbox(label, choices, choices.index(value), key=key, help=help_text, format_func=words)
    if kind is str:
        return st.text_input(label, value, meta.get("most"), key=key, help=help_text)
    low, high = (None if limit is None else kind(limit) for limit in (meta.get("low"), meta.get("high")))
    return st.number_input(label, low, high, value, key=key, help=help_text, placeholder="default")
