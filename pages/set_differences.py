"""Set differences: short descriptions that are truer of one set than of another."""

from ui import difference_page, startup

startup.through_router(__file__)
difference_page.show()
