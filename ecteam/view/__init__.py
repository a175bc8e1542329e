"""Charts, tables and pages in the language that is set: `use("zh")`."""

from ecteam.inputs.words import label, phrase, read_in, use

__all__ = ["label", "phrase", "read_in", "use"]
