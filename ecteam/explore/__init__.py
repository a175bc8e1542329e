"""Explorers: controls that move a shop, and pictures that follow."""

from ecteam.explore.board import hats_board
from ecteam.explore.explorer import explore
from ecteam.explore.my_shop import start
from ecteam.explore.views import (
    cost_view,
    day_view,
    decisions_page,
    organisation_view,
    rehearsal_view,
    start_page,
    sure_page,
    team_page,
    team_view,
)

__all__ = [
    "cost_view",
    "day_view",
    "decisions_page",
    "explore",
    "hats_board",
    "organisation_view",
    "rehearsal_view",
    "start",
    "start_page",
    "sure_page",
    "team_page",
    "team_view",
]
