"""Where scenarios are read from: a YAML file, or a row of a spreadsheet. Every mistake of a file is told at once."""

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir
from ecteam.plan_file import ENDING, placed, read_plan_file
from ecteam.scenario import Scenario


def from_row(row: Mapping[str, Any]) -> Scenario:
    """A scenario from one spreadsheet row: empty and blank cells fall back to the defaults.

    >>> from_row({"name": "Tea", "orders_per_day": "60", "return_share": 0.05, "months": ""}).months
    12
    """
    cells = {str(key): value for key, value in row.items() if not pd.isna(value) and str(value).strip()}
    # A spreadsheet makes a day of a month.
    if isinstance(cells.get("start_month"), date | np.datetime64):
        cells["start_month"] = f"{pd.Timestamp(cells['start_month']):%Y-%m}"
    if isinstance(cells.get("history"), str):
        cells["history"] = os.path.expanduser(cells["history"])
    return Scenario(**cells)


def scenario_path(name: str) -> Path:
    """The YAML file of a scenario given by path, or by name in `data/scenarios`; refuses with the nearest name."""
    known = {path.stem: path for path in sorted((data_dir() / "scenarios").glob("*.yaml"))}
    if name in known:
        return known[name]
    path = Path(os.path.expanduser(name))
    if _is_file(path, f"the scenario file {_cut(name)}"):
        return path
    if path.suffix or len(path.parts) > 1:
        raise InputError(f"there is no scenario file {_cut(name)}")
    raise InputError(f"there is no scenario {_cut(name)}{did_you_mean(name, known)}")


def _cut(name: str) -> str:
    return repr(name if len(name) <= 120 else f"{name[:117]}...")


def _is_file(path: Path, what: str) -> bool:
    """Whether a file is there; a name that no file can have, or a folder that cannot be read, is a sentence."""
    if "\0" in str(path):
        raise InputError(f"{what} cannot be read: the name holds a NUL character")
    try:
        return path.is_file()
    except (OSError, ValueError) as error:
        raise InputError(f"{what} cannot be read: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Why a file could not be read or written, as the end of a sentence."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0].lower()


class _Loader(yaml.SafeLoader):
    """Remembers keys that are given again and their lines, since YAML takes the last of them without a word.

    Only decimal numbers are numbers and only true and false are booleans: 12:30 stays the text it is (YAML would make
    750 of it), as do 0x10, 010 and on. A field that takes a number or a boolean reads such a text, or refuses it.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[tuple[str, list[int]]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, list[int]] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            lines.setdefault(key.value, []).append(key.start_mark.line + 1)
        self.repeated += [(key, there) for key, there in lines.items() if len(there) > 1]
        return super().construct_mapping(node, deep)


_NUMBER = "0123456789"
_TAG = "tag:yaml.org,2002:"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, words) for tag, words in known if tag not in (f"{_TAG}int", f"{_TAG}float", f"{_TAG}bool")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, _words, _first in (
    ("bool", r"(true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9_]*)$", f"-+{_NUMBER}"),
    (
        "float",
        r"([-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$",
        f"-+.{_NUMBER}",
    ),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(_words), list(_first))

_KINDS = {"str": "text", "int": "number", "float": "number", "bool": "truth value", "datetime": "date"}


def load_scenario(name: str, /, **changes: Any) -> Scenario:
    """Read a scenario from its YAML file (a name in `data/scenarios`, or a path) and change some fields.

    A plan's workbook (`plan.xlsx`) is read as well. Raises `InputError` with every mistake of the file at once, and for
    a workbook that changes assumptions, which a scenario cannot hold: `plan_shop` takes both.

    >>> load_scenario("tea_shop_growth", orders_per_day=420).city
    'hangzhou'
    """
    scenario, figures = load_filled(name, **changes)
    if figures:
        raise InputError(
            f"{Path(name).name} changes assumptions as well ({', '.join(sorted(figures))}); "
            f"plan_shop({name!r}) takes both"
        )
    return scenario


def load_filled(name: str, /, **changes: Any) -> tuple[Scenario, dict[str, float]]:
    """A scenario, and the figures of the assumptions that its file sets: only a plan's workbook does.

    >>> load_filled("tea_shop_growth", orders_per_day=420)[1]
    {}
    """
    path = scenario_path(name)
    if path.suffix.lower() == ENDING:
        return _of_workbook(path, changes)
    return _of_yaml(path, changes), {}


def _of_workbook(path: Path, changes: Mapping[str, Any]) -> tuple[Scenario, dict[str, float]]:
    try:
        filled = read_plan_file(path)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {reason(error)}") from None
    given, mistakes = {**filled.fields, **changes}, list(filled.mistakes)
    try:
        if isinstance(given.get("history"), str):
            given["history"] = _history(given["history"], path.parent if "history" not in changes else None)
        scenario = from_row(given)
    except InputError as error:
        mistakes += [placed(sentence, filled.places) for sentence in error.mistakes]
    if mistakes:
        raise InputError(mistakes)
    return scenario, dict(filled.figures)


def _of_yaml(path: Path, changes: Mapping[str, Any]) -> Scenario:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text; save it again as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {reason(error)}") from None
    try:
        loader = _Loader(text)
        content = loader.get_single_data()
    except RecursionError:
        raise InputError(
            f"{path.name} is nested too deeply; it must hold fields such as 'orders_per_day: 60'"
        ) from None
    # Besides its own errors PyYAML lets through whatever a value raises: a day such as 2027-02-31, `!!bool maybe`.
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        words = str(error).splitlines() or [type(error).__name__]
        raise InputError(
            f"{path.name} is not valid YAML{f', near line {mark.line + 1}' if mark else f': {words[0]}'}"
        ) from None
    if content is None:
        raise InputError(f"{path.name} is empty; it must hold fields such as 'orders_per_day: 60'")
    if not isinstance(content, dict):
        kind = _KINDS.get(type(content).__name__, type(content).__name__)
        raise InputError(f"{path.name} holds a {kind}; it must hold fields such as 'orders_per_day: 60'")
    mistakes = [
        f"{path.name} gives {key!r} {len(lines)} times, in lines {', '.join(map(str, lines))}; it must be there once"
        for key, lines in loader.repeated
    ]
    given = content | dict(changes)
    try:
        if isinstance(given.get("history"), str):
            folder = path.parent if "history" not in changes else None
            given["history"] = _history(given["history"], folder)
    except InputError as error:
        mistakes += error.mistakes
        # Told already; what hangs on the history is not called missing.
        given["history"] = "-"
    try:
        scenario = Scenario(**{str(key): value for key, value in given.items()})
    except InputError as error:
        mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return scenario


def _history(name: str, folder: Path | None) -> str:
    """The order history that is meant: a file beside the scenario comes before a name in `data/history`."""
    path = Path(os.path.expanduser(name))
    beside = folder / path if folder else path
    if name and "\0" not in name and _is_file(beside, f"the history {_cut(name)}") and folder:
        return str(beside)
    return str(path) if name.startswith("~") else name
