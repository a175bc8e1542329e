"""What learners made, read kindly: a thing of the kind that is asked for, or a sentence that says what to do."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.words import LANGUAGES, Name, Note, phrase
from ecteam.workshop.cases import Case


class NotYet(InputError):
    """What was made is not yet an answer; the sentence `not_yet.KEY` says what to do."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(Note(f"not_yet.{key}", **values))

    @property
    def words(self) -> str:
        """The sentence in the language that is set."""
        return phrase(self.mistakes[0])


def unfinished(made: Any) -> bool:
    """Whether there is still a `...` in something, however deep.

    >>> unfinished({"pack_orders": ["Owner", ...]}), unfinished(7)
    (True, False)
    """
    if made is ...:
        return True
    if isinstance(made, str | bytes):
        return False
    if isinstance(made, Mapping):
        return any(unfinished(part) for pair in made.items() for part in pair)
    if isinstance(made, pd.DataFrame):
        return any(unfinished(made[column].tolist()) for column in made)
    if isinstance(made, Sequence | set | pd.Series | np.ndarray):
        return any(unfinished(part) for part in made)
    return False


def read(made: Any, kind: str, name: str) -> Any:
    """A learner's thing as its judge takes it; raises `NotYet` where it is unfinished or of another kind.

    >>> read("7", "whole", "my_least")
    Traceback (most recent call last):
    ecteam.workshop.answers.NotYet: my_least is the text '7'; write a whole number without quotes, such as my_least = 7
    """
    if unfinished(made):
        raise NotYet("dots", name=name)
    example, reader = READERS[kind]
    value = reader(made)
    if value is None:
        quoted = isinstance(made, str) and kind in ("number", "whole")
        key = "other_kind_quoted" if quoted else "other_kind"
        raise NotYet(key, name=name, made=_what(made), kind=Name(f"kind.{kind}"), example=example)
    return value


def key_of(name: str, known: Iterable[str], what: str, names: Mapping[str, str] | None = None) -> str:
    """The key that somebody means who writes it, or its label in either language; `names` are other spellings.

    >>> key_of("打包", ["pack_orders", "pick_orders"], "duty")
    'pack_orders'
    >>> key_of("pakc_orders", ["pack_orders", "pick_orders"], "duty")
    Traceback (most recent call last):
    ecteam.workshop.answers.NotYet: There is no duty 'pakc_orders' here; did you mean 'pack_orders'?
    """
    keys = list(known)
    spelled = {Name(key).in_language(lang).lower(): key for lang in LANGUAGES for key in keys}
    spelled |= {other.lower(): key for other, key in (names or {}).items()} | {key.lower(): key for key in keys}
    if name.lower() in spelled:
        return spelled[name.lower()]
    near = did_you_mean(name, spelled)
    raise NotYet("no_such", what=Name(f"what.{what}"), name=name, near=near or Note("not_yet.as_the_table"))


def _number(made: Any) -> float | None:
    fine = isinstance(made, Real | np.number) and not isinstance(made, bool | np.bool_) and math.isfinite(float(made))
    return float(made) if fine else None


def _whole(made: Any) -> float | None:
    """A number; whether it is whole is the judge's to say, who can say why it must be."""
    return int(made) if isinstance(made, Integral) and not isinstance(made, bool) else _number(made)


def _text(made: Any) -> str | None:
    return made.strip() if isinstance(made, str) and made.strip() else None


def _texts(made: Any) -> list[str] | None:
    if isinstance(made, str | Mapping) or not isinstance(made, Sequence | set | pd.Series | pd.Index):
        return None
    found = [_text(part) for part in made]
    return None if None in found else [text for text in found if text]


def _by_name(value_of: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any] | None]:
    """A reader of values by their names, where each is of one kind."""

    def reader(made: Any) -> dict[str, Any] | None:
        if not isinstance(made, Mapping | pd.Series):
            return None
        values = {_text(name): value_of(value) for name, value in made.items()}
        return None if None in values or None in values.values() else values  # type: ignore[return-value]

    return reader


def _case(made: Any) -> Case | None:
    return made if isinstance(made, Case) else None


# What an exercise may ask for (`kind.KEY` in words): an example, and how it is read (None: it is something else).
READERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "number": ("2.5", _number),
    "whole": ("7", _whole),
    "text": ('"..."', _text),
    "texts": ('["...", "..."]', _texts),
    "names": ('{"...": "..."}', _by_name(_text)),
    "figures": ('{"...": 3}', _by_name(_number)),
    "case": ("case.changed(...)", _case),
}


def _what(made: Any) -> Note:
    """What somebody wrote instead, in words."""
    for kinds, key in (
        (type(None), "none"),
        (bool, "truth"),
        (str, "text" if made != "" else "empty_text"),
        (Real, "number"),
        (pd.DataFrame, "table"),
        (Mapping, "names"),
        (Sequence | set, "list"),
    ):
        if isinstance(made, kinds):
            return Note(f"made.{key}", shown=repr(made)[:40])
    return Note("made.function") if callable(made) else Note("made.other", shown=type(made).__name__)
