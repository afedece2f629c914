"""Rules: conditions under which the model keeps to its answer."""

from ui import startup
from ui.method_page import show

startup.through_router(__file__)
show("anchors")
