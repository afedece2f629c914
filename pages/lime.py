"""LIME: which words or values moved the model's answer on one instance."""

from ui import startup
from ui.method_page import show

startup.through_router(__file__)
show("lime")
