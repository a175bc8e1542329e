"""What is a post for and how is it paid? Post cards, grades, and what payroll costs when targets are missed or beaten.

The tables stand in `data/pay/`: KPIs with weights and where each figure comes from, what a post may decide alone, the
ladder of grades, the variable share of pay, and from where and up to where variable pay is paid out. Everything is a
band of the pay table: nobody's own pay is in here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from math import inf, isinf
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, Field, field_validator, model_validator

from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir
from ecteam.model import payroll
from ecteam.model.arguments import Allowed, Floats, checked
from ecteam.model.payroll_engine import Whole, major, minor
from ecteam.model.payroll_place import as_pack
from ecteam.tables_in import REGIONS, RoleRow, Sourced, bounds, read_table

NO_LIMIT = "no limit"

# Weights are decimal fractions, which floats add up to 1 but for the last digits.
_SAME = 1e-9
_ALLOWED = {
    "heads": Allowed("0 or more heads", at_least=0, below=inf),
    "gross_typical_per_month": Allowed("0 or more a month", at_least=0, below=inf),
    "variable_share": Allowed("a share of pay, 0 to 1", at_least=0, at_most=1),
    "attainment": Allowed("0 or more; 1 is the target", at_least=0, below=inf),
    "threshold": Allowed("a share of the target, 0 or more and below 1", at_least=0, below=1),
    "cap": Allowed("1 or more times the variable pay at target", at_least=1, below=inf),
    "low": Allowed("0 or more a month", at_least=0, below=inf),
    "typical": Allowed("0 or more a month", at_least=0, below=inf),
    "high": Allowed("0 or more a month", at_least=0, below=inf),
}


class _Ranged(Sourced):
    low: float
    typical: float
    high: float
    unit: str = Field(pattern=r"\S")

    @model_validator(mode="after")
    def _in_order_and_bounds(self) -> "_Ranged":
        if not self.low <= self.typical <= self.high:
            raise ValueError(f"must be low <= typical <= high, but is {self.low:g}, {self.typical:g}, {self.high:g}")
        allowed = bounds("", self.unit, "")
        for figure in (self.low, self.high):
            if isinf(figure) and self.unit != NO_LIMIT:
                raise ValueError(f"must be {allowed.words} {self.unit}, but one has no limit")
            if not allowed.hold(figure):
                raise ValueError(f"must be {allowed.words} {self.unit}, but one is {figure:.15g}")
        return self


class _KpiRow(_Ranged):
    role: str
    kpi: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    direction: Literal["up", "down"]
    weight: float = Field(gt=0, le=1)
    data_source: str = Field(min_length=1)


class _GradeRow(Sourced):
    ladder: str = Field(min_length=1)
    grade: int = Field(ge=1)
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    factor_low: float = Field(gt=0, allow_inf_nan=False)
    factor_high: float = Field(gt=0, allow_inf_nan=False)
    months_at_least: int = Field(ge=0)
    criterion_en: str = Field(min_length=1)
    criterion_zh: str = Field(min_length=1)


class _MixRow(_Ranged):
    role: str
    ladder: str
    unit: Literal["share of cash pay"]


class _AuthorityRow(_Ranged):
    role: str
    decision: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    region: Literal[("all", *REGIONS)]  # type: ignore[valid-type]
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

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


class _PayoutRow(_Ranged):
    group: str
    parameter: Literal["threshold", "cap"]

    @model_validator(mode="after")
    def _fits_the_curve(self) -> "_PayoutRow":
        checked({self.parameter: _ALLOWED[self.parameter]}, **{self.parameter: [self.low, self.typical, self.high]})
        return self


_TABLES: dict[str, tuple[type[BaseModel], list[str]]] = {
    "kpis": (_KpiRow, ["role", "kpi"]),
    "grades": (_GradeRow, ["ladder", "grade"]),
    "mix": (_MixRow, ["role"]),
    "authority": (_AuthorityRow, ["role", "decision", "region"]),
    "payout": (_PayoutRow, ["group", "parameter"]),
}
"""Table of `data/pay` -> what a row of it must hold, and the columns that name a row."""


@dataclass(frozen=True, eq=False)
class Posts:
    """The tables of posts as `read_posts` has checked them, with the rows' `file` and `row`. Nobody changes them.

    `kpis`: role, kpi, en, zh, direction, weight, low, typical, high (target), unit, data_source. `grades`: ladder,
    grade, en, zh, factor_low, factor_high (times the typical pay of the role), months_at_least (in the grade below),
    criterion_en, criterion_zh. `authority`: role, decision, region, low, typical, high (limit, inf where there is
    none), unit, en, zh. All three also have source, as_of, kind. `terms`, indexed by role: en, zh, department, ladder
    ("" for none), variable_share_low, variable_share_typical, variable_share_high, threshold, cap.
    """

    kpis: pd.DataFrame
    grades: pd.DataFrame
    authority: pd.DataFrame
    terms: pd.DataFrame


@dataclass(frozen=True, eq=False)
class PostCard:
    """What one post answers for, what it is measured by, what it may decide, and how it is paid.

    `duties`: duty, en, zh. `kpis` and `authority`: the post's rows of `Posts`, the limits of the place's region.
    `ladder`: the bands of `pay_band` a grade, parted into fixed_low, fixed_high, variable_low, variable_high.
    `pay`: part (fixed, variable, total), low, typical, high, gross a month in `currency`, variable pay at target.
    """

    role: str
    en: str
    zh: str
    department: str
    place: str
    currency: str
    variable_share: float
    threshold: float
    cap: float
    duties: pd.DataFrame
    kpis: pd.DataFrame
    authority: pd.DataFrame
    ladder: pd.DataFrame
    pay: pd.DataFrame


@cache
def read_posts(folder: Path | None = None, roles: Path | None = None) -> Posts:
    """Which posts are there, what are they measured by, and on what terms are they paid?

    Parameters
    ----------
    folder : has kpis.csv, grades.csv, mix.csv, authority.csv and payout.csv; by default `data/pay`
    roles : the table of roles, by default `data/assumptions/roles.csv`; every role needs KPIs, a mix and authority

    Raises
    ------
    InputError that names file, row and column of everything that is wrong: a role or ladder that is not known with the
    nearest that is, KPI weights of a role that do not add up to 1 (to 1e-9), shares above 1, figures below 0.

    Examples
    --------
    >>> posts = read_posts()
    >>> posts.kpis.query("role == 'picker'").set_index("kpi")[["direction", "weight", "typical"]]
                     direction  weight  typical
    kpi
    lines_per_hour          up    0.40   80.000
    pick_error            down    0.35    0.002
    ship_on_time_48h        up    0.25    0.980
    """
    folder = folder or data_dir() / "pay"
    mistakes: list[str] = []
    known = read_table(roles or data_dir() / "assumptions" / "roles.csv", RoleRow, mistakes)
    if mistakes:
        raise InputError(mistakes)
    tables = {}
    for name, (model, keys) in _TABLES.items():
        so_far = len(mistakes)
        table = read_table(folder / f"{name}.csv", model, mistakes)
        for _, row in table[table.duplicated(keys)].iterrows():
            what = ", ".join(str(row[key]) for key in keys)
            mistakes.append(f"{row['file']} row {row['row']}, column {keys[0]}: {what!r} is there twice")
        # Sums and gaps are looked for only in tables whose rows are all good: a bad row would be told twice.
        if len(mistakes) == so_far:
            tables[name] = table
    mistakes.extend(_cross_mistakes(tables, known))
    if mistakes:
        raise InputError(mistakes)
    return Posts(tables["kpis"], tables["grades"], tables["authority"], _terms(tables, known))


def _cross_mistakes(tables: Mapping[str, pd.DataFrame], roles: pd.DataFrame) -> Iterator[str]:
    """Keys that do not match, gaps, weights that do not add up, and ladders that do not rise."""

    def unknown(table: pd.DataFrame, column: str, names: set[str]) -> Iterator[str]:
        for _, row in table[~table[column].isin(list(names))].iterrows():
            near = did_you_mean(row[column], sorted(names - {""}))
            yield f"{row['file']} row {row['row']}, column {column}: {row[column]!r} is not known{near}"

    for name, column, names in (
        ("kpis", "role", roles["role"]),
        ("mix", "role", roles["role"]),
        ("authority", "role", roles["role"]),
        ("payout", "group", roles["group"]),
    ):
        if name in tables:
            yield from unknown(tables[name], column, set(names))
            for missing in names[~names.isin(tables[name][column])].unique():
                yield f"{name}.csv has no row for the {column} {missing!r}; it must have one for each {column}"
    for role, rows in tables["kpis"].groupby("role", sort=False) if "kpis" in tables else ():
        if abs((total := rows["weight"].sum()) - 1) > _SAME:
            where = f"{rows['row'].min()} to {rows['row'].max()}"
            yield f"kpis.csv rows {where}, column weight: the weights of {role!r} add up to {total:.12g}, not to 1"
    for ladder, rows in tables["grades"].groupby("ladder", sort=False) if "grades" in tables else ():
        if rows["grade"].to_list() != list(range(1, len(rows) + 1)):
            yield f"grades.csv, column grade: the grades of {ladder!r} must be 1, 2, 3 ... in this order"
        edges = rows[["factor_low", "factor_high"]].to_numpy()
        if (edges[:, 0] > edges[:, 1]).any() or any((upper < lower).any() for lower, upper in pairwise(edges)):
            yield f"grades.csv, columns factor_low, factor_high: those of {ladder!r} must rise from grade to grade"
    if {"grades", "mix"} <= set(tables):
        yield from unknown(tables["mix"], "ladder", {"", *tables["grades"]["ladder"]})
    if "authority" in tables:
        for (role, decision), rows in tables["authority"].groupby(["role", "decision"], sort=False):
            if sorted(rows["region"]) not in (["all"], sorted(REGIONS)):
                yield (
                    f"authority.csv row {rows['row'].iloc[0]}, column region: {decision!r} of {role!r} must have one "
                    f"row for all regions, or one for each of {', '.join(REGIONS)}"
                )
        money = tables["authority"].query("region != 'all'")
        first = money.groupby("region")["unit"].transform("first")
        for _, row in money[money["unit"] != first].iterrows():
            yield (
                f"authority.csv row {row['row']}, column unit: {row['unit']!r} is not the currency of the rows of "
                f"{row['region']!r} before it, {first[row.name]!r}"
            )
    if "payout" in tables:
        for group, rows in tables["payout"].groupby("group", sort=False):
            if len(rows) < 2:
                yield f"payout.csv row {rows['row'].iloc[0]}: {group!r} must have both a threshold and a cap"


def _terms(tables: Mapping[str, pd.DataFrame], roles: pd.DataFrame) -> pd.DataFrame:
    shares = {case: f"variable_share_{case}" for case in ("low", "typical", "high")}
    mix = tables["mix"][["role", "ladder", *shares]].rename(columns=shares)
    curve = pd.DataFrame(
        {name: rows.set_index("group")["typical"] for name, rows in tables["payout"].groupby("parameter", sort=False)}
    )[["threshold", "cap"]]
    named = roles[["role", "group", "en", "zh", "department"]]
    joined = named.merge(mix, on="role", validate="one_to_one").merge(
        curve, left_on="group", right_index=True, validate="many_to_one"
    )
    return joined.drop(columns="group").set_index("role").rename_axis(columns=None)


def payout_share(attainment: npt.ArrayLike, *, threshold: npt.ArrayLike, cap: npt.ArrayLike) -> Floats:
    """Which share of variable pay is paid out at so much of the target?

    Parameters (arrays broadcast)
    ----------
    attainment : 0 or more; 1 is the target
    threshold : share of the target from which variable pay begins, 0 or more and below 1; 0 is pay by the piece
    cap : most that is paid out, 1 or more times the variable pay at target

    Formula
    -------
    (1) below target: max(0, (attainment - threshold) / (1 - threshold)); from the target on: min(attainment, cap).
    No step at the threshold: the last piece of work before it is worth no more than the next one.

    Raises
    ------
    InputError for figures outside these ranges.

    Examples
    --------
    >>> payout_share([0.4, 0.6, 0.8, 1, 1.2, 1.6], threshold=0.6, cap=1.5).round(6)
    array([0. , 0. , 0.5, 1. , 1.2, 1.5])
    """
    arrays = checked(_ALLOWED, attainment=attainment, threshold=threshold, cap=cap)
    reached, start, most = (arrays[name] for name in ("attainment", "threshold", "cap"))
    # Eq. 1
    return np.where(reached < 1, np.maximum((reached - start) / (1 - start), 0), np.minimum(reached, most))


def simulate_payroll(
    heads: Mapping[str, float] | pd.Series,
    gross_typical_per_month: float | Mapping[str, float] | pd.Series,
    variable_share: float | Mapping[str, float] | pd.Series,
    attainment: npt.ArrayLike = (0.6, 0.8, 1.0, 1.2),
    *,
    place: str | payroll.Pack,
    on: date,
    threshold: float | Mapping[str, float] | pd.Series,
    cap: float | Mapping[str, float] | pd.Series,
) -> pd.DataFrame:
    """What does payroll cost when everybody reaches so much of the target, and who gains?

    Parameters
    ----------
    heads : role -> people on the payroll; an owner who draws no pay is left out
    gross_typical_per_month : role -> gross pay a month at target, variable pay included, in the place's currency
    variable_share : role -> share of that pay that is variable, 0 to 1
    attainment : levels to try; 1 is the target
    place, on : payroll pack, and a day of the month whose figures hold
    threshold, cap : role -> as in `payout_share`. These two, share and pay may be one figure for all; roles that have
        no heads are passed over

    Returns
    -------
    One row a role and level, in the order given: role, attainment, heads; in `currency` a month, for all heads of the
    role: fixed_pay, variable_pay, top_up_pay, contributions (employer's side), employer_cost, and change (of that cost
    against everybody on target); pay_per_head, and gain_per_head against a head on target: more than 0 gains.

    Formula
    -------
    variable = gross x variable_share x payout_share; fixed = gross - gross x variable_share, both to the smallest unit;
    top-up = what is missing to the full-time minimum wage, where one is known (nobody may be paid less; a Shanghai
    minimum is after the employee's own contributions, and this is reckoned before them).
    Contributions are those of `payroll.employer_extra` at the pay that results, as if the level held long enough to
    move the declared base: between floors and caps they follow pay, outside they do not.

    Raises
    ------
    InputError for figures outside their range, a role without a figure, an unknown place, a month outside the pack.

    Examples
    --------
    >>> payroll_at = simulate_payroll({"cs_agent": 2}, 5800, 0.35, place="cn/hangzhou", on=date(2026, 7, 1),
    ...     threshold=0.6, cap=1.2)
    >>> payroll_at[["attainment", "contributions", "employer_cost", "change", "gain_per_head"]]
       attainment  contributions  employer_cost   change  gain_per_head
    0         0.6        3536.60       11076.60 -4977.80        -2030.0
    1         0.8        3780.60       13350.60 -2703.80        -1015.0
    2         1.0        4454.40       16054.40     0.00            0.0
    3         1.2        4766.76       17178.76  1124.36          406.0
    """
    pack, day = as_pack(place), np.datetime64(on, "D").item()
    team = pd.Series(heads, dtype=object)
    given = _by_role(
        list(team.index),
        heads=team,
        gross_typical_per_month=gross_typical_per_month,
        variable_share=variable_share,
        threshold=threshold,
        cap=cap,
    )
    asked = np.ravel(checked(_ALLOWED, attainment=attainment)["attainment"])
    levels = np.concatenate([[1.0], asked])

    gross = minor(pack, "gross_typical_per_month", given["gross_typical_per_month"])
    at_target = np.rint(gross * given["variable_share"]).astype(np.int64)
    fixed = np.broadcast_to(gross - at_target, (len(team), len(levels)))
    paid_out = payout_share(levels, threshold=given["threshold"], cap=given["cap"])
    variable = np.rint(at_target * paid_out).astype(np.int64)
    least = minor(pack, "minimum wage", float(payroll.minimum_wage(pack, day) or 0))
    top_up = np.where(gross > 0, np.maximum(least - fixed - variable, 0), 0)
    pay: Whole = fixed + variable + top_up
    extra = minor(pack, "contributions", payroll.employer_extra(major(pack, pay), pack, on))
    cost = pay + extra

    # The first level is the target itself, against which the others are held.
    a_role = {
        "fixed_pay": fixed,
        "variable_pay": variable,
        "top_up_pay": top_up,
        "contributions": extra,
        "employer_cost": cost,
        "change": cost - cost[:, :1],
    }
    a_head = {"pay_per_head": pay, "gain_per_head": pay - pay[:, :1]}
    amounts = {name: amount * given["heads"] / pack.minor_units for name, amount in a_role.items()}
    amounts |= {name: amount / pack.minor_units for name, amount in a_head.items()}
    return pd.DataFrame(
        {
            "role": np.repeat(team.index.to_numpy(), len(asked)),
            "attainment": np.tile(asked, len(team)),
            "heads": np.repeat(given["heads"].ravel(), len(asked)),
        }
        | {name: amount[:, 1:].ravel() for name, amount in amounts.items()}
    ).assign(currency=pack.currency)


def _by_role(roles: list[str], **given: Any) -> dict[str, Floats]:
    """Each argument as a column (roles, 1) in the order of `roles`; every mistake is named with its role."""
    mistakes, columns = [], {}
    for name, figures in given.items():
        if isinstance(figures, pd.Series) and not figures.index.is_unique:
            mistakes += [f"{name} has {role!r} twice" for role in figures.index[figures.index.duplicated()]]
            continue
        cells = {name: figures}
        if isinstance(figures, Mapping | pd.Series):
            left_out = [role for role in roles if role not in figures]
            mistakes += [f"{name} has no role {role!r}{did_you_mean(role, list(figures.keys()))}" for role in left_out]
            cells = {f"{name} of {role!r}": figures[role] for role in roles if role in figures}
        try:
            column = list(checked(dict.fromkeys(cells, _ALLOWED[name]), **cells).values())
        except InputError as error:
            mistakes += error.mistakes
            continue
        mistakes += [f"{cell} is no single number" for cell, v in zip(cells, column, strict=True) if v.ndim]
        columns[name] = column
    if mistakes:
        raise InputError(mistakes)
    return {name: np.broadcast_to(np.array(column), len(roles))[:, None] for name, column in columns.items()}


def pay_band(low: float, typical: float, high: float, grades: pd.DataFrame) -> pd.DataFrame:
    """Between which amounts is each grade of a role paid?

    Parameters
    ----------
    low, typical, high : the role's gross pay a month in the pay table, any currency
    grades : rows of `Posts.grades` of one ladder

    Returns
    -------
    `grades` with pay_low, pay_high, and cut: whether the pay table's low or high cuts the band off. A pay table whose
    low is a minimum wage leaves little room for grades; a band may then shrink to one amount.

    Formula
    -------
    pay_low = typical x factor_low and pay_high = typical x factor_high, both held between low and high.

    Raises
    ------
    InputError for negative pay or pay that is not low <= typical <= high.

    Examples
    --------
    >>> ladder = read_posts().grades.query("ladder == 'service'")
    >>> pay_band(4200, 5800, 8500, ladder)[["en", "pay_low", "pay_high", "cut"]]
                 en  pay_low  pay_high    cut
    0       Trainee   4350.0    5220.0  False
    1         Agent   5220.0    6380.0  False
    2  Senior agent   6380.0    7250.0  False
    3     Team lead   7250.0    8410.0  False
    """
    checked(_ALLOWED, low=low, typical=typical, high=high)
    if not low <= typical <= high:
        raise InputError(f"pay is {low:.15g}, {typical:.15g}, {high:.15g}; it must be low <= typical <= high")
    asked = typical * grades[["factor_low", "factor_high"]].to_numpy(float)
    held = np.clip(asked, low, high)
    return grades.assign(pay_low=held[:, 0], pay_high=held[:, 1], cut=(held != asked).any(axis=1))


def post_card(
    role: str,
    posts: Posts,
    duties: pd.DataFrame,
    *,
    low_per_month: float,
    typical_per_month: float,
    high_per_month: float,
    place: str,
) -> PostCard:
    """What does the card of a post say: duties, KPIs, authority, ladder, and the bands of fixed and variable pay?

    Parameters
    ----------
    role : a role of the roles table
    posts : as from `read_posts`
    duties : indexed by duty, with role, en, zh, as in `Assumptions.duties`; where a small team joins roles, with the
        role that really does the duty
    low_per_month, typical_per_month, high_per_month : gross pay of the role in the pay table, at the level of the place
    place : payroll pack; it tells the currency and, by its country, which limits of authority hold

    Formula
    -------
    variable pay at target = pay x typical variable share of the role; fixed pay = pay - variable pay; grades as in
    `pay_band`.

    Raises
    ------
    InputError for an unknown role or place, a country without limits of authority, and pay out of order or below 0.

    Examples
    --------
    >>> from ecteam.assumptions import load_assumptions
    >>> card = post_card("picker", read_posts(), load_assumptions().duties, low_per_month=4500, typical_per_month=6000,
    ...     high_per_month=9000, place="cn/hangzhou")
    >>> card.pay
           part     low  typical    high
    0     fixed  2700.0   3600.0  5400.0
    1  variable  1800.0   2400.0  3600.0
    2     total  4500.0   6000.0  9000.0
    >>> card.authority[["en", "typical", "unit"]]
                                              en  typical unit
    0  Take a damaged piece off sale, at cost    200.0  CNY
    """
    if role not in posts.terms.index:
        raise InputError(f"there is no role {role!r}{did_you_mean(role, posts.terms.index)}")
    region, currency = place.split("/")[0], payroll.currency(place)
    if region not in REGIONS:
        raise InputError(f"place is {place!r}; limits of authority are known for {', '.join(REGIONS)} only")
    terms = posts.terms.loc[role]
    share = float(terms["variable_share_typical"])
    ladder = pay_band(
        low_per_month, typical_per_month, high_per_month, posts.grades[posts.grades["ladder"] == terms["ladder"]]
    )
    for end in ("low", "high"):
        ladder[f"variable_{end}"] = ladder[f"pay_{end}"] * share
        ladder[f"fixed_{end}"] = ladder[f"pay_{end}"] - ladder[f"variable_{end}"]
    total = np.array([low_per_month, typical_per_month, high_per_month], dtype=float)
    parts = {"fixed": total - total * share, "variable": total * share, "total": total}
    own = posts.authority["role"].eq(role) & posts.authority["region"].isin(["all", region])
    return PostCard(
        role=role,
        en=terms["en"],
        zh=terms["zh"],
        department=terms["department"],
        place=place,
        currency=currency,
        variable_share=share,
        threshold=float(terms["threshold"]),
        cap=float(terms["cap"]),
        duties=duties.loc[duties["role"] == role, ["en", "zh"]].rename_axis("duty").reset_index(),
        kpis=posts.kpis[posts.kpis["role"] == role].reset_index(drop=True),
        authority=posts.authority[own].reset_index(drop=True),
        ladder=ladder.reset_index(drop=True),
        pay=pd.DataFrame(parts.values(), columns=["low", "typical", "high"]).assign(part=list(parts))[
            ["part", "low", "typical", "high"]
        ],
    )
