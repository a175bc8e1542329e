"""Charts, tables and pages in the language that is set: `use("zh")`."""

from ecteam.inputs.words import use

__all__ = ["use"]
