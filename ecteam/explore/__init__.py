"""Explorers: controls that move a shop, and pictures that follow."""

from ecteam.explore.board import hats_board
from ecteam.explore.explorer import explore
from ecteam.explore.views import (
    cost_page,
    cost_view,
    day_view,
    hats_page,
    head_page,
    organisation_page,
    organisation_view,
    rehearsal_view,
    start_page,
    sure_page,
    team_page,
    team_view,
    work_page,
)

__all__ = [
    "cost_page",
    "cost_view",
    "day_view",
    "explore",
    "hats_board",
    "hats_page",
    "head_page",
    "organisation_page",
    "organisation_view",
    "rehearsal_view",
    "start_page",
    "sure_page",
    "team_page",
    "team_view",
    "work_page",
]
