"""The one kind of mistake a user can make: wrong input, said in sentences."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class InputError(ValueError):
    """Wrong input, refused before anything runs: one sentence for each mistake, all of them at once."""

    def __init__(self, mistakes: str | Sequence[str]) -> None:
        self.mistakes = [mistakes] if isinstance(mistakes, str) else list(mistakes)
        super().__init__("\n".join(self.mistakes))


def did_you_mean(wrong: object, names: Iterable[str]) -> str:
    """The nearest right name as the end of a sentence, or the names to choose from where none is near.

    >>> did_you_mean("citty", ["city", "months"])
    "; did you mean 'city'?"
    >>> did_you_mean("x", ["city", "months"])
    '; known are: city, months'
    """
    names = list(names)
    # Names of people have capitals; the first of two that differ in nothing else is offered.
    lower = {name.lower(): name for name in reversed(names)}
    near = get_close_matches(str(wrong).lower(), lower, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {lower[near[0]]!r}?"
    return f"; known are: {', '.join(names)}" if len(names) <= 12 else ""
