"""Where scenarios are read from: YAML, a plan's workbook, a row of a spreadsheet. Every mistake is told at once."""

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ecteam.inputs.checks import InputError, did_you_mean, reason
from ecteam.inputs.files import data_dir
from ecteam.inputs.plan_file import is_workbook, placed, read_plan_file
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.words import Note


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


FORMAT = 1
"""How a saved scenario is written; a file that says a higher one comes from a newer ecteam."""


def load_scenario(name: str, /, **changes: Any) -> Scenario:
    """Read a scenario from its YAML file (a name in `data/scenarios`, or a path) and change some fields.

    Raises `InputError` with every mistake of the file at once, and for a file that sets figures of the assumptions
    too, which a scenario cannot hold: `plan_shop` plans it.

    >>> load_scenario("tea_shop_growth", orders_per_day=420).city
    'hangzhou'
    """
    scenario, figures = read_scenario(name, **changes)
    if figures:
        raise InputError(f"{name} sets assumptions too ({', '.join(figures)}); ask for its plan with plan_shop")
    return scenario


def read_scenario(name: str, /, **changes: Any) -> tuple[Scenario, dict[str, Any]]:
    """The scenario of a file, with some fields changed, and the figures of the assumptions that the file sets."""
    path = scenario_path(name)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {reason(error)}") from None
    return scenario_in(raw, path.name, path.parent, **changes)


def scenario_in(
    raw: bytes, file: str, folder: Path | None = None, /, **changes: Any
) -> tuple[Scenario, dict[str, Any]]:
    """The scenario and the figures in the bytes of a YAML file called `file`, which lies in `folder` if anywhere.

    A plan's workbook (`plan.xlsx`) that somebody filled in is read as well.

    >>> scenario_in(b"{name: Tea, orders_per_day: 60, return_share: 0.05}", "tea.yaml")[0].orders_per_day
    60.0
    """
    if is_workbook(raw, file):
        return _in_workbook(raw, file, folder, changes)
    loader, content = _content(raw, file)
    if _newer(content.pop("format", FORMAT)):
        raise InputError(Note("newer_format", file=file))
    figures = content.pop("assumptions", None) or {}
    mistakes = [
        f"{file} gives {key!r} {len(lines)} times, in lines {', '.join(map(str, lines))}; it must be there once"
        for key, lines in loader.repeated
    ]
    if not isinstance(figures, dict):
        mistakes.append(f"{file}: assumptions must hold figures such as 'pick_lines_per_hour: 75'")
    given = content | changes
    try:
        if isinstance(given.get("history"), str):
            given["history"] = _history(given["history"], folder if "history" not in changes else None)
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
    return scenario, {str(key): value for key, value in figures.items()}


def _in_workbook(
    raw: bytes, file: str, folder: Path | None, changes: Mapping[str, Any]
) -> tuple[Scenario, dict[str, Any]]:
    filled = read_plan_file(raw, file)
    given, mistakes = {**filled.fields, **changes}, list(filled.mistakes)
    try:
        if isinstance(given.get("history"), str):
            given["history"] = _history(given["history"], folder if "history" not in changes else None)
        scenario = from_row(given)
    except InputError as error:
        mistakes += [placed(sentence, filled.places) for sentence in error.mistakes]
    if mistakes:
        raise InputError(mistakes)
    return scenario, dict(filled.figures)


def to_yaml(scenario: Scenario, figures: Mapping[str, float] | None = None) -> str:
    """A scenario as a file that `load_scenario` and `ecteam report` read: the fields that are not at their defaults.

    With `figures` of the assumptions it is one that `plan_shop` and `ecteam report` read.

    >>> print(to_yaml(Scenario(name="Tea", return_share=0.05, orders_per_day=60)))
    format: 1
    name: Tea
    orders_per_day: 60
    return_share: 0.05
    <BLANKLINE>
    """
    content = {"format": FORMAT} | {name: _plain(value) for name, value in changed_fields(scenario).items()}
    if figures:
        content["assumptions"] = {name: _plain(value) for name, value in figures.items()}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def changed_fields(scenario: Scenario, base: Scenario | None = None) -> dict[str, Any]:
    """The fields in which a scenario differs from another, or from the defaults; what has no default always."""
    values = scenario.model_dump()
    if base is not None:
        return {name: value for name, value in values.items() if value != getattr(base, name)}
    fields = Scenario.model_fields
    return {name: v for name, v in values.items() if fields[name].is_required() or v != fields[name].default}


def _plain(value: Any) -> Any:
    """A number as a person writes it: 60, not 60.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _newer(form: Any) -> bool:
    return not isinstance(form, int) or form > FORMAT


def _content(raw: bytes, file: str) -> tuple[_Loader, dict[Any, Any]]:
    """What a YAML file holds, and the loader, which knows the keys that were given again."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(Note("not_utf8", file=file)) from None
    try:
        loader = _Loader(text)
        content = loader.get_single_data()
    except RecursionError:
        raise InputError(f"{file} is nested too deeply; it must hold fields such as 'orders_per_day: 60'") from None
    # Besides its own errors PyYAML lets through whatever a value raises: a day such as 2027-02-31, `!!bool maybe`.
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        words = str(error).splitlines() or [type(error).__name__]
        if mark:
            raise InputError(Note("invalid_yaml", file=file, line=mark.line + 1)) from None
        raise InputError(f"{file} is not valid YAML: {words[0]}") from None
    if content is None:
        raise InputError(Note("empty_scenario", file=file))
    if not isinstance(content, dict):
        kind = _KINDS.get(type(content).__name__, type(content).__name__)
        raise InputError(f"{file} holds a {kind}; it must hold fields such as 'orders_per_day: 60'")
    return loader, content


def _history(name: str, folder: Path | None) -> str:
    """The order history that is meant: a file beside the scenario comes before a name in `data/history`."""
    path = Path(os.path.expanduser(name))
    beside = folder / path if folder else path
    if name and "\0" not in name and _is_file(beside, f"the history {_cut(name)}") and folder:
        return str(beside)
    return str(path) if name.startswith("~") else name
