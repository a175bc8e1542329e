"""Who reports to whom? A reporting tree with as few layers as the spans allow.

There is no layer of managers before somebody would lead more people than the kind of work allows (the high figure of
spans.csv). Where a leader is missing, one of the people there leads as well as works: no new head.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Ranged, Sourced, load, unknown

DIRECTORS = "directors"
"""The kind of work of those who lead others, or people of more than one department."""


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
    """Spans of control and departments.

    `spans`, indexed by work: low, typical, high (direct reports), en, zh, source, as_of, kind. `departments`, indexed
    by department: work (a key of spans), head (the role that leads it by nature, or ""), part_of (the department it is
    led with, or ""), reports_to (owner or operations_head), source, as_of, kind.
    """

    spans: pd.DataFrame
    departments: pd.DataFrame

    @property
    def most_directors(self) -> int:
        """Most leaders, or people of several departments, that one leads."""
        return int(self.spans.loc[DIRECTORS, "high"])


def _part_mistakes(departments: pd.DataFrame) -> Iterator[str]:
    yield from unknown(departments, {"part_of": {"", *departments["department"]}})
    parts = dict(zip(departments["department"], departments["part_of"], strict=True))
    for name, whole in parts.items():
        if whole and (whole == name or parts.get(whole)):
            yield f"departments.csv: {name!r} is part of {whole!r}, which must be a department of its own"


@cache
def read_lines(folder: Path | None = None) -> Lines:
    """How many people can one lead, by kind of work, and who heads a department? By default of `data/organisation`.

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


OWNER = "owner"
OPERATIONS_HEAD = "shop_manager"
WORTH_A_HEAD = 3
"""A hired head is given a department of this many people or more: fewer would be a manager with one or two reports."""


@dataclass(frozen=True)
class Unit:
    """A department, with those led together with it: its people, and those who lead it."""

    name: str
    limit: int
    commercial: bool
    members: tuple[str, ...]
    heads: tuple[str, ...]

    @property
    def direct_reports(self) -> int:
        return 1 if self.heads else len(self.members)


def reporting_tree(seats: pd.DataFrame) -> pd.DataFrame:
    """Who reports to whom, with as few layers as the spans allow?

    `seats`: person, hired_as (role), department, vacant (bool); at least one. Returns one row a seat, each manager
    before the reports: person, position (role), department, manager ("" for the one at the top), layer (1 is the top),
    leads ("", "head" for a post that leads, "working_lead" for somebody who leads as well as works), vacant.

    1. The owner is the top; without one the operations head, else the first seat. 2. A department reports to the owner
    or, where `departments` says so and one is hired, to the operations head. 3. Its head by nature leads it. Further
    operations heads go to the departments with the most people a leader. 4. A department without a head reports as it
    is while the one above can lead so many; if not, the largest get a working lead first: the first who is there. 5. A
    department beyond its span is cut into the fewest even teams, each with a lead, again until it fits. A vacant seat
    is no working lead while somebody is there. A span above the limit stays where all departments have their lead
    already; `spans.spans_of` shows it.

    >>> seats = pd.DataFrame({"person": ["Li", "Wang", "Chen"], "hired_as": ["owner", "designer", "warehouse_keeper"],
    ...     "department": ["operations", "design", "warehouse"], "vacant": False})
    >>> reporting_tree(seats)[["person", "manager", "layer", "leads"]]
      person manager  layer leads
    0     Li              1  head
    1   Wang      Li      2
    2   Chen      Li      2
    """
    top, operations, manager, spare = the_top(seats)
    units, left = _share_out(spare, units_of(seats, {*manager, *spare}))
    posts = {*manager, *spare, *(name for unit in units for name in unit.heads)}
    manager |= dict.fromkeys(left, operations)
    return as_tree(seats, line_up_below(top, operations, manager, units, seats), posts)


def line_up_below(
    top: str, operations: str, manager: dict[str, str], units: Sequence[Unit], seats: pd.DataFrame
) -> dict[str, str]:
    """Person -> manager, with the commercial units under the operations head and the others under the top."""
    filled = set(seats.loc[~seats["vacant"], "person"])
    for boss in dict.fromkeys((top, operations)):
        theirs = [unit for unit in units if boss == (operations if unit.commercial else top)]
        manager = manager | line_up(boss, theirs, sum(above == boss for above in manager.values()), filled)
    return manager


def the_top(seats: pd.DataFrame) -> tuple[str, str, dict[str, str], list[str]]:
    """Who is at the top, who leads the commercial departments, their lines, and the further operations heads."""
    owners, heads = (list(seats.loc[seats["hired_as"] == role, "person"]) for role in (OWNER, OPERATIONS_HEAD))
    top = [*owners, *heads, *seats["person"]][0]
    # An operations head at the top runs the commercial departments as well.
    operations = heads[0] if heads else top
    manager = {top: ""} | ({operations: top} if operations != top else {}) | dict.fromkeys(owners[1:], top)
    return top, operations, manager, heads[1:]


def units_of(seats: pd.DataFrame, apart: set[str]) -> list[Unit]:
    """The departments in the order of the table; in each, people of one role stand together."""
    lines = read_lines()
    rank = {role: number for number, role in enumerate(seats["hired_as"].unique())}
    place = {name: number for number, name in enumerate(lines.departments.index)}
    rows = seats[~seats["person"].isin(list(apart))]
    about = lines.departments.loc[rows["department"]]
    whole = np.where(about["part_of"] != "", about["part_of"], rows["department"])
    rows = rows.assign(
        unit=whole,
        leads=(about["head"] == rows["hired_as"].to_numpy()).to_numpy(),
        role_rank=rows["hired_as"].map(rank),
    )
    rows = rows.iloc[np.lexsort((rows["role_rank"], rows["department"].map(place)))]
    return [
        Unit(
            str(name),
            int(lines.spans.loc[lines.departments.loc[name, "work"], "high"]),
            bool(lines.departments.loc[name, "reports_to"] == "operations_head"),
            tuple(members.loc[~members["leads"], "person"]),
            tuple(members.loc[members["leads"], "person"]),
        )
        for name, members in rows.groupby("unit", sort=False)
    ]


def _share_out(heads: Sequence[str], units: Sequence[Unit]) -> tuple[list[Unit], list[str]]:
    """Give each hired head to the commercial unit with the most people a leader; heads that no unit needs are left."""
    given, waiting = list(units), list(heads)
    while waiting:
        in_need = [number for number, unit in enumerate(given) if unit.commercial and _needs_a_head(unit)]
        if not in_need:
            break
        neediest = max(in_need, key=lambda n: (not given[n].heads, len(given[n].members) / (len(given[n].heads) or 1)))
        given[neediest] = replace(given[neediest], heads=(*given[neediest].heads, waiting.pop(0)))
    return given, waiting


def _needs_a_head(unit: Unit) -> bool:
    """Whether one more would lead people: the department, or a team of it where it is beyond the span of one."""
    people, teams_led = len(unit.members), len(unit.heads) - 1
    if not unit.heads:
        return people >= WORTH_A_HEAD
    return people > unit.limit and teams_led < min(max(-(-people // unit.limit), 2), read_lines().most_directors)


def line_up(boss: str, units: Sequence[Unit], already: int, filled: set[str]) -> dict[str, str]:
    """Person -> manager of units under a boss who has some reports; the largest get a working lead until they fit."""
    if len(units) == 1 and not already and not units[0].heads:
        return _teams_of(boss, units[0].members, (), units[0].limit, filled)
    units = list(units)
    while units and already + sum(unit.direct_reports for unit in units) > read_lines().most_directors:
        sizes = [0 if unit.heads else len(unit.members) for unit in units]
        largest = int(np.argmax(sizes))
        if sizes[largest] < 2:
            break
        lead, rest = first_filled(units[largest].members, filled)
        units[largest] = replace(units[largest], members=rest, heads=(lead,))
    manager: dict[str, str] = {}
    for unit in units:
        if unit.heads:
            head, *others = unit.heads
            manager |= {head: boss} | _teams_of(head, unit.members, others, unit.limit, filled)
        else:
            manager |= dict.fromkeys(unit.members, boss)
    return manager


def _teams_of(boss: str, members: Sequence[str], heads: Sequence[str], limit: int, filled: set[str]) -> dict[str, str]:
    """Person -> manager of a unit: all under the boss, or in the fewest even teams that fit; `heads` lead the first."""
    count = len(members) + len(heads)
    if count <= limit:
        return dict.fromkeys([*heads, *members], boss)
    most, branch = read_lines().most_directors, limit + 1
    while branch * most < count:
        branch = branch * most + 1
    teams = min(max(-(-count // branch), len(heads), 2), most)
    leads, waiting = list(heads[:teams]), [*heads[teams:], *members]
    manager: dict[str, str] = {}
    for number in range(teams):
        size = count // teams + (number < count % teams)
        if number < len(leads):
            lead, rest, waiting = leads[number], tuple(waiting[: size - 1]), waiting[size - 1 :]
        else:
            lead, rest = first_filled(waiting[:size], filled)
            waiting = waiting[size:]
        manager |= {lead: boss} | _teams_of(lead, rest, (), limit, filled)
    return manager


def first_filled(names: Sequence[str], filled: set[str]) -> tuple[str, tuple[str, ...]]:
    """The first who is there (the first of all where nobody is), and the others."""
    lead = next((name for name in names if name in filled), names[0])
    return lead, tuple(name for name in names if name != lead)
