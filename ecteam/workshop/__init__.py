"""What the cells of a lesson call."""

from ecteam.organisation.checkpoints import read_build_plan, vague_word
from ecteam.pay.severance import severance_reserve
from ecteam.workshop.cases import cards, case_table, cases, load_case, play
from ecteam.workshop.checks import begin, check, guess
from ecteam.workshop.league import export_team
from ecteam.workshop.lesson import routes
from ecteam.workshop.room import run_sheet

__all__ = [
    "begin",
    "cards",
    "case_table",
    "cases",
    "check",
    "export_team",
    "guess",
    "load_case",
    "play",
    "read_build_plan",
    "routes",
    "run_sheet",
    "severance_reserve",
    "vague_word",
]
