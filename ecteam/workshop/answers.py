"""What learners made, read kindly: a thing of the kind that is asked for, or a sentence that says what to do."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import InstanceOf, StringConstraints, TypeAdapter, ValidationError

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


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
KINDS: Mapping[str, tuple[str, Any]] = {
    "number": ("2.5", list[float]),
    "whole": ("7", list[int | float]),
    "text": ('"..."', list[Text]),
    "texts": ('["...", "..."]', list[list[Text]]),
    "names": ('{"...": "..."}', list[dict[Text, Text]]),
    "figures": ('{"...": 3}', list[dict[Text, float]]),
    "case": ("case.changed(...)", list[InstanceOf[Case]]),
}
"""What an exercise may ask for (`kind.KEY` in words): an example, and the type of a list of one; whole is judged."""


def unfinished(made: Any) -> bool:
    """Whether there is still a `...` in something, however deep.

    >>> unfinished({"pack_orders": ["Owner", ...]}), unfinished(7)
    (True, False)
    """
    parts = _plain(made)
    parts = [*parts, *parts.values()] if isinstance(parts, dict) else parts
    return parts is ... or (isinstance(parts, list) and any(map(unfinished, parts)))


def read(made: Any, kind: str, name: str) -> Any:
    """A learner's thing as its judge takes it; raises `NotYet` where it is unfinished or of another kind.

    >>> read("7", "whole", "my_least")
    Traceback (most recent call last):
    ecteam.workshop.answers.NotYet: my_least is the text '7'; write a whole number without quotes, such as my_least = 7
    """
    if unfinished(made):
        raise NotYet("dots", name=name)
    example, wanted = KINDS[kind]
    given = made.tolist() if kind == "texts" and isinstance(made, pd.Series) else _plain(made)
    try:
        return TypeAdapter(wanted, config={"strict": True, "allow_inf_nan": False}).validate_python([given])[0]
    except ValidationError:
        key = "other_kind_quoted" if isinstance(made, str) and kind in ("number", "whole") else "other_kind"
        raise NotYet(key, name=name, made=_what(made), kind=Name(f"kind.{kind}"), example=example) from None


def _plain(made: Any) -> Any:
    """What pandas and numpy hold, as Python's own lists, dicts and numbers."""
    if isinstance(made, np.generic):
        return made.item()
    if isinstance(made, pd.Series | pd.DataFrame):
        made = made.to_dict()
    if isinstance(made, Mapping):
        return {name: _plain(value) for name, value in made.items()}
    return [_plain(part) for part in made] if isinstance(made, list | tuple | set | np.ndarray | pd.Index) else made


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
