"""Attribution maps: every word, value or pixel gets a number, by the method chosen, and is scored on the spot."""

from ui import maps_page, startup

startup.through_router(__file__)
maps_page.show()
