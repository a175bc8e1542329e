"""What the cells of a lesson call."""

from ecteam.workshop.cases import cards, case_table, cases, load_case, play
from ecteam.workshop.checks import begin, check, guess

__all__ = ["begin", "cards", "case_table", "cases", "check", "guess", "load_case", "play"]
