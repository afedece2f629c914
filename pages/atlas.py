"""Atlas: all prototypes of a prototype network on one map, and how often each is used."""

from ui import atlas_page, startup

startup.through_router(__file__)
atlas_page.show()
