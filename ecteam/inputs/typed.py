"""What somebody types after `--set`: NAME=VALUE, as changes to a scenario and to figures of the assumptions."""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import Scenario, field_info


def changes_of(items: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Fields of the scenario, figures of the assumptions, and a sentence for everything that is wrong.

    >>> changes_of(["orders_per_day=420", "pay_picker=6500"])
    ({'orders_per_day': 420}, {'pay_picker': 6500}, [])
    >>> changes_of(["orders_per_dy=420"])[2]
    ["there is no field or assumption 'orders_per_dy'; did you mean 'orders_per_day'?"]
    """
    mistakes: list[str] = []
    texts: dict[str, str] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if sign and name:
            texts[name] = value
        else:
            mistakes.append(f"--set {item!r} is not understood; write --set NAME=VALUE, such as orders_per_day=420")
    given = Counter(item.partition("=")[0] for item in items)
    mistakes += [
        f"--set gives {name!r} {given[name]} times; it must be there once" for name in texts if given[name] > 1
    ]
    fields = {name: field(name, text) for name, text in texts.items() if name in Scenario.model_fields}
    figures: dict[str, Any] = {}
    try:
        assumptions = load_assumptions()
        known = set(assumptions.numbers["key"])
        names = [*Scenario.model_fields, *sorted(known)]
        figures = {name: figure(text) for name, text in texts.items() if name not in fields and name in known}
        unknown = [name for name in texts if name not in fields and name not in figures]
        mistakes += [f"there is no field or assumption {name!r}{did_you_mean(name, names)}" for name in unknown]
        assumptions.with_values(**figures)
    except InputError as error:
        mistakes += error.mistakes
    return fields, figures, mistakes


def field(name: str, text: str) -> Any:
    """The value of a scenario's field. A text is taken as typed; a field that may be unset is so by nothing or null."""
    info = field_info(name)
    if info["type"] != "string":
        return word(text)
    if not info["required"] and info["default"] is None and text in ("", "null"):
        return None
    return _history(text) if name == "history" else text


def _history(text: str) -> str:
    """A history that is a file keeps its place when the report's notebook, elsewhere, reads it again."""
    path = Path(os.path.expanduser(text))
    # Whatever is wrong with the path is said where the scenario is read.
    with contextlib.suppress(OSError, ValueError):
        if not (data_dir() / "history" / f"{text}.yaml").is_file() and path.is_file():
            return str(path.resolve())
    return text


def figure(text: str) -> Any:
    """A number, or the text as typed, which is refused as it was typed."""
    value = word(text)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text


def word(text: str) -> Any:
    """A decimal number, true, false or null; anything else is the text as typed.

    No YAML, which reads 12:30 as 750, 010 as 8 and 1e-5 as a text.
    """
    typed = text.strip()
    if typed in ("", "~", "null", "Null", "NULL"):
        return None
    if typed in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return typed.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]{1,300}", typed):
        return int(typed)
    if re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", typed):
        return float(typed)
    return text
