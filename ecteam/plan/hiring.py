"""When the plan's own team is hired, what covers its work month by month, and how long the cash lasts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring import terms
from ecteam.inputs.arguments import ROUNDING
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.pay import loaded_cost
from ecteam.plan.cost import cost_table, paid, role_items
from ecteam.plan.prepare import of_roles
from ecteam.plan.solution import Solution, by_month

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hiring:
    """The team of a plan as it is hired; see `hiring_of` for `cash` and `inflow_per_month`."""

    solution: Solution
    cash: float | None = None
    inflow_per_month: npt.ArrayLike | None = None

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """Whom does the plan's own team hire, by when advertised, and what does it cost?

        Returns
        -------
        advertise_by, month (of the start), role, new_posts, replacements (people expected to leave, once they make a
        whole one), once, per_month (cost of all of them), hours (of work a month); the earliest advertisement first.

        Formula
        -------
        new posts = rise of the plan's heads; advertise_by = month - time to fill a post; a founding team starts from
        none.

        Examples
        --------
        >>> from ecteam.plan.plan import plan_shop
        >>> plan = plan_shop("tea_shop_growth")
        >>> new, totals = plan.hiring.calendar["new_posts"].sum(), plan.totals
        >>> bool(new == totals["heads_last_month"] - totals["heads_first_month"])
        True
        """
        roles, months, unit = self.solution.results.roles, self.solution.months, self._unit_prices
        new, replaced = self._starts, terms.people_replaced(self._leavers)
        r, at = np.nonzero(new + replaced)
        people, first = (new + replaced)[r, at], months.asi8[at] - self.lead_months.to_numpy()[r]
        frame = pd.DataFrame({
            "advertise_by": pd.PeriodIndex.from_ordinals(first, freq="M"), "month": months[at],
            "role": np.array(roles, dtype=object)[r], "new_posts": new[r, at].astype(int),
            "replacements": replaced[r, at].astype(int), "once": people * unit["hire"][r, at],
            "per_month": people * unit["head"][r, at], "hours": people * self._hours_per_head[r, at],
        })  # fmt: skip
        return frame.sort_values(["advertise_by", "month"], kind="stable", ignore_index=True)

    @property
    def lead_months(self) -> pd.Series:
        """Months from the advertisement of a post to its start, by role."""
        roles, values = self.solution.results.roles, self.solution.values
        groups = self.solution.assumptions.role_columns["group"]
        months = [terms.lead_months(values[f"time_to_fill_weeks_{groups[role]}"]) for role in roles]
        return pd.Series(months, index=roles)

    @cached_property
    def table(self) -> pd.DataFrame:
        """What covers the work of each role in each month, and who starts and leaves?

        Returns
        -------
        month, role, heads, starts (of new posts), leavers (expected; each is replaced), need_hours, own_hours,
        part_time_hours, temp_work, bought_work, temp_hours (paid: temps are slower), spare_hours (of the
        plan's own people).

        Formula
        -------
        need_hours = own_hours + part_time_hours + temp_work + bought_work, that somebody is there for the work;
        starts + leavers = `hires` of `plan.team`.
        """
        results, hours = self.solution.results, self._hours_per_head
        fte, employed, bought, temps = (
            each[:, 0] for each in (results.fte, results.employed_fte, results.bought_hours, results.temp_hours)
        )
        worked, full_time = fte - results.bought_fte[:, 0], np.floor(employed + ROUNDING)
        part_time = np.clip(fte - full_time, 0, np.maximum(employed - full_time, 0))
        temp_work = temps * self.solution.values["temp_productivity"]
        columns = {
            "heads": results.heads[:, 0], "starts": self._starts, "leavers": self._leavers,
            "need_hours": fte * hours + temp_work, "own_hours": (worked - part_time) * hours,
            "part_time_hours": part_time * hours, "temp_work": temp_work, "bought_work": bought,
            "temp_hours": temps, "spare_hours": np.maximum(employed - fte, 0) * hours,
        }  # fmt: skip
        frame = by_month(self.solution.months, results.heads[:, 0], results.roles, "role", "heads")
        frame = frame.assign(**{name: values.T.ravel() for name, values in columns.items()})
        whole = ["heads", "starts"]
        frame[whole] = frame[whole].astype(int)
        used = frame.groupby("role")[["need_hours", "heads"]].transform("max").gt(0).any(axis=1)
        return frame[used].reset_index(drop=True)

    @cached_property
    def cash_out(self) -> pd.Series:
        """All that the plan pays in each month."""
        amounts = paid(cost_table(self.solution)).groupby("month")["amount"].sum()
        return amounts.reindex(self.solution.months, fill_value=0.0)

    @cached_property
    def runway(self) -> pd.DataFrame:
        """How long the cash lasts: `ecteam.hiring.terms.runway` of `cash_out`."""
        return terms.runway(self.cash_out, cash=self.cash, inflow_per_month=self.inflow_per_month)

    @property
    def runs_out(self) -> pd.Period | None:
        """The first month that ends with less than nothing; None where there is none, or no cash figure."""
        empty = self.runway.loc[self.runway["cash_at_end"].round(2) < 0, "month"]
        return None if empty.empty else empty.iloc[0]

    @cached_property
    def hour_prices(self) -> pd.DataFrame:
        """What does an hour of work cost from a head who is kept busy, from temps, and bought?

        By role, at the mean of the months: heads, head_cost (a month, all in), hire_cost (once), hours (of work a month
        of a head), and the costs of an hour of work: head_hour, temp_hour, bought_hour (missing where there is none).
        From head_cost / temp_hour or / bought_hour hours a month on, a head is cheaper for a need that lasts.

        >>> from ecteam.plan.plan import plan_shop
        >>> row = plan_shop("tea_shop_growth").hiring.hour_prices.loc["accountant"]
        >>> bool(row["head_cost"] / row["bought_hour"] > row["hours"])
        True
        """
        solution, roles = self.solution, self.solution.results.roles
        columns = solution.assumptions.role_columns
        bought = of_roles(solution.inputs, solution.values, roles, "bought")[:, 0, 0]
        unit = {name: price.mean(axis=1) for name, price in self._unit_prices.items()}
        for_sale = [solution.scenario.buys(columns["bought"][role]) for role in roles]
        with_temps = [columns["temp_pay"][role] != "" for role in roles]
        hours = self._hours_per_head.mean(axis=1)
        frame = pd.DataFrame({
            "heads": solution.results.heads[:, 0].mean(axis=1), "head_cost": unit["head"], "hire_cost": unit["hire"],
            "hours": hours, "head_hour": unit["head"] / hours,
            "temp_hour": np.where(with_temps, unit["temp"] / solution.values["temp_productivity"], np.nan),
            "bought_hour": np.where(for_sale, bought, np.nan),
        }, index=pd.Index(roles, name="role"))  # fmt: skip
        return frame.loc[[role for role in self.table["role"].unique() if role != "owner"]]

    def temp_or_head(self, role: str) -> pd.DataFrame:
        """From how many hours a month is a head of a role cheaper than temps, by how long the need lasts?

        Columns of `ecteam.hiring.terms.temp_or_head`, at the mean of the months.
        """
        with_temps = self.hour_prices.dropna(subset="temp_hour")
        if role not in with_temps.index:
            raise InputError(f"{role!r} may have no temps{did_you_mean(role, with_temps.index)}")
        row, values = with_temps.loc[role], self.solution.values
        weeks = values[f"ramp_weeks_{self.solution.assumptions.role_columns['group'][role]}"]
        ramp = terms.ramp_by_month(weeks, values["ramp_start_share"])
        prices = {"temp_cost_per_hour": row["temp_hour"], "hours_per_head": row["hours"]}
        return terms.temp_or_head(**prices, **row[["head_cost", "hire_cost"]], ramp=ramp)

    @cached_property
    def _starts(self) -> Floats:
        """Whom new posts are for, (roles, months): the owner is not hired."""
        heads = self.solution.results.heads[:, 0]
        first = heads[:, :1] if self.solution.scenario.team_in_place else np.zeros_like(heads[:, :1])
        own = np.array([role != "owner" for role in self.solution.results.roles])[:, None]
        return np.diff(heads, axis=1, prepend=first) * own

    @property
    def _leavers(self) -> Floats:
        """(roles, months), expected."""
        return self.solution.results.hires[:, 0] - self._starts

    @property
    def _hours_per_head(self) -> Floats:
        """Hours of work of a trained full-time head, (roles, months)."""
        columns = self.solution.assumptions.role_columns["shrinkage"]
        productive = [1 - self.solution.values[columns[role]] for role in self.solution.results.roles]
        return np.array(productive)[:, None] * self.solution.results.paid_hours[:1]

    @cached_property
    def _unit_prices(self) -> dict[str, Floats]:
        """What a head a month, a hire and a paid hour of a temp cost, (roles, months): the plan's own cost of one more.

        A hire is its recruiting and the hours of whom trains; the slow weeks are no payment of their own.
        """
        solution, results = self.solution, self.solution.results
        one = np.ones(results.heads[:, :1].shape)
        none = np.zeros_like(one)

        def items(heads: Floats, hires: Floats, temp_hours: Floats) -> dict[str, Floats]:
            rates = solution.inputs, solution.values, results.roles
            by_item = role_items(*rates, heads, heads, hires, temp_hours, none)
            return {
                name: by_item[name][:, 0] for name in loaded_cost.ROLE_ITEMS if name not in loaded_cost.CASH_FREE_ITEMS
            }

        head, hire, temp = items(one, none, none), items(none, one, none), items(none, none, one)
        groups = solution.assumptions.role_columns["group"]
        weeks = np.array([solution.values[f"ramp_weeks_{groups[role]}"] for role in results.roles])
        lost = loaded_cost.months_lost_to_learning(solution.values["ramp_start_share"], weeks)[:, None]
        learning = lost * (head["pay"] + head["year_end_pay"] + head["contributions"])
        total = none[:, 0]
        return {
            "head": sum(head.values(), total),
            "hire": sum(hire.values(), total) - learning,
            "temp": temp["temps"],
        }


GONE = {
    "may": "say in the scenario what may cover the work: part_time, may_buy, temps_on_event_days",
    "quantile": "ask how_sure(plan) for the team of 8 cases in 10",
    "advertise_from": "advertise_by in plan.hiring.calendar says which dates have passed",
    "months_gone": "plan the months that are left, from start_month, with team_in_place",
    "gap": "leave it out",
}
"""Options of the least-cost hiring plan of release 0.1 and what to use instead."""


def hiring_of(
    solution: Solution, *, cash: float | None = None, inflow_per_month: npt.ArrayLike | None = None, **gone: Any
) -> Hiring:
    """When does a plan hire whom, what covers its work, and how long does the cash last?

    cash : in hand before the first month; inflow_per_month : what comes in, one figure or one a month; never assumed

    Raises `InputError` for options that are gone, with what to use instead.

    >>> from ecteam.plan.plan import plan_shop
    >>> str(hiring_of(plan_shop("tea_shop_startup"), cash=100_000).runs_out)
    '2027-02'
    """
    if gone:
        raise InputError([
            f"hiring_of has no option {name!r}: the hiring plan is that of the plan's own team; {GONE[name]}"
            if name in GONE
            else f"hiring_of has no option {name!r}{did_you_mean(name, ['cash', 'inflow_per_month'])}"
            for name in gone
        ])  # fmt: skip
    return Hiring(solution, cash, inflow_per_month)
