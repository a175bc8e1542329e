"""The one kind of mistake a user can make: wrong input, said in sentences.

Refuse wrong arguments of array functions: name, value and what is allowed, every mistake at once.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from math import inf
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.words import Note, Sentence

Ints = npt.NDArray[np.int64]

# 2.0000000001 FTE is a sum of floats that means 2.
ROUNDING = 1e-9


def whole(people: npt.ArrayLike) -> Ints:
    """The smallest whole number of people, without hiring one for a rounding error of floats.

    >>> whole([0.0, 0.1, 2.0000000000001]).tolist()
    [0, 1, 2]
    """
    return np.ceil(np.asarray(people, dtype=float) - ROUNDING).astype(np.int64)


class InputError(ValueError):
    """Wrong input, refused before anything runs: one sentence for each mistake, all of them at once."""

    def __init__(self, mistakes: str | Note | Sequence[str | Note]) -> None:
        told = [mistakes] if isinstance(mistakes, str | Note) else mistakes
        self.mistakes = [Sentence(m) if isinstance(m, Note) else m for m in told]
        super().__init__("\n".join(self.mistakes))


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

    >>> did_you_mean("citty", ["city", "months"])
    "; did you mean 'city'?"
    >>> did_you_mean("x", ["city", "months"])
    '; known are: city, months'
    """
    names = list(names)
    if near := nearest(wrong, names):
        return Sentence(Note("did_you_mean", name=near))
    return Sentence(Note("known_are", names=names) if len(names) <= 12 else "")


def reason(error: BaseException | None) -> str:
    """Why a file or stream could not be read or written, as the end of a sentence.

    >>> reason(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0].lower()


Floats = NDArray[np.float64]


class Allowed(NamedTuple):
    """What an argument may be: in words for the message, and as bounds (`below=inf` is any finite number)."""

    words: str
    at_least: float = -inf
    at_most: float = inf
    above: float | None = None
    below: float | None = None
    whole: bool = False

    def holds(self, values: Any) -> Any:
        """Which values are allowed: of an array, or one truth value of a number."""
        good = (values >= self.at_least) & (values <= self.at_most)
        if self.above is not None:
            good &= values > self.above
        if self.below is not None:
            good &= values < self.below
        if self.whole:
            good &= values == np.floor(values)
        return good


def checked(allowed: dict[str, Allowed], **given: ArrayLike) -> dict[str, Floats]:
    """The arguments as arrays of floats that are allowed and broadcast together.

    >>> checked({"load": Allowed("0 or more erlangs", at_least=0)}, load=[1, 2])
    {'load': array([1., 2.])}
    >>> checked({"load": Allowed("0 or more erlangs", at_least=0)}, load=[1, -2])
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: load[1] is -2; it must be 0 or more erlangs
    """
    arrays: dict[str, Floats] = {}
    mistakes = []
    for name, value in given.items():
        try:
            arrays[name] = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            mistakes.append(f"{name} is {value!r}; it must be {allowed[name].words}")
            continue
        good = allowed[name].holds(arrays[name])
        if not good.all():
            place = np.argwhere(~np.atleast_1d(good))[0].tolist()
            where = str(place) if good.ndim else ""
            wrong = np.atleast_1d(arrays[name])[tuple(place)]
            mistakes.append(f"{name}{where} is {wrong:.15g}; it must be {allowed[name].words}")
    if mistakes:
        raise InputError(mistakes)
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} has shape {array.shape}" for name, array in arrays.items() if array.ndim)
        raise InputError(f"{shapes}; they must broadcast to one shape, so give equal lengths or one value") from None
    return arrays
