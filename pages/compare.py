"""Compare: several methods, or two models, side by side on one instance."""

from ui import compare_page, startup

startup.through_router(__file__)
compare_page.show()
