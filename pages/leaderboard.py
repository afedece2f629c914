"""Leaderboard: which methods' maps hold up, over many instances, and by how much they beat random numbers."""

from ui import leaderboard_page, startup

startup.through_router(__file__)
leaderboard_page.show()
