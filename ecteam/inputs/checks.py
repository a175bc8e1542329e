"""The one kind of mistake a user can make: wrong input, said in sentences."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from ecteam.inputs.words import InputError, Note, Sentence

__all__ = ["InputError", "Mistakes", "did_you_mean", "nearest", "reason"]


class Mistakes(list[str | Note]):
    """What is wrong with an input, a sentence each, until all of it is known."""

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Keep what a reader refuses, and go on behind it."""
        try:
            yield
        except InputError as error:
            self += error.mistakes

    def refuse(self) -> None:
        """Raise `InputError` with all of them, if there is any."""
        if self:
            raise InputError(self)


def nearest(wrong: object, names: Iterable[str]) -> str | None:
    """The name that somebody probably meant.

    >>> nearest("citty", ["city", "months"]), nearest("采构", ["采购", "客服"]), nearest("x", ["city", "months"])
    ('city', '采购', None)
    """
    names = list(names)
    # The first of two names that differ in case only.
    known = {str(name).lower(): name for name in reversed(names)}
    # Of a Chinese word, which often has two characters, one may be wrong.
    cutoff = 0.5 if re.search(r"[\u4e00-\u9fff]", str(wrong)) else 0.6
    near = get_close_matches(str(wrong).lower(), known, n=1, cutoff=cutoff)
    return known[near[0]] if near else None


def did_you_mean(wrong: object, names: Iterable[str]) -> Sentence:
    """The nearest right name as the end of a sentence, or the names to choose from where none is near.

    >>> did_you_mean("citty", ["city", "months"]), did_you_mean("x", ["city", "months"])
    ("; did you mean 'city'?", '; known are: city, months')
    """
    names = list(names)
    if near := nearest(wrong, names):
        return Sentence(Note("did_you_mean", name=near))
    return Sentence(Note("known_are", names=names) if len(names) <= 12 else "")


def reason(error: BaseException | None) -> str:
    """Why a file or stream could not be read or written, as the end of a sentence."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0].lower()
