"""What a hiring plan says, as tables: who is on board and starts when, whom to advertise for, and what it costs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring.hiring_problem import Problem, separate
from ecteam.hiring.programme import Whole
from ecteam.inputs.arguments import Floats

ITEMS = (
    "staff_cost",
    "hiring",
    "severance",
    "transfers",
    "temps",
    "overtime",
    "outsourced_work",
    "material",
    "work_ahead",
    "work_late",
)
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class HiringPlan:
    """A plan and how far it may be from the best one.

    table : one row a month and role: month, role, need_hours, heads (whole posts), staff (people expected on board),
        starts, advertise_by (month, where somebody starts a new post), signed (starts settled before), replacements,
        leavers, released, moved_in, moved_out, temp_hours, overtime_hours, outsourced_hours (paid hours), own_hours
        (work of staff, overtime aside), stock_hours (work done ahead), late_hours, spare_hours. Over demand scenarios
        hours are expected ones, need included.
    cost : month, role, item, amount; items that are 0 throughout are left out
    total, bound : the plan's cost, and what no plan costs less than; gap = (total - bound) / total
    """

    problem: Problem
    whole: Whole
    table: pd.DataFrame
    cost: pd.DataFrame
    total: float
    bound: float

    @property
    def gap(self) -> float:
        """The share of its cost that the plan may be dearer than the best one."""
        return max(self.total - self.bound, 0.0) / self.total if self.total > 0 else 0.0

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """Whom to advertise for: advertise_by, month (of the start), role, new_posts, replacements, as whole people.

        Expected replacements are summed up until they make a person: half a person early or late at most.
        """
        table, lead = self.table, pd.Series(dict(zip(self.problem.roles, _leads(self.problem), strict=True)))
        so_far = table.groupby("role", sort=False)["replacements"].cumsum()
        people = np.floor(so_far + 0.5 - _ROUNDING)
        replaced = people.groupby(table["role"], sort=False).diff().fillna(people).astype(int)
        place = (table["month"].astype("int64") - table["month"].iloc[0].ordinal).to_numpy()
        months = np.array([lead[role][t] for role, t in zip(table["role"], place, strict=True)], dtype=int)
        posts = table["starts"] + table["signed"]
        frame = pd.DataFrame(
            {
                "advertise_by": pd.PeriodIndex.from_ordinals(table["month"].astype("int64") - months, freq="M"),
                "month": table["month"],
                "role": table["role"],
                "new_posts": posts,
                "replacements": replaced,
            }
        )
        begun = frame[(posts > 0) | (replaced > 0)]
        return begun.sort_values(["advertise_by", "month"], kind="stable", ignore_index=True)

    @property
    def cash_out(self) -> pd.Series:
        """What is paid each month."""
        return self.cost.groupby("month")["amount"].sum().reindex(self.problem.months, fill_value=0.0)


def put_together(problem: Problem, whole: Whole, parts: list[dict[str, Floats]], bound: float) -> HiringPlan:
    """The parts as tables."""
    shape = (len(problem.roles), len(problem.months))
    names = [name for name in parts[0] if name != "moved"]
    blocks = {name: np.zeros((len(problem.chances), *shape) if parts[0][name].ndim == 3 else shape) for name in names}
    moved = np.zeros((len(problem.moves), shape[1]))
    for kept, part in zip(separate(problem), parts, strict=True):
        for name in names:
            blocks[name][..., kept, :] = part[name]
        moved[np.isin(problem.moves, kept).all(axis=1)] = part["moved"]
    expected = {n: np.tensordot(problem.chances, b, axes=1) if b.ndim == 3 else b for n, b in blocks.items()}
    moved_in, moved_out = np.zeros(shape), np.zeros(shape)
    np.add.at(moved_in, problem.moves[:, 1], moved)
    np.add.at(moved_out, problem.moves[:, 0], moved)
    table = _table(problem, whole, expected, moved_in, moved_out)
    cost = _cost(problem, expected, moved)
    return HiringPlan(problem, whole, table, cost, float(cost["amount"].sum()), bound)


def _table(problem: Problem, whole: Whole, of: dict[str, Floats], moved_in: Floats, moved_out: Floats) -> pd.DataFrame:
    roles, months = len(problem.roles), problem.months
    staff, terms = of["staff"], problem.of
    before = np.concatenate([terms["heads_at_start"][:, :1], staff[:, :-1]], axis=1)
    heads = staff if whole == "nothing" else np.ceil(staff - _ROUNDING)
    booked_work = terms["temp_productivity"] * of["booked"]
    own = of["capacity"] - booked_work
    temps = of["booked"] + of["temps"]
    overtime_work = terms["overtime_productivity"] * of["overtime"]
    spare = np.maximum(of["capacity"] + overtime_work - of["worked"], 0.0)
    counted = int if whole != "nothing" else float
    # Months down, roles across: the order of the rows.
    by_month = np.tile(np.arange(roles), len(months)), np.repeat(np.arange(len(months)), roles)
    columns: dict[str, Any] = {
        "need_hours": np.tensordot(problem.chances, problem.need, axes=1),
        "heads": heads.astype(counted),
        "staff": staff,
        "starts": of["starts"].astype(counted),
        "signed": terms["signed_starts"],
        "replacements": of["replacements"],
        "leavers": before * terms["attrition_per_month"],
        "released": of["released"].astype(counted),
        "moved_in": moved_in.astype(counted),
        "moved_out": moved_out.astype(counted),
        "temp_hours": temps,
        "overtime_hours": of["overtime"],
        "outsourced_hours": of["outsourced"],
        "own_hours": own,
        "stock_hours": of["stock"],
        "late_hours": of["late"],
        "spare_hours": spare,
    }
    frame = pd.DataFrame({name: values[by_month] for name, values in columns.items()})
    frame.insert(0, "month", months[by_month[1]])
    frame.insert(1, "role", np.array(problem.roles, dtype=object)[by_month[0]])
    before_start = frame["month"].astype("int64") - _leads(problem)[by_month]
    advert = pd.PeriodIndex.from_ordinals(before_start, freq="M")
    frame.insert(6, "advertise_by", pd.Series(advert).where(frame["starts"] > 0))
    return frame


def _leads(problem: Problem) -> npt.NDArray[np.int64]:
    """Months from advertisement to start, (roles, months); a founding team learns before the first month."""
    lead = problem.of["lead_months"].astype(np.int64)
    lead[:, 0] += np.where(problem.trained, (problem.learning > 0).sum(axis=1), 0)
    return lead


def _cost(problem: Problem, of: dict[str, Floats], moved: Floats) -> pd.DataFrame:
    terms, months = problem.of, problem.months
    moving = np.zeros((len(problem.roles), len(months)))
    np.add.at(moving, problem.moves[:, 1], moved * problem.move_cost[:, None])
    amounts = {
        "staff_cost": of["staff"] * terms["cost_per_head"],
        "hiring": (of["starts"] + of["replacements"]) * terms["hire_cost"],
        "severance": of["released"] * terms["release_cost"],
        "transfers": moving,
        "temps": (of["booked"] + of["temps"]) * terms["temp_cost_per_hour"],
        "overtime": of["overtime"] * terms["overtime_cost_per_hour"],
        "outsourced_work": of["outsourced"] * terms["outsourced_cost_per_hour"],
        "material": (of["worked"] + terms["temp_productivity"] * of["temps"]) * terms["work_cost_per_hour"],
        "work_ahead": of["stock"] * terms["holding_cost_per_hour"],
        "work_late": of["late"] * terms["late_cost_per_hour"],
    }
    long = pd.DataFrame(
        {
            "month": np.tile(months.repeat(len(problem.roles)), len(ITEMS)),
            "role": np.tile(np.array(problem.roles, dtype=object), len(ITEMS) * len(months)),
            "item": np.repeat(np.array(ITEMS, dtype=object), moving.size),
            "amount": np.concatenate([amounts[item].T.ravel() for item in ITEMS]),
        }
    )
    long["month"] = pd.PeriodIndex(long["month"], freq="M")
    used = long.groupby("item", sort=False)["amount"].transform(lambda a: a.ne(0).any())
    return long[used].reset_index(drop=True)
