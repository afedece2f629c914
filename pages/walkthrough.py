"""Find out what it looks at: a walk through a few steps, from a right answer to what it rests on."""

from ui import startup
from ui.walkthrough import page

startup.through_router(__file__)
page.show()
