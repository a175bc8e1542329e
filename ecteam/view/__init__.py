"""Charts, tables and pages in the language that is set: `use("zh")`."""

from ecteam.inputs.labels import label, phrase, read_in
from ecteam.inputs.words import use

__all__ = ["label", "phrase", "read_in", "use"]
