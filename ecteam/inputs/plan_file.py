"""A plan's workbook as a scenario: the fields and the changed assumptions that somebody filled in.

`publish/workbook.py` writes such a file; what is read here are its sheets of inputs and assumptions. Every mistake is
told at once, with sheet and cell.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.sheets import Grid, read_workbook, workbook_titles

ENDING = ".xlsx"
SHEETS = {"inputs": ("Inputs", "输入"), "assumptions": ("Assumptions", "假设"), "pay": ("Pay", "薪酬")}
"""The sheets that are read, by their titles in English and Chinese."""
FIRST = {
    "inputs": ("Field", "字段"),
    "assumptions": ("Assumption", "假设项"),
    "pay": ("Contribution or rule", "缴费项或规则"),
}
"""The heading over the first column of each."""
FROM, VALUE, PLANNED_RATE, TYPICAL, OWN = 1, 2, 3, 4, 7
WITHHELD = ("withheld", "不显示")


@dataclass(frozen=True)
class Filled:
    """What a workbook says: fields of the scenario, figures of the assumptions, the cell of each field, mistakes."""

    fields: Mapping[str, Any]
    figures: Mapping[str, float]
    places: Mapping[str, str]
    mistakes: Sequence[str]


def placed(sentence: str, places: Mapping[str, str]) -> str:
    """A sentence about a field or figure with the cell it stands in before it.

    >>> placed("months is 0; it must be 1 or more", {"months": "plan.xlsx, sheet Inputs, cell C10"})
    'plan.xlsx, sheet Inputs, cell C10: months is 0; it must be 1 or more'
    """
    named = [name for name in re.findall(r"\w+", sentence) if name in places]
    return f"{places[named[0]]}: {sentence}" if named else sentence


def is_plan_file(name: str) -> bool:
    """Whether a file is a plan's workbook, as against a fleet's: it has a sheet of inputs."""
    path = Path(name).expanduser()
    if path.suffix.lower() != ENDING or "\0" in name or not path.is_file():
        return False
    try:
        return any(title in SHEETS["inputs"] for title in workbook_titles(path.read_bytes(), path.name))
    except (InputError, OSError):
        return False


def is_workbook(raw: bytes, name: str) -> bool:
    """Whether a file is meant as a workbook, by what it begins with or by its name."""
    return raw.startswith(b"PK\x03\x04") or name.lower().endswith(ENDING)


def read_plan_file(raw: bytes, name: str) -> Filled:
    """The fields and changed assumptions in a plan's workbook; raises `InputError` for a file that is none."""
    known = {title for titles in SHEETS.values() for title in titles}
    grids = {grid.title: grid for grid in read_workbook(raw, name, known)}
    mistakes: list[str] = []
    places: dict[str, dict[str, str]] = {kind: {} for kind in SHEETS}
    fields: dict[str, Any] = {}
    figures: dict[str, float] = {}
    for kind, titles in SHEETS.items():
        title = next((title for title in grids if title in titles), None)
        if title is None:
            if kind != "pay":
                mistakes.append(f"{name} has no sheet {' or '.join(titles)}; export the plan again")
            continue
        where = f"{name}, sheet {title}"
        for place, cells in _rows(grids[title], FIRST[kind], where, mistakes):
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
    mistakes += [placed(sentence, places["assumptions"]) for sentence in _figure_mistakes(figures)]
    return Filled(fields, figures, places["inputs"], mistakes)


def _rows(grid: Grid, first: Sequence[str], where: str, mistakes: list[str]) -> Iterator[tuple[str, list[Any]]]:
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


def _figure(name: str, cells: Sequence[Any], place: str, mistakes: list[str]) -> float | None:
    """The figure of a row if somebody set it: marked as the shop's own, or another than the typical one."""
    value, own = cells[VALUE], bool(str(cells[OWN] or "").strip())
    if value in WITHHELD:
        mistakes.append(
            f"{place}: {name} was set, but its figure is withheld; write it there, or export with --show-pay"
        )
        return None
    if value is None:
        mistakes.append(f"{place}: {name} is empty; it must be a number, such as the typical {cells[TYPICAL]}")
        return None
    return value if own or value != cells[TYPICAL] else None


def _figure_mistakes(figures: Mapping[str, Any]) -> list[str]:
    try:
        load_assumptions().with_values(**figures)
    except InputError as error:
        return error.mistakes
    return []


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
