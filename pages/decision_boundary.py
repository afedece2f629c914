"""Decision boundary: the nearest change that gets another answer, and the way there."""

from ui import startup
from ui.method_page import show

startup.through_router(__file__)
show("decision_boundary")
