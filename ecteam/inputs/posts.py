"""Which posts are there, and on what terms? The tables of `data/pay/`, read and checked row by row: KPIs, what a post
may decide alone, grades, the variable share of pay and how it is paid out. Nobody's own pay is in here.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from math import inf, isinf
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, Field, field_validator, model_validator

from ecteam.inputs.arguments import Allowed, checked
from ecteam.inputs.checks import InputError, Mistakes
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import (
    REGIONS,
    Check,
    Named,
    Ranged,
    RoleRow,
    Sourced,
    bounds,
    load,
    load_all,
    roles_like,
    unknown,
)

PAYOUT_ALLOWED = {
    "attainment": Allowed("0 or more; 1 is the target", at_least=0, below=inf),
    "threshold": Allowed("a share of the target, 0 or more and below 1", at_least=0, below=1),
    "cap": Allowed("1 or more times the variable pay at target", at_least=1, below=inf),
}


NO_LIMIT = "no limit"

# Weights are decimal fractions, which floats add up to 1 but for the last digits.
_SAME = 1e-9


class _Amount(Ranged[float]):
    """A range of money, a share or a count; it has no limit only where its unit says so."""

    unit: str = Field(pattern=r"\S")

    @model_validator(mode="after")
    def _in_bounds(self) -> Any:
        allowed = bounds("", self.unit, "")
        for figure in (self.low, self.high):
            if isinf(figure) and self.unit != NO_LIMIT:
                raise ValueError(f"must be {allowed.words} {self.unit}, but one has no limit")
            if not allowed.holds(figure) and figure != inf:
                raise ValueError(f"must be {allowed.words} {self.unit}, but one is {figure:.15g}")
        return self


class _KpiRow(_Amount, Named):
    role: str
    kpi: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    direction: Literal["up", "down"]
    weight: float = Field(gt=0, le=1)
    unit_zh: str = Field(min_length=1)
    data_source: str = Field(min_length=1)
    data_source_zh: str = Field(min_length=1)


class _GradeRow(Sourced, Named):
    ladder: str = Field(min_length=1)
    grade: int = Field(ge=1)
    factor_low: float = Field(gt=0, allow_inf_nan=False)
    factor_high: float = Field(gt=0, allow_inf_nan=False)
    months_at_least: int = Field(ge=0)
    criterion_en: str = Field(min_length=1)
    criterion_zh: str = Field(min_length=1)


class _MixRow(_Amount):
    role: str
    region: Literal[REGIONS]  # type: ignore[valid-type]
    ladder: str
    unit: Literal["share of cash pay"]


class _AuthorityRow(_Amount, Named):
    role: str
    decision: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    region: Literal[("all", *REGIONS)]  # type: ignore[valid-type]
    unit_zh: str = Field(min_length=1)

    @field_validator("low", "typical", "high", mode="before")
    @classmethod
    def _blank_is_no_limit(cls, value: Any) -> Any:
        return inf if value == "" else value

    @model_validator(mode="after")
    def _money_has_a_region(self) -> "_AuthorityRow":
        if (re.fullmatch("[A-Z]{3}", self.unit) is None) != (self.region == "all"):
            raise ValueError(
                f"region {self.region!r} must have a currency as its unit and 'all' none, not {self.unit!r}"
            )
        if (self.unit == NO_LIMIT) != isinf(self.low):
            raise ValueError(f"must be blank where the unit is {NO_LIMIT!r}, and only there")
        return self


class _PayoutRow(_Amount):
    group: str
    region: Literal[REGIONS]  # type: ignore[valid-type]
    parameter: Literal["threshold", "cap"]

    @model_validator(mode="after")
    def _fits_the_curve(self) -> "_PayoutRow":
        checked(
            {self.parameter: PAYOUT_ALLOWED[self.parameter]}, **{self.parameter: [self.low, self.typical, self.high]}
        )
        return self


@dataclass(frozen=True, eq=False)
class Posts:
    """The tables of posts as `read_posts` has checked them, with the rows' `file` and `row`. Nobody changes them.

    `kpis`: role, kpi, en, zh, direction, weight, low, typical, high (target), unit, data_source; the last two also in
    Chinese (unit_zh, data_source_zh). `grades`: ladder,
    grade, en, zh, factor_low, factor_high (times the typical pay of the role), months_at_least (in the grade below),
    criterion_en, criterion_zh. `authority`: role, decision, region, low, typical, high (limit, inf where there is
    none), unit, unit_zh, en, zh. All three also have source, as_of, kind. `terms`, indexed by region and role: en, zh,
    department, ladder ("" for none), variable_share_low, variable_share_typical, variable_share_high, threshold, cap.
    """

    kpis: pd.DataFrame
    grades: pd.DataFrame
    authority: pd.DataFrame
    terms: pd.DataFrame

    def terms_in(self, region: str) -> pd.DataFrame:
        """The terms of a region, indexed by role."""
        if region not in REGIONS:
            raise InputError(f"region is {region!r}; terms of pay are known for {', '.join(REGIONS)}")
        return self.terms.loc[region]


@cache
def read_posts(folder: Path | None = None, roles: Path | None = None) -> Posts:
    """Which posts are there, what are they measured by, and on what terms are they paid?

    `folder` has kpis.csv, grades.csv, mix.csv, authority.csv and payout.csv (default `data/pay`); every role of the
    table `roles` (default `data/assumptions/roles.csv`) needs KPIs, a mix and authority. Raises `InputError` that names
    file, row and column of everything that is wrong, such as KPI weights of a role that do not add up to 1 (to 1e-9).

    >>> read_posts().kpis.query("role == 'picker'").set_index("kpi")[["direction", "weight", "typical"]]
                     direction  weight  typical
    kpi
    lines_per_hour          up    0.40   80.000
    pick_error            down    0.35    0.002
    ship_on_time_48h        up    0.25    0.980
    """
    folder = folder or data_dir() / "pay"
    known = load(roles or data_dir() / "assumptions" / "roles.csv", RoleRow)
    role, group, like = {"role": known["role"]}, {"group": known["group"]}, roles_like(known)

    def read(
        name: str, row: type[BaseModel], key: Sequence[str], names: dict[str, pd.Series], check: Check
    ) -> Callable[[], pd.DataFrame]:
        path = folder / f"{name}.csv"
        own = like if names is role else None
        return partial(load, path, row, key=key, refs=names, complete=names, check=check, like=own)

    tables = load_all(
        kpis=read("kpis", _KpiRow, ("role", "kpi"), role, _weight_mistakes),
        grades=read("grades", _GradeRow, ("ladder", "grade"), {}, _ladder_mistakes),
        mix=read("mix", _MixRow, ("role", "region"), role, _region_mistakes),
        authority=read("authority", _AuthorityRow, ("role", "decision", "region"), role, _authority_mistakes),
        payout=read("payout", _PayoutRow, ("group", "region", "parameter"), group, _curve_mistakes),
    )
    Mistakes(unknown(tables["mix"], {"ladder": {"", *tables["grades"]["ladder"]}})).refuse()
    return Posts(tables["kpis"], tables["grades"], tables["authority"], _terms(tables, known))


def _weight_mistakes(kpis: pd.DataFrame) -> Iterator[str]:
    for role, rows in kpis.groupby("role", sort=False):
        if abs((total := rows["weight"].sum()) - 1) > _SAME:
            where = f"{rows['row'].min()} to {rows['row'].max()}"
            yield f"kpis.csv rows {where}, column weight: the weights of {role!r} add up to {total:.12g}, not to 1"


def _ladder_mistakes(grades: pd.DataFrame) -> Iterator[str]:
    for ladder, rows in grades.groupby("ladder", sort=False):
        if rows["grade"].to_list() != list(range(1, len(rows) + 1)):
            yield f"grades.csv, column grade: the grades of {ladder!r} must be 1, 2, 3 ... in this order"
        edges = rows[["factor_low", "factor_high"]].to_numpy()
        if (edges[:, 0] > edges[:, 1]).any() or any((upper < lower).any() for lower, upper in pairwise(edges)):
            yield f"grades.csv, columns factor_low, factor_high: those of {ladder!r} must rise from grade to grade"


def _region_mistakes(table: pd.DataFrame) -> Iterator[str]:
    for key, rows in table.groupby(table.columns.intersection(["role", "group"])[0], sort=False):
        for region in (r for r in REGIONS if r not in set(rows["region"])):
            yield (
                f"{rows['file'].iloc[0]} row {rows['row'].iloc[0]}, column region: {key!r} must have one row for each "
                f"of {', '.join(REGIONS)}, but has none for {region!r}"
            )


def _authority_mistakes(authority: pd.DataFrame) -> Iterator[str]:
    for (role, decision), rows in authority.groupby(["role", "decision"], sort=False):
        if sorted(rows["region"]) not in (["all"], sorted(REGIONS)):
            yield (
                f"authority.csv row {rows['row'].iloc[0]}, column region: {decision!r} of {role!r} must have one "
                f"row for all regions, or one for each of {', '.join(REGIONS)}"
            )
    money = authority.query("region != 'all'")
    first = money.groupby("region")["unit"].transform("first")
    for _, row in money[money["unit"] != first].iterrows():
        yield (
            f"authority.csv row {row['row']}, column unit: {row['unit']!r} is not the currency of the rows of "
            f"{row['region']!r} before it, {first[row.name]!r}"
        )


def _curve_mistakes(payout: pd.DataFrame) -> Iterator[str]:
    yield from _region_mistakes(payout)
    for (group, _), rows in payout.groupby(["group", "region"], sort=False):
        if len(rows) < 2:
            yield f"payout.csv row {rows['row'].iloc[0]}: {group!r} must have both a threshold and a cap"


def _terms(tables: Mapping[str, pd.DataFrame], roles: pd.DataFrame) -> pd.DataFrame:
    shares = {case: f"variable_share_{case}" for case in ("low", "typical", "high")}
    mix = tables["mix"][["role", "region", "ladder", *shares]].rename(columns=shares)
    curve = tables["payout"].pivot_table(index=["group", "region"], columns="parameter", values="typical")[
        ["threshold", "cap"]
    ]
    named = roles[["role", "group", "en", "zh", "department"]]
    joined = named.merge(mix, on="role", validate="one_to_many").merge(
        curve, left_on=["group", "region"], right_index=True, validate="many_to_one"
    )
    return (
        joined.drop(columns="group")
        .set_index(["region", "role"])
        .rename_axis(columns=None)
        .sort_index(level="region", sort_remaining=False, kind="stable")
    )
