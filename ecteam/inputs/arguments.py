"""The arguments of the models: numbers and arrays of them, checked together, with a sentence for each mistake."""

from math import inf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.checks import InputError, Mistakes

Ints = NDArray[np.int64]

# 2.0000000001 FTE is a sum of floats that means 2.
ROUNDING = 1e-9
MOST_FIGURE, LEAST_DIVISOR = 1e9, 1e-9
"""No figure of a shop is larger, and none that hours are divided by is smaller: floats would no longer count heads."""


def whole(people: ArrayLike) -> Ints:
    """The smallest whole number of people, without hiring one for a rounding error of floats.

    >>> whole([0.0, 0.1, 2.0000000000001]).tolist()
    [0, 1, 2]
    """
    return np.ceil(np.asarray(people, dtype=float) - ROUNDING).astype(np.int64)


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
    mistakes = Mistakes()
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
    mistakes.refuse()
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} has shape {array.shape}" for name, array in arrays.items() if array.ndim)
        raise InputError(f"{shapes}; they must broadcast to one shape, so give equal lengths or one value") from None
    return arrays
