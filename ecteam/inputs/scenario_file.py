"""Where scenarios are read from: YAML, a plan's workbook, a row of a spreadsheet, `--set NAME=VALUE`, the parameters of
a notebook as papermill, jupyter-scheduler or a person gives them. Every mistake is told at once.
`publish/workbook.py` writes the workbook whose sheets of inputs and assumptions are read here.
"""

import ast
import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError, Mistakes, did_you_mean, reason
from ecteam.inputs.files import data_dir
from ecteam.inputs.outside import Grid, YamlLoader, open_book, read_bytes, read_workbook, read_yaml
from ecteam.inputs.scenario import ACTIVITIES, Scenario, field_info, usual_activity
from ecteam.inputs.words import Name, Note, Sentence


def changes_of(items: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Fields of the scenario, figures of the assumptions, and a sentence for everything that is wrong.

    >>> changes_of(["orders_per_day=420", "pay_picker=6500"])
    ({'orders_per_day': 420}, {'pay_picker': 6500}, [])
    >>> changes_of(["orders_per_dy=420"])[2]
    ["there is no field or assumption 'orders_per_dy'; did you mean 'orders_per_day'?"]
    """
    mistakes = Mistakes()
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
    with mistakes.collected():
        assumptions = load_assumptions()
        known = set(assumptions.numbers["key"])
        figures = {name: figure(text) for name, text in texts.items() if name not in fields and name in known}
        mistakes += _unknown(texts, [*Scenario.model_fields, *sorted(known)])
        assumptions.with_values(**figures)
    return fields, figures, [*map(Sentence, mistakes)]


OF_NOTEBOOKS: Mapping[str, type] = {"scenario": str, "changes": dict, "lang": str, "show_pay": bool}
"""What every report notebook may be given besides fields and figures."""


def changes_given(namespace: Mapping[str, Any], *more: str) -> dict[str, Any]:
    """What a notebook's parameters change: fields of the scenario and figures of the assumptions, for `plan_shop`.

    `namespace` is the notebook's `globals()`; `more` are parameters of its own. None changes nothing; a text is read as
    after `ecteam report --set`. What `changes` holds is changed too, unless a parameter of that name says otherwise.
    Raises `InputError` for a parameter that is neither field nor figure, and for one that cannot be read.

    >>> changes_given({"changes": {"months": 6}, "orders_per_day": 300, "city": None, "dedicated_desk": "true"})
    {'months': 6, 'orders_per_day': 300, 'dedicated_desk': True}
    """
    figures = set(load_assumptions().numbers["key"])
    names = dict.fromkeys([*(name for name in namespace if name in Scenario.model_fields), *_assigned(namespace)])
    mistakes = _unknown(names, [*OF_NOTEBOOKS, *more, *Scenario.model_fields, *sorted(figures)])
    for name, kind in OF_NOTEBOOKS.items():
        if not isinstance(value := namespace.get(name, kind()), kind):
            allowed = {bool: "True or False", dict: "changes by name, such as {'orders_per_day': 420}", str: "a text"}
            mistakes.append(f"{name} is {value!r}; it must be {allowed[kind]}")
    mistakes.refuse()
    given = {name: namespace.get(name) for name in names if name in Scenario.model_fields or name in figures}
    typed = {name: _typed(name, value) if isinstance(value, str) else value for name, value in given.items()}
    return {**namespace.get("changes", {}), **{name: value for name, value in typed.items() if value is not None}}


def _assigned(namespace: Mapping[str, Any]) -> list[str]:
    """The names set by the cells right before the one that runs, as far back as they only set names to values.

    These are the cell tagged `parameters` and the one that papermill puts below it. IPython keeps the cells in `In`.
    """
    names: list[str] = []
    for source in reversed(namespace.get("In", [""])[1:-1]):
        if (targets := _only_assigns(source)) is None:
            break
        names = [*targets, *names]
    return names


def _only_assigns(source: str) -> Sequence[str] | None:
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return None
    targets = [line.targets[0] for line in lines if isinstance(line, ast.Assign) and len(line.targets) == 1]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names if len(names) == len(lines) else None


def _unknown(names: Iterable[str], known: Sequence[str]) -> Mistakes:
    unknown = [name for name in names if name not in known]
    return Mistakes(Note("no_field_or_assumption", name=name, near=did_you_mean(name, known)) for name in unknown)


def _typed(name: str, text: str) -> Any:
    """What was typed for a field of the scenario, or else for a figure of the assumptions."""
    return field(name, text) if name in Scenario.model_fields else figure(text)


def field(name: str, text: str) -> Any:
    """The value of a scenario's field. A text is taken as typed; a field that may be unset is so by nothing or null."""
    info = field_info(name)
    if info["type"] != "string":
        return word(text)
    if not info["required"] and info["default"] is None and text in ("", "null"):
        return None
    return _typed_history(text) if name == "history" else text


def _typed_history(text: str) -> str:
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


ENDING = ".xlsx"
LONGEST_PATH = 255
SHEETS = {
    "inputs": ("wb_inputs", "wb_field"),
    "assumptions": ("wb_assumptions", "wb_assumption"),
    "pay": ("wb_pay", "wb_contribution"),
}
"""The sheets that are read: the words of their titles, and of the heading over their first column."""
FROM, VALUE, PLANNED_RATE, TYPICAL, OWN = 1, 2, 3, 4, 7


def _written(word: str) -> tuple[str, str]:
    """How a word of the catalogue stands in a workbook, whose language may be either."""
    return Name(word).in_language("en"), Name(word).in_language("zh")


@dataclass(frozen=True)
class Filled:
    """What a workbook says: fields of the scenario, figures of the assumptions, the cell of each field, mistakes."""

    fields: Mapping[str, Any]
    figures: Mapping[str, float]
    places: Mapping[str, str]
    mistakes: Mistakes


def placed(sentence: str, places: Mapping[str, str]) -> str:
    """A sentence about a field or figure with the cell it stands in before it."""
    named = [name for name in re.findall(r"\w+", sentence) if name in places]
    return f"{places[named[0]]}: {sentence}" if named else sentence


def is_plan_file(name: str) -> bool:
    """Whether a file is a plan's workbook, as against a fleet's: it has a sheet of inputs."""
    path = Path(os.path.expanduser(name))
    if path.suffix.lower() != ENDING or not os.path.isfile(path):
        return False
    try:
        book = open_book(lambda: path.open("rb"), path.name, table=True)
    except InputError:
        return False
    return not {*book.sheets, *book.hidden}.isdisjoint(_written("wb_inputs"))


def is_workbook(raw: bytes, name: str) -> bool:
    """Whether a file is meant as a workbook, by what it begins with or by its name."""
    return raw.startswith(b"PK\x03\x04") or name.lower().endswith(ENDING)


def read_plan_file(raw: bytes, name: str) -> Filled:
    """The fields and changed assumptions in a plan's workbook; raises `InputError` for a file that is none."""
    known = {title for word, _ in SHEETS.values() for title in _written(word)}
    grids = {grid.title: grid for grid in read_workbook(raw, name, known)}
    mistakes, of_figures = Mistakes(), Mistakes()
    places: dict[str, dict[str, str]] = {kind: {} for kind in SHEETS}
    fields: dict[str, Any] = {}
    figures: dict[str, float] = {}
    for kind, (word, heading) in SHEETS.items():
        titles = _written(word)
        title = next((title for title in grids if title in titles), None)
        if title is None:
            if kind != "pay":
                mistakes.append(f"{name} has no sheet {' or '.join(titles)}; export the plan again")
            continue
        where = f"{name}, sheet {title}"
        for place, cells in _rows(grids[title], _written(heading), where, mistakes):
            key = str(cells[0]).strip()
            if kind == "pay":
                mistakes += _pay_mistakes(key, cells, place)
                continue
            if key in places[kind]:
                mistakes.append(f"{place}: {key!r} is there already, in {places[kind][key].rpartition(', ')[2]}")
            places[kind][key] = place
            if kind == "inputs" and cells[VALUE] is not None:
                fields[key] = cells[VALUE]
            if kind == "assumptions" and (figure := _figure(key, cells, place, mistakes)) is not None:
                figures[key] = figure
    with of_figures.collected():
        load_assumptions().with_values(**figures)
    mistakes += [placed(Sentence(sentence), places["assumptions"]) for sentence in of_figures]
    return Filled(fields, figures, places["inputs"], mistakes)


def _rows(grid: Grid, first: Sequence[str], where: str, mistakes: Mistakes) -> Iterator[tuple[str, list[Any]]]:
    """The rows below the heading, with the place of their value; texts without the blanks around names."""
    begun = False
    for number, cells in enumerate(grid.rows, start=1):
        row = [*cells, *[None] * (PLANNED_RATE + OWN + 1)]
        if not begun:
            begun = row[0] in first
            continue
        if row[0] is None or not str(row[0]).strip():
            continue
        place = f"{where}, cell C{number}"
        row[VALUE] = None if isinstance(row[VALUE], str) and not row[VALUE].strip() else row[VALUE]
        if (number - 1, VALUE) in grid.formulas:
            mistakes.append(
                f"{place}: the formula has no value yet; open the file in a spreadsheet program and save it"
            )
        yield place, row
    if not begun:
        mistakes.append(f"{where}: no row begins with {' or '.join(first)}; export the plan again")


def _figure(name: str, cells: Sequence[Any], place: str, mistakes: Mistakes) -> float | None:
    """The figure of a row if somebody set it: marked as the shop's own, or another than the typical one."""
    value, own = cells[VALUE], bool(str(cells[OWN] or "").strip())
    if value in _written("wb_withheld"):
        mistakes.append(
            f"{place}: {name} was set, but its figure is withheld; write it there, or export with --show-pay"
        )
        return None
    if value is None:
        mistakes.append(f"{place}: {name} is empty; it must be a number, such as the typical {cells[TYPICAL]}")
        return None
    return value if own or value != cells[TYPICAL] else None


def _pay_mistakes(name: str, cells: Sequence[Any], place: str) -> list[str]:
    """A contribution rate that was tried in the workbook: a plan takes it from the country pack."""
    planned = cells[PLANNED_RATE]
    # The rows of rates say from which month they hold; those below, of what a head costs, do not.
    if not isinstance(cells[FROM], str) or not isinstance(planned, int | float) or cells[VALUE] == planned:
        return []
    return [
        f"{place}: {name} is {cells[VALUE]}, not {planned} as planned; ecteam takes it from the files of data/payroll: "
        "change it there, or set the cell back"
    ]


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


class _ScenarioLoader(YamlLoader):
    """Only decimal numbers are numbers and only true and false are booleans: 12:30 stays a text (YAML makes 750 of it),
    as do 0x10, 010 and on. A field that takes a number or a boolean reads such a text, or refuses it."""


_NUMBER = "0123456789"
_TAG = "tag:yaml.org,2002:"
_ScenarioLoader.yaml_implicit_resolvers = {
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
    _ScenarioLoader.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(_words), list(_first))


FORMAT = 1
"""How a saved scenario is written; a file that says a higher one comes from a newer ecteam."""


def load_scenario(name: str, /, **changes: Any) -> Scenario:
    """Read a scenario from its YAML file (a name in `data/scenarios`, or a path) and change some fields.

    Raises `InputError` with every mistake of the file, and for one that sets figures of the assumptions (see
    `plan_shop`).

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
    return scenario_in(read_bytes(path), path.name, path.parent, **changes)


def scenario_in(
    raw: bytes, file: str, folder: Path | None = None, /, **changes: Any
) -> tuple[Scenario, dict[str, Any]]:
    """The scenario and the figures in the bytes of a YAML file or a plan's workbook called `file`, which lies in
    `folder` if anywhere."""
    if is_workbook(raw, file):
        return _in_workbook(raw, file, folder, changes)
    content, repeated = read_yaml(raw, file, _ScenarioLoader)
    if content is None:
        raise InputError(Note("empty_scenario", file=file))
    if not isinstance(form := content.pop("format", FORMAT), int) or form > FORMAT:
        raise InputError(Note("newer_format", file=file))
    figures = content.pop("assumptions", None) or {}
    mistakes = Mistakes(
        f"{file} gives {key!r} {len(lines)} times, in lines {', '.join(map(str, lines))}; it must be there once"
        for key, lines in repeated
    )
    if not isinstance(figures, dict):
        mistakes.append(f"{file}: assumptions must hold figures such as 'pick_lines_per_hour: 75'")
    given = content | changes
    if others := [name for name in given if name not in Scenario.model_fields]:
        known = set(load_assumptions().numbers["key"]).intersection(others)
        mistakes += [Note("is_an_assumption", name=name) for name in others if name in known]
        given = {name: value for name, value in given.items() if name not in known}
    try:
        _find_files(given, folder, changes)
    except InputError as error:
        mistakes += error.mistakes
        # Told already; what hangs on the history is not called missing.
        given["history"] = "-"
    with mistakes.collected():
        scenario = Scenario(**{str(key): value for key, value in given.items()})
    mistakes.refuse()
    return scenario, {str(key): value for key, value in figures.items()}


def _in_workbook(
    raw: bytes, file: str, folder: Path | None, changes: Mapping[str, Any]
) -> tuple[Scenario, dict[str, Any]]:
    filled = read_plan_file(raw, file)
    given, of_fields = {**filled.fields, **changes}, Mistakes()
    with of_fields.collected():
        _find_files(given, folder, changes)
        scenario = from_row(given)
    Mistakes([*filled.mistakes, *(placed(Sentence(sentence), filled.places) for sentence in of_fields)]).refuse()
    return scenario, dict(filled.figures)


def _find_files(given: dict[str, Any], folder: Path | None, changes: Mapping[str, Any]) -> None:
    """Make the paths of a history and an own forecast whole where they lie beside the file that names them."""
    if isinstance(given.get("history"), str):
        given["history"] = _history(given["history"], folder if "history" not in changes else None)
    name = given.get("orders_per_month")
    if folder and isinstance(name, str) and "orders_per_month" not in changes and len(name) < LONGEST_PATH:
        beside = folder / os.path.expanduser(name)
        given["orders_per_month"] = str(beside) if "\0" not in name and beside.is_file() else name


def to_yaml(scenario: Scenario, figures: Mapping[str, float] | None = None) -> str:
    """A scenario as a file that `load_scenario` and `ecteam report` read: the fields that are not at their defaults.

    With `figures` of the assumptions it is one for `plan_shop` and `ecteam report`.

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
    usual = {name: usual_activity(name, scenario.orders_per_day) for name in ACTIVITIES}
    usual |= {name: field.default for name, field in fields.items() if name not in usual}
    return {name: v for name, v in values.items() if fields[name].is_required() or v != usual[name]}


def _plain(value: Any) -> Any:
    """A number as a person writes it: 60, not 60.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _history(name: str, folder: Path | None) -> str:
    """The order history that is meant: a file beside the scenario comes before a name in `data/history`."""
    path = Path(os.path.expanduser(name))
    beside = folder / path if folder else path
    if name and "\0" not in name and _is_file(beside, f"the history {_cut(name)}") and folder:
        return str(beside)
    return str(path) if name.startswith("~") else name
