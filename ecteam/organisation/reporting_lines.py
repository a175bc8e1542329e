"""Spans and heads of departments as data, and reporting lines as a frame: made from managers, or given and checked.

A tree is one row a person: person, position (role), department, manager ("" at the top), layer (1 is the top), leads
("", "head" for a post that leads, "working_lead" for somebody who leads as well as works), vacant.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Ranged, Sourced, load, unknown

DIRECTORS = "directors"
"""The kind of work of those who lead others, or people of more than one department."""

Case = Literal["low", "typical", "high"]


class _SpanRow(Ranged[Annotated[int, Field(ge=2)]], Named):
    work: str = Field(min_length=1)
    unit: Literal["direct reports"]


class _DepartmentRow(Sourced):
    department: str = Field(min_length=1)
    work: str
    head: str
    part_of: str
    reports_to: Literal["owner", "operations_head"]


@dataclass(frozen=True, eq=False)
class Lines:
    """What the lines follow from. Nobody changes the frames.

    `spans`, indexed by work: low, typical, high (direct reports), en, zh, source, as_of, kind. `departments`, indexed
    by department: work (a key of spans), head (the role that leads it by nature, or ""), part_of (the department it is
    led with, or ""), reports_to (owner or operations_head), source, as_of, kind.
    """

    spans: pd.DataFrame
    departments: pd.DataFrame

    def limit(self, department: str, case: Case) -> int:
        """Most people that one leads who do the work of a department."""
        return int(self.spans.loc[self.departments.loc[department, "work"], case])


def _part_mistakes(departments: pd.DataFrame) -> Iterator[str]:
    """Departments that are part of none that there is, or of one that is itself part of another."""
    yield from unknown(departments, {"part_of": {"", *departments["department"]}})
    parts = dict(zip(departments["department"], departments["part_of"], strict=True))
    for name, whole in parts.items():
        if whole and (whole == name or parts.get(whole)):
            yield f"departments.csv: {name!r} is part of {whole!r}, which must be a department of its own"


@cache
def read_lines(folder: Path | None = None) -> Lines:
    """How many people can one lead, by kind of work, and who heads a department?

    `folder` has spans.csv and departments.csv; by default `data/organisation`. Raises `InputError` with file, row and
    column of everything that is wrong: an unknown kind of work or department (the nearest is offered), no row for
    `directors`, a name that is there twice.

    >>> read_lines().spans.loc["warehouse", ["low", "typical", "high"]].to_list()
    [10, 15, 25]
    """
    folder = folder or data_dir() / "organisation"
    spans = load(folder / "spans.csv", _SpanRow, key="work", complete={"work": [DIRECTORS]})
    departments = load(
        folder / "departments.csv",
        _DepartmentRow,
        key="department",
        refs={"work": spans["work"]},
        check=_part_mistakes,
    )
    return Lines(
        spans.set_index("work").drop(columns=["file", "row"]),
        departments.set_index("department").drop(columns=["file", "row"]),
    )


def as_tree(seats: pd.DataFrame, manager: Mapping[str, str], posts: Collection[str] = ()) -> pd.DataFrame:
    """The rows of a tree in reading order from each person's manager; `posts` are people whose post it is to lead."""
    names = list(seats["person"])
    below: dict[str, list[str]] = {}
    for name in names:
        below.setdefault(manager[name], []).append(name)
    layer, order, waiting = {"": 0}, [], list(below[""])
    while waiting:
        name = waiting.pop(0)
        order.append(name)
        layer[name] = layer[manager[name]] + 1
        waiting = [*below.get(name, ()), *waiting]
    about = seats.set_index("person").loc[order].reset_index()
    leads = ["" if name not in below else "head" if name in posts else "working_lead" for name in order]
    return pd.DataFrame(
        {
            "person": order,
            "position": about["hired_as"],
            "department": about["department"],
            "manager": [manager[name] for name in order],
            "layer": [layer[name] for name in order],
            "leads": leads,
            "vacant": about["vacant"],
        }
    )


def imported_tree(table: pd.DataFrame, name: str = "reporting lines") -> pd.DataFrame:
    """Is this a tree of people, and how deep does it go?

    Parameters
    ----------
    table : person, manager (empty for the one at the top), and if known position, department, vacant
    name : what messages call the table; its rows are counted from 2, below the line of names

    Returns
    -------
    As `reporting_tree`; every leader is a "head"; position and department are "" where they are not given.

    Raises
    ------
    InputError that names the row of every mistake: an empty or repeated name, a manager who is nobody in the table
    (the nearest is offered), nobody or more than one at the top, people who report to themselves in a circle.

    Examples
    --------
    >>> lines = pd.DataFrame({"person": ["Li", "Wang", "Zhao"], "manager": ["", "Li", "Wang"]})
    >>> imported_tree(lines)["layer"].to_list()
    [1, 2, 3]
    >>> imported_tree(lines.assign(manager=["Zhao", "Li", "Wang"]))
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: reporting lines: nobody is at the top; leave the manager of one person empty
    reporting lines rows 2, 3, 4: Li reports to Zhao, Zhao to Wang, Wang to Li: a circle
    """
    missing = [column for column in ("person", "manager") if column not in table.columns]
    if missing:
        near = {column: did_you_mean(column, map(str, table.columns)) for column in missing}
        raise InputError([f"{name} has no column {column!r}{near[column]}" for column in missing])
    if table.empty:
        raise InputError(f"{name} has no rows; name one person at least")
    people = table["person"].fillna("").astype(str).str.strip().to_list()
    above = table["manager"].fillna("").astype(str).str.strip().to_list()
    mistakes: list[str] = []
    row_of: dict[str, int] = {}
    for row, person in enumerate(people, start=2):
        if not person:
            mistakes.append(f"{name} row {row}, column person: the name is empty")
        elif person in row_of:
            mistakes.append(
                f"{name} row {row}, column person: {person!r} is there twice, first in row {row_of[person]}"
            )
        row_of.setdefault(person, row)
    for row, manager in enumerate(above, start=2):
        if manager and manager not in row_of:
            mistakes.append(
                f"{name} row {row}, column manager: {manager!r} is not a person of the table"
                f"{did_you_mean(manager, filter(None, row_of))}"
            )
    tops = [row for row, manager in enumerate(above, start=2) if not manager]
    if not tops:
        mistakes.append(f"{name}: nobody is at the top; leave the manager of one person empty")
    elif len(tops) > 1:
        rows = ", ".join(f"{row} ({people[row - 2]})" for row in tops)
        mistakes.append(f"{name} rows {rows}: {len(tops)} people have no manager; exactly one may have none")
    for circle in _circles(dict(zip(people, above, strict=True))):
        links = ", ".join(
            f"{who}{' reports' if number == 0 else ''} to {boss}"
            for number, (who, boss) in enumerate(zip(circle, [*circle[1:], circle[0]], strict=True))
        )
        rows = ", ".join(str(row) for row in sorted(row_of[who] for who in circle))
        mistakes.append(f"{name} row{'s' * (len(circle) > 1)} {rows}: {links}: a circle")
    if mistakes:
        raise InputError(mistakes)
    seats = pd.DataFrame(
        {
            "person": people,
            "hired_as": table["position"].fillna("").to_list() if "position" in table else "",
            "department": table["department"].fillna("").to_list() if "department" in table else "",
            "vacant": table["vacant"].astype(bool).to_list() if "vacant" in table else False,
        }
    )
    return as_tree(seats, dict(zip(people, above, strict=True)), set(people))


def _circles(above: Mapping[str, str]) -> list[list[str]]:
    """The people of each reporting circle, each once, in the order of reporting."""
    settled: set[str] = {""}
    found = []
    for start in above:
        path: list[str] = []
        name = start
        while name not in settled and name in above and name not in path:
            path.append(name)
            name = above[name]
        if name in path:
            found.append(path[path.index(name) :])
        settled |= set(path)
    return found
