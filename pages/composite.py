"""Composite: LIME, rule, nearest change and prototype, as the source paper showed them together."""

from ui import startup
from ui.method_page import show

startup.through_router(__file__)
show("composite")
