"""What the cells of a lesson call."""

from ecteam.workshop.cases import case_table, load_case
from ecteam.workshop.checks import begin, check, guess

__all__ = ["begin", "case_table", "check", "guess", "load_case"]
