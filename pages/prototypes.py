"""Prototypes: the training instances by which a prototype network decides."""

from ui import startup
from ui.method_page import show

startup.through_router(__file__)
show("prototypes")
