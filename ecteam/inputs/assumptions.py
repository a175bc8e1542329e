"""What the world says: every rate, pay and cost with low, typical, high, unit, source and date, from
`data/assumptions/*.csv`; the tables of duties, roles, drivers, events and places beside them refer to keys.
"""

import ast
import itertools
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.arguments import MOST_FIGURE
from ecteam.inputs.checks import InputError, Mistakes, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.tables import (
    POSITIONS,
    REGIONS,
    DriverRow,
    DutyRow,
    EventRow,
    NumberRow,
    ProfileRow,
    RoleRow,
    bounds,
    load,
    load_all,
    roles_like,
    rows_like,
    unknown,
)
from ecteam.inputs.words import provide

NUMBER_FILES = ("rates", "working_time", "events", "pay", "costs", "decisions", "estimates")
SOLVED_DRIVERS = ("orders", "months", "heads", "recruitments")
"""Drivers that `plan.py` gives: the forecast, the calendar, and the loop of people who need people."""


@dataclass(frozen=True, eq=False)
class Assumptions:
    """The tables and one value (or `n` drawn values) for each row. Steps read it; nobody changes it.

    `numbers` has one row a (key, region) with low, typical, high, unit, basis, en, zh, source, as_of, kind, file, row.
    `draws` has the same rows and one column a draw: one column for a single case.
    """

    numbers: pd.DataFrame
    draws: np.ndarray
    duties: pd.DataFrame
    roles: pd.DataFrame
    drivers: pd.DataFrame
    calendar: pd.DataFrame
    profiles: pd.DataFrame
    changed: frozenset[str] = frozenset()

    def with_draws(self, draws: np.ndarray) -> "Assumptions":
        """The same rows at other figures: (rows, draws)."""
        drawn = replace(self, draws=draws)
        drawn.__dict__["role_columns"] = self.role_columns  # the same for all figures: worked out once
        return drawn

    def at_typical(self) -> "Assumptions":
        """The same rows at their typical figures, and at the shop's own where it has set them: one case."""
        own = self.numbers["key"].isin(self.changed).to_numpy()
        figures = np.where(own, self.draws[:, 0], self.numbers["typical"].to_numpy(float))[:, None]
        return self if np.array_equal(figures, self.draws) else self.with_draws(figures)

    def with_values(self, **values: float) -> "Assumptions":
        """The same assumptions with some figures replaced by the shop's own, in every region.

        >>> load_assumptions().with_values(pick_lines_per_hour=75).region("cn")["pick_lines_per_hour"]
        75.0
        """
        known = self.numbers["key"]
        unknown = [key for key in values if key not in set(known)]
        mistakes = Mistakes(f"there is no assumption {key!r}{did_you_mean(key, known.unique())}" for key in unknown)
        draws = np.array(self.draws)
        for key, given in values.items():
            value = given.item() if isinstance(given, np.generic) else given
            if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
                mistakes.append(f"{key} is {value!r}; it must be a number")
            elif abs(value) > MOST_FIGURE:
                mistakes.append(f"{key} is beyond {MOST_FIGURE:,.0f}; it must be a number that a shop can have")
            elif (rows := (known == key).to_numpy()).any():
                row = self.numbers[rows].iloc[0]
                allowed = bounds(key, row["unit"], row["basis"])
                if not allowed.holds(value):
                    mistakes.append(f"{key} is {value:.15g}; it must be {allowed.words} {row['unit']}")
                draws[rows] = value
        mistakes.refuse()
        return replace(self, draws=draws, changed=self.changed | frozenset(values))

    def draw(self, n: int, seed: int) -> "Assumptions":
        """`n` draws of every row between its low and its high figure, the typical one being their mean.

        A beta distribution of concentration 6 (PERT's) with the mean typical, for what is published as typical is a
        mean: a plan at typical figures is right on average. Where typical lies so near an end that the density would
        be infinite there, the distribution is narrower; a typical figure at an end is the mode. Work follows one over a
        rate (basis `units_per_...`): one over it is drawn. A row's draws depend on the seed and its own name only, so
        that adding a row leaves the others as they were. Rows that the user has set stay at that value.
        """
        numbers = self.numbers
        drawn = np.repeat(numbers["typical"].to_numpy(float)[:, None], n, axis=1)
        for i, (key, region, basis, *span) in enumerate(
            numbers[["key", "region", "basis", "low", "typical", "high"]].itertuples(index=False)
        ):
            if key in self.changed:
                drawn[i] = self.draws[i, 0]
            elif span[0] < span[-1]:
                rng = np.random.default_rng([seed, zlib.crc32(f"{region}/{key}".encode())])
                inverse = basis.startswith("units_per_") and span[0] > 0
                low, mean, high = 1 / np.array(span[::-1]) if inverse else span
                at = (mean - low) / (high - low)
                a, b = 6 * at, 6 * (1 - at)
                a, b = np.array([a, b]) / min(a, b, 1) if 0 < at < 1 else (1 + 4 * at, 5 - 4 * at)
                values = low + (high - low) * rng.beta(a, b, n)
                drawn[i] = 1 / values if inverse else values
        return self.with_draws(drawn)

    def rows(self, region: str) -> pd.DataFrame:
        """The rows that hold in a region, indexed by key."""
        return self._of(region)[0]

    def region(self, region: str) -> Mapping[str, float]:
        """Key -> value in a region; raises where this holds many draws rather than one case."""
        if self.draws.shape[1] != 1:
            raise InputError(f"these assumptions hold {self.draws.shape[1]} draws; one case is needed here")
        return self._of(region)[1]

    @cached_property
    def role_columns(self) -> dict[str, dict[str, str]]:
        """The roles table as column -> role -> cell, for the many look-ups of a plan."""
        return self.roles.to_dict()

    @cached_property
    def drivers_of_people(self) -> frozenset[str]:
        """The drivers that follow from heads or recruitments, themselves among them."""
        drivers = {"heads", "recruitments"}
        for driver, formula in self.drivers["formula"].items():
            if formula and drivers & set(names_in(formula)):
                drivers.add(str(driver))
        return frozenset(drivers)

    def drawn(self, region: str) -> tuple[pd.DataFrame, np.ndarray]:
        """The rows of a region, indexed by key, and their values: (rows, draws)."""
        return self._of(region)[0], self.draws[self.numbers["region"].isin(["all", region]).to_numpy()]

    @cached_property
    def _regions(self) -> dict[str, tuple[pd.DataFrame, dict[str, float]]]:
        return {}

    def _of(self, region: str) -> tuple[pd.DataFrame, dict[str, float]]:
        """The rows of a region at the first draw, and their values by key; worked out when first asked for."""
        if region not in REGIONS:
            raise KeyError(region)
        if region not in self._regions:
            holds = self.numbers["region"].isin(["all", region]).to_numpy()
            table = self.numbers[holds].assign(value=self.draws[holds, 0]).set_index("key")
            self._regions[region] = (table, dict(zip(table.index, table["value"].tolist(), strict=True)))
        return self._regions[region]


@cache
def load_assumptions(folder: Path | None = None) -> Assumptions:
    """Read and check the tables of a folder (default `data/assumptions`), at their typical figures.

    Raises `InputError` that names file, row and column of everything that is wrong.

    >>> row = load_assumptions().rows("cn").loc["pack_orders_per_hour"]
    >>> [float(row[case]) for case in ("low", "typical", "high")], row["unit"]
    ([19.0, 32.0, 47.0], 'orders an hour')
    """
    folder = folder or data_dir() / "assumptions"
    tables = load_all(
        numbers=partial(load, [folder / f"{name}.csv" for name in NUMBER_FILES], NumberRow, key=("key", "region")),
        duties=partial(load, folder / "duties.csv", DutyRow, key="duty"),
        roles=partial(load, folder / "roles.csv", RoleRow, key="role"),
        drivers=partial(load, folder / "drivers.csv", DriverRow, key="driver"),
        calendar=partial(load, folder / "calendar.csv", EventRow, key=("event", "region")),
        profiles=partial(load, folder / "profiles.csv", ProfileRow, key=("region", "profile", "position")),
    )
    tables["numbers"] = _with_pay(tables["numbers"], tables["roles"])
    Mistakes(_cross_mistakes(**tables)).refuse()
    numbers = tables["numbers"]
    return Assumptions(
        numbers,
        numbers[["typical"]].to_numpy(float),
        tables["duties"].set_index("duty"),
        tables["roles"].set_index("role"),
        tables["drivers"].set_index("driver"),
        tables["calendar"],
        tables["profiles"],
    )


def _with_pay(numbers: pd.DataFrame, roles: pd.DataFrame) -> pd.DataFrame:
    """The numbers with the pay of roles that are like another, under their own names."""
    pay, names = roles_like(roles, "pay_"), roles.set_index("pay_" + roles["role"])
    numbers = rows_like(numbers, "key", pay)
    for key, lang in itertools.product(pay, ("en", "zh")):
        row = numbers["key"] == key
        old, new = names.loc[[pay[key], key], lang]
        numbers.loc[row, lang] = numbers.loc[row, lang].str.replace(old, new, regex=False)
    return numbers


def _cross_mistakes(
    numbers: pd.DataFrame,
    duties: pd.DataFrame,
    roles: pd.DataFrame,
    drivers: pd.DataFrame,
    calendar: pd.DataFrame,
    profiles: pd.DataFrame,
) -> Iterator[str]:
    """Keys that do not match between the tables and profiles with a gap, in the order of the tables."""
    in_region = {r: set(numbers.loc[numbers["region"].isin(["all", r]), "key"]) for r in REGIONS}
    everywhere = set.intersection(*in_region.values())
    for key in numbers["key"].unique():
        if {"all"} < set(numbers.loc[numbers["key"] == key, "region"]):
            yield f"{key!r} has a row for all regions and one for a region; only one of the two can hold"

    rated = everywhere & set(numbers.loc[numbers["basis"] != "", "key"])
    names = set(roles["role"])
    yield from unknown(duties, {"role": names, "driver": drivers["driver"], "rate": rated})
    yield from unknown(roles, dict.fromkeys(("shrinkage", "attrition", "hire_cost", "equipment"), everywhere))
    yield from unknown(roles, {"temp_pay": everywhere | {""}})
    yield from unknown(roles, dict.fromkeys(("two_posts", "five_posts", "departments", "specialists"), names))
    yield from unknown(roles.assign(role="pay_" + roles["role"]), {"role": everywhere})
    for region, keys_there in in_region.items():
        yield from unknown(calendar[calendar["region"] == region], {"lift": keys_there})
        for profile, positions in POSITIONS.items():
            shares = profiles[(profiles["region"] == region) & (profiles["profile"] == profile)]
            left_out = [position for position in positions if position not in set(shares["position"])]
            if left_out:
                yield (
                    f"profiles.csv has no row for {profile} {', '.join(map(str, left_out))} of {region!r}; "
                    f"it must have one for each {profile} from {positions[0]} to {positions[-1]}"
                )
            elif not shares["share"].sum() > 0:
                yield f"profiles.csv, column share: all of profile {profile!r} of {region!r} are 0; one must be more"
    named = everywhere | set(Scenario.model_fields)
    for name, formula, file, row in zip(
        drivers["driver"], drivers["formula"], drivers["file"], drivers["row"], strict=True
    ):
        try:
            parts = set(names_in(formula)) if formula else set()
        except InputError as error:
            yield f"{file} row {row}, column formula: {error}"
            continue
        if not formula and name not in SOLVED_DRIVERS:
            yield f"{file} row {row}, column formula: {name!r} needs a formula"
        for part in sorted(parts - named):
            yield f"{file} row {row}, column formula: {part!r} is not known{did_you_mean(part, sorted(named))}"
        named = named | {name}


@cache
def names_in(formula: str) -> tuple[str, ...]:
    """The figures and drivers of a driver's formula, in order; anything but its arithmetic is refused."""
    try:
        nodes = list(ast.walk(ast.parse(formula, mode="eval")))
    except SyntaxError:
        nodes = []
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    if not nodes or not all(node in calls or _is_arithmetic(node) for node in nodes):
        raise InputError(f"{formula!r} is no formula of names, numbers, + - * / ** and most(a, b)")
    names = [(node.col_offset, node.id) for node in nodes if isinstance(node, ast.Name) and node not in calls]
    return tuple(dict.fromkeys(name for _, name in sorted(names)))


def _is_arithmetic(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="most"), args=[_, _], keywords=[]):
            return True
        case ast.BinOp(op=ast.Pow()):
            return isinstance(node.right, ast.Name)  # 9 ** 9 ** 9 would never end
        case ast.Constant():
            return isinstance(node.value, int | float)
    return isinstance(
        node, ast.Expression | ast.BinOp | ast.Name | ast.Load | ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow
    )


@cache
def formula_function(formula: str, most: Callable[[Any, Any], Any] = np.maximum) -> Callable[[Mapping[str, Any]], Any]:
    """A driver's formula as a function of named values (numbers or arrays); `most` gives the larger of two of them.

    >>> formula_function("orders * share")({"orders": np.array([10.0, 20.0]), "share": 0.5}).tolist()
    [5.0, 10.0]
    """
    names_in(formula)
    # Only names, numbers, + - * / ** and most() are in it: names_in has refused everything else.
    code = compile(formula, formula, "eval")
    return lambda values: eval(code, {"__builtins__": {}, "most": most}, values)


def _names() -> Iterator[tuple[str, str, str]]:
    """The names of the figures, drivers, duties and roles that come with ecteam."""
    tables = load_assumptions()
    yield from tables.numbers[["key", "en", "zh"]].itertuples(index=False)
    for frame in (tables.drivers, tables.duties, tables.roles):
        yield from frame[["en", "zh"]].itertuples()


provide(_names)
