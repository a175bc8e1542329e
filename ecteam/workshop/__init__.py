"""What the cells of a lesson call."""

from ecteam.workshop.cases import cards, case_table, cases, load_case, play
from ecteam.workshop.checks import begin, check, guess
from ecteam.workshop.league import export_team

__all__ = ["begin", "cards", "case_table", "cases", "check", "export_team", "guess", "load_case", "play"]
