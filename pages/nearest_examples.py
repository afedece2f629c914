"""Nearest examples: training instances that the model sees as like this one."""

from ui import startup
from ui.method_page import show

startup.through_router(__file__)
show("nearest_examples")
