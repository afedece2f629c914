"""LIME: which words or values moved the model's answer on one instance."""

from ui.method_page import show

show("lime")
