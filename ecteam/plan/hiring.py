"""The hiring plan of a shop's plan: its work by role and month, on the terms its assumptions give, and the cash.

The terms of a shop's hiring plan: what its people, temps, overtime and outside seats give and cost, by role.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring import optimise
from ecteam.hiring import result as result_hiring
from ecteam.hiring.result import HiringPlan
from ecteam.hiring.terms import RoleTerms, Transfer, lead_months, ramp_by_month
from ecteam.inputs.arguments import ROUNDING, Allowed, checked, whole
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR, WEEKS_PER_YEAR
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.pay import loaded_cost
from ecteam.pay.payslip import overtime_cap, overtime_pay, severance
from ecteam.plan import solve
from ecteam.plan.cost import cost_table, paid, prices_of_cover, role_items
from ecteam.plan.prepare import values_of
from ecteam.plan.solution import Solution

Floats = npt.NDArray[np.float64]

USUAL = ("temps", "overtime", "part_time", "bought")
"""What covers a need besides hires unless more is asked for."""
MOVING_GROUPS = ("service", "warehouse")
"""Groups of roles within which people may move from post to post."""


def roles_of(solution: Solution) -> list[str]:
    """The roles that a hiring plan is about: those with people, the owner aside."""
    used = solution.results.fte[:, 0].max(axis=1) > 0
    return [role for role, there in zip(solution.results.roles, used, strict=True) if there and role != "owner"]


def terms_of(solution: Solution, may: Collection[str] = USUAL) -> tuple[RoleTerms, ...]:
    """The terms of every role of `roles_of`, from the plan's assumptions and payroll pack.

    Recruiting for expected leavers never stops (as in the plan itself, which spreads it over the year).
    """
    values, roles, results = solution.values, roles_of(solution), solution.results
    at = [results.roles.index(role) for role in roles]
    columns = solution.assumptions.role_columns
    unit = _unit_prices(solution)
    hours = hours_per_head(solution)
    # The part-time person of a role has hours that follow the need.
    prices = {name: each[:, 0, 0] for name, each in prices_of_cover(solution.inputs, values, results.roles).items()}
    part_share = np.maximum(prices["part_time_most"], prices["part_time_least"]) * (prices["part_time_most"] > 0)
    part_cost = prices["person_cost"] + part_share * (prices["head_cost"] - prices["person_cost"])
    whole_heads = np.floor(results.employed_fte[:, 0, 0] + ROUNDING)
    first_heads = whole_heads if solution.scenario.team_in_place else np.zeros(len(results.roles))
    day = [month.astype(date) for month in solution.inputs.payroll_months]
    willing = values["overtime_most_hours"]
    law = [overtime_cap(solution.scenario.place, on) for on in day]
    most_overtime = [willing if cap is None else min(willing, float(cap)) for cap in law]
    temps_per_head = values["temp_most_share"] / (1 - values["temp_most_share"])
    terms = []
    for r, role in zip(at, roles, strict=True):
        group, shrinkage = columns["group"][role], values[columns["shrinkage"][role]]
        temps = "temps" in may and columns["temp_pay"][role] != ""
        ramp = ramp_by_month(values[f"ramp_weeks_{group}"], values["ramp_start_share"])
        hire = unit["hire"][r].copy()
        if not solution.scenario.team_in_place:
            hire[0] += unit["learning"][r, 0]
        part_time = "part_time" in may and part_share[r] > 0
        bought = "bought" in may and np.isfinite(prices["bought_cost"][r])
        # The last of the people at once, and whoever holds a post alone, may work part-time.
        there = np.where(results.seats[r, 0] > 0, 0.0 if part_time or bought else 1.0, 0.0)
        present = np.maximum(results.on_shift[r, 0] - part_time, 0)
        terms.append(
            RoleTerms(
                role=role,
                heads_at_start=float(first_heads[r]),
                replaced_ahead=True,
                trained_before=not solution.scenario.team_in_place,
                hours_per_head=hours[r],
                cost_per_head=unit["head"][r],
                lead_months=lead_months(values[f"time_to_fill_weeks_{group}"]),
                ramp=ramp,
                attrition_per_month=values[columns["attrition"][role]] / MONTHS_PER_YEAR,
                hire_cost=hire,
                release_cost=_release_cost(solution, unit["gross"][r, 0], day[0]) if "release" in may else None,
                temp_cost_per_hour=unit["temp"][r] if temps else None,
                temp_productivity=values["temp_productivity"],
                temp_most_hours_per_head=temps_per_head * results.paid_hours[0],
                overtime_cost_per_hour=_overtime_prices(solution, unit["gross"][r], day) if "overtime" in may else None,
                overtime_most_hours_per_head=most_overtime,
                # Breaks, leave and illness take their share of an hour of overtime too.
                overtime_productivity=1 - shrinkage,
                outsourced_cost_per_hour=_seat_price(solution)
                if "outsourcing" in may and group == "service"
                else (prices["bought_cost"][r] / hours[r] if bought else None),
                part_time_cost_per_hour=part_cost[r] / (part_share[r] * hours[r]) if part_time else None,
                part_time_most_hours=part_share[r] * hours[r],
                least_heads=there if temps else np.maximum(there, present),
                least_present=present,
            )
        )
    return tuple(terms)


def hires_of(solution: Solution) -> pd.DataFrame:
    """Whom does the plan's own team hire, by when advertised, and what does it cost?

    Returns
    -------
    advertise_by, month (of the start), role, new_posts, replacements (people expected to leave, once they make a whole
    one), once, per_month (cost of all of them), hours (of work a month); the earliest advertisement first.

    Formula
    -------
    new posts = rise of the plan's heads; advertise_by = month - time to fill a post; a founding team starts from none.

    Examples
    --------
    >>> from ecteam.plan.plan import plan_shop
    >>> found = hires_of(plan_shop("tea_shop_growth"))
    >>> totals = plan_shop("tea_shop_growth").totals
    >>> bool(found["new_posts"].sum() == totals["heads_last_month"] - totals["heads_first_month"])
    True
    """
    results, months, values = solution.results, solution.months, solution.values
    heads, own = results.heads[:, 0], np.array(results.roles) != "owner"
    first = heads[:, :1] if solution.scenario.team_in_place else np.zeros_like(heads[:, :1])
    new = np.maximum(np.diff(heads, axis=1, prepend=first), 0) * own[:, None]
    columns = solution.assumptions.role_columns
    attrition = np.array([values[columns["attrition"][role]] for role in results.roles]) / MONTHS_PER_YEAR
    gone = np.floor(np.cumsum(heads * attrition[:, None] * own[:, None], axis=1) + ROUNDING)
    replaced = np.diff(gone, axis=1, prepend=0)
    r, at = np.nonzero(new + replaced)
    weeks = [values[f"time_to_fill_weeks_{columns['group'][role]}"] for role in results.roles]
    lead = np.array([lead_months(one) for one in weeks])
    unit, people = _unit_prices(solution), (new + replaced)[r, at]
    frame = pd.DataFrame({
        "advertise_by": pd.PeriodIndex.from_ordinals(months.asi8[at] - lead[r], freq="M"), "month": months[at],
        "role": np.array(results.roles, dtype=object)[r], "new_posts": new[r, at].astype(int),
        "replacements": replaced[r, at].astype(int), "once": people * unit["hire"][r, at],
        "per_month": people * unit["head"][r, at], "hours": people * hours_per_head(solution)[r, at],
    })  # fmt: skip
    return frame.sort_values(["advertise_by", "month"], kind="stable", ignore_index=True)


def hours_per_head(solution: Solution) -> Floats:
    """Hours of work of a trained head, (roles, months)."""
    columns = solution.assumptions.role_columns["shrinkage"]
    productive = [1 - solution.values[columns[role]] for role in solution.results.roles]
    return np.array(productive)[:, None] * solution.results.paid_hours[:1]


def _unit_prices(solution: Solution) -> dict[str, Floats]:
    """What a head a month, a hire and an hour of a temp cost, (roles, months): the plan's own cost of one more each.

    `hire` is recruiting and the hours of whom trains; `learning` the slow weeks, which the hiring plan counts as work
    that is not done, and a founding team has behind it.
    """
    results = solution.results
    shape = results.heads[:, :1].shape
    one, none = np.ones(shape), np.zeros(shape)

    def items(heads: Floats, hires: Floats, temp_hours: Floats) -> dict[str, Floats]:
        rates = solution.inputs, solution.values, results.roles
        by_item = role_items(*rates, heads, heads, hires, temp_hours, np.zeros_like(heads))
        return {name: by_item[name][:, 0] for name in loaded_cost.ROLE_ITEMS if name not in loaded_cost.CASH_FREE_ITEMS}

    head, hire, temp = items(one, none, none), items(none, one, none), items(none, none, one)
    groups = solution.assumptions.role_columns["group"]
    weeks = np.array([solution.values[f"ramp_weeks_{groups[role]}"] for role in results.roles])
    lost = loaded_cost.months_lost_to_learning(solution.values["ramp_start_share"], weeks)[:, None]
    learning = lost * (head["pay"] + head["year_end_pay"] + head["contributions"])
    return {
        "head": sum(head.values(), np.zeros(shape[::2])),
        "hire": sum(hire.values(), np.zeros(shape[::2])) - learning,
        "learning": learning,
        "temp": temp["temps"],
        "gross": head["pay"],
    }


def _overtime_prices(solution: Solution, gross: Floats, days: Sequence[date]) -> Floats:
    """An hour of weekday overtime by the payroll pack, (months,)."""
    known = {
        (pay, day): float(overtime_pay(pay, solution.scenario.place, day, {"weekday": 1}))
        for pay, day in dict.fromkeys(zip(np.round(gross, 2).tolist(), days, strict=True))
    }
    return np.array([known[key] for key in zip(np.round(gross, 2).tolist(), days, strict=True)])


def _release_cost(solution: Solution, gross: float, day: date) -> float:
    """Severance by the payroll pack's first way of ending, and the notice that is paid and not worked."""
    owed = severance(round(gross, 2), solution.scenario.place, day, solution.values["release_service_years"])
    notice = gross * solution.values["release_notice_weeks"] * MONTHS_PER_YEAR / WEEKS_PER_YEAR
    return float(owed.amount) + notice


def _seat_price(solution: Solution) -> float:
    """An hour of work at a provider's desk: a seat is filled through leave and illness."""
    return solution.values["outsourced_seat_cost"] / solution.values["outsourced_seat_hours"]


def transfers_of(solution: Solution, may: Collection[str]) -> tuple[Transfer, ...]:
    """Moves between the roles of a group that work alike."""
    if "transfers" not in may:
        return ()
    groups = solution.assumptions.role_columns["group"]
    pairs = permutations(roles_of(solution), 2)
    return tuple(
        Transfer(a, b, lost_share=solution.values["move_lost_share"])
        for a, b in pairs
        if groups[a] == groups[b] and groups[a] in MOVING_GROUPS
    )


COVERS = (*USUAL, "outsourcing", "transfers", "release")
"""What may cover a need besides hires; all but the usual ones are asked for by name."""
DRAWS = 200
"""Draws of the assumptions behind a quantile."""
OUTSIDE = ("temps_on_event_days", "shop_and_owner")
"""What a hiring plan takes over from the plan as it is."""


@dataclass(frozen=True, eq=False)
class Hiring:
    """A plan's hiring plan, the earlier one where months are gone, and the cash that goes out.

    need_hours : (roles, months) of the whole plan; terms, transfers: as in the model
    earlier : what was planned before months were gone; `gone`: the actual months
    result : the plan of the months that are left (all of them without months gone)
    """

    solution: Solution
    terms: tuple[RoleTerms, ...]
    transfers: tuple[Transfer, ...]
    need_hours: Floats
    result: HiringPlan
    earlier: HiringPlan
    gone: pd.DataFrame | None
    cash: float | None
    inflow_per_month: npt.ArrayLike | None

    @property
    def table(self) -> pd.DataFrame:
        """Month by month who is on board, starts, leaves, and what covers the rest; see `HiringPlan.table`."""
        return self.result.table

    def terms_of_role(self, role: str) -> RoleTerms:
        """The terms of one role."""
        by_role = {terms.role: terms for terms in self.terms}
        if role not in by_role:
            raise InputError(f"the hiring plan has no role {role!r}{did_you_mean(role, by_role)}")
        return by_role[role]

    @cached_property
    def largest_role(self) -> str:
        """The role with the most people on board, mean of the months."""
        return str(self.table.groupby("role", sort=False)["staff"].mean().idxmax())

    @cached_property
    def _cash_cost(self) -> pd.DataFrame:
        return paid(cost_table(self.solution))

    @cached_property
    def outside(self) -> pd.DataFrame:
        """What is paid besides: month, item (temps_on_event_days, shop_and_owner), amount; the same in both plans."""
        rows, months = self._cash_cost, self.solution.months
        temps = rows["item"] == "temps"
        shop = (rows["role"].isin(["", "owner"])) & ~temps
        parts = [
            rows[mask].groupby("month")["amount"].sum().reindex(months, fill_value=0.0).rename_axis("month")
            for mask in (temps, shop)
        ]
        frames = [p.reset_index(name="amount").assign(item=item) for p, item in zip(parts, OUTSIDE, strict=True)]
        return pd.concat(frames, ignore_index=True)[["month", "item", "amount"]]

    @cached_property
    def cash_out(self) -> pd.Series:
        """All that is paid in each month that is left: the hiring plan's cost and what is paid besides."""
        besides = self.outside.groupby("month")["amount"].sum()
        return self.result.cash_out + besides.reindex(self.result.problem.months)

    @cached_property
    def runway(self) -> result_hiring.Runway:
        """How long the cash lasts; without a cash figure it says so."""
        return result_hiring.runway(self.cash_out, cash=self.cash, inflow_per_month=self.inflow_per_month)

    @cached_property
    def against_simple_plan(self) -> pd.DataFrame:
        """The hiring plan beside the plan it starts from: item, simple_plan, hiring_plan, difference; last the total.

        The months are those that are left. What differs: the plan releases nobody and hires each month's seats to the
        full, at full speed, with the slow weeks as a cost (`learning`); the hiring plan pays a newcomer from the first
        day and counts the slow weeks as less work, leaves posts vacant where work falls, and covers short peaks by
        temps and overtime. A plan's seats stand for people at once; the hiring plan lets booked temps stand in.
        """
        months = self.result.problem.months
        rows = self._cash_cost[self._cash_cost["month"].isin(months)]
        own = rows[~rows["role"].isin(["", "owner"]) & ~rows["item"].eq("temps")]
        by_item = own.groupby("item")["amount"].sum()
        hired = [item for item in ("recruiting", "learning") if item in by_item]
        simple = {
            "staff_cost": by_item.drop([*hired, "bought_hours"], errors="ignore").sum(),
            "hiring": by_item[hired].sum(),
            "outsourced_work": by_item.get("bought_hours", 0.0),
        }
        planned = self.result.cost.groupby("item", sort=False)["amount"].sum().to_dict()
        besides = self.outside[self.outside["month"].isin(months)].groupby("item", sort=False)["amount"].sum().to_dict()
        lines = [
            (item, simple.get(item, 0.0), planned.get(item, 0.0))
            for item in result_hiring.ITEMS
            if item in simple or item in planned
        ]
        lines += [(item, besides[item], besides[item]) for item in OUTSIDE]
        frame = pd.DataFrame(lines, columns=["item", "simple_plan", "hiring_plan"])
        frame.loc[len(frame)] = ["total", *frame[["simple_plan", "hiring_plan"]].sum()]
        return frame.assign(difference=frame["hiring_plan"] - frame["simple_plan"])

    @cached_property
    def against_actual(self) -> pd.DataFrame | None:
        """Planned, actual and their difference for the months gone; None where none is."""
        return None if self.gone is None else optimise.plan_against_actual(self.earlier, self.gone)

    @property
    def calendar(self) -> pd.DataFrame:
        """Whom to advertise for, and by when; see `HiringPlan.calendar`."""
        return self.result.calendar


def hiring_of(
    solution: Solution,
    *,
    may: Collection[str] = USUAL,
    quantile: float | None = None,
    advertise_from: str | pd.Period | None = None,
    months_gone: pd.DataFrame | None = None,
    cash: float | None = None,
    inflow_per_month: npt.ArrayLike | None = None,
    gap: float = optimise.GAP,
) -> Hiring:
    """When does this shop hire whom, what covers its peaks, and how long does the cash last?

    Parameters
    ----------
    solution : a plan, as from `make_plan`
    may : what may cover a need besides hires: of temps, overtime, outsourcing, transfers, release
    quantile : meet each role's need in so many of 200 draws of the assumptions, month by month; None: the plan's own
    advertise_from : the first month in which posts may be advertised; None: early enough for the first month, or with
        months gone the first that is left
    months_gone : actual months so far (month, role, heads, ...), as in `hiring_actual.plan_against_actual`
    cash, inflow_per_month : in hand before the first month that is left, and what comes in; never assumed
    gap : as in `hiring_plan`

    Formula
    -------
    need = FTE x hours of a trained head: what the plan's own people do or buy, the temps of event days aside (those
    stay as they are). One person of a role may work part-time; at least one own head holds each post where none may and
    nothing is bought; people needed at once are own heads and booked temps, counted by
    their work; temps are at most `temp_most_share` of the people of a role. Overtime is capped by the payroll pack, or
    by `overtime_most_hours` where that is less. An owner is neither hired nor leaves.

    Raises
    ------
    InputError for wrong arguments, and where there is no plan: the month, the role and the limit that block it.

    Examples
    --------
    >>> from ecteam.plan.plan import plan_shop
    >>> found = hiring_of(plan_shop("tea_shop_startup"))
    >>> found.runway.said
    'no cash figure given'
    >>> bool(found.against_simple_plan["difference"].iloc[-1] < 0)
    True
    """
    may = tuple(may)
    if unknown := [cover for cover in may if cover not in COVERS]:
        raise InputError([f"may has {cover!r}{did_you_mean(cover, COVERS)}" for cover in unknown])
    roles = roles_of(solution)
    if not roles:
        raise InputError("the team of this plan is the owner alone; there is nobody to hire")
    terms, transfers = terms_of(solution, may), transfers_of(solution, may)
    need, present = _need(solution, quantile)
    terms = terms if present is None else _present(terms, present)
    first = None if advertise_from is None else _month(advertise_from)
    if cash is not None:
        checked({"cash": Allowed("0 or more", at_least=0, below=np.inf)}, cash=cash)
    if months_gone is None:
        result = optimise.hiring_plan(solution.months, need, terms, transfers, advertise_from=first, gap=gap)
        return Hiring(solution, terms, transfers, need, result, result, None, cash, inflow_per_month)
    # The earlier plan was free to advertise ahead: months that are gone cannot block it.
    earlier = optimise.hiring_plan(solution.months, need, terms, transfers, gap=gap)
    gone = optimise.checked_actuals(months_gone, solution.months, roles)
    result = optimise.replan(
        solution.months, need, terms, gone, transfers, earlier=earlier, advertise_from=first, gap=gap
    )
    return Hiring(solution, terms, transfers, need, result, earlier, gone, cash, inflow_per_month)


def _need(solution: Solution, quantile: float | None) -> tuple[Floats, Floats | None]:
    """Hours of work by role and month, the plan's own or a quantile of the draws; and people needed at once, (roles,
    months), where they are not the plan's own."""
    at = [solution.results.roles.index(role) for role in roles_of(solution)]
    hours = hours_per_head(solution)[at]
    if quantile is None:
        return solution.results.fte[at, 0] * hours, None
    checked({"quantile": Allowed("a share, 0 to 1", at_least=0, at_most=1)}, quantile=quantile)
    inputs = replace(solution.inputs, assumptions=solution.assumptions.draw(DRAWS, 0))
    drawn = solve.solve(inputs, values_of(inputs)).results
    # What a draw needs is work of heads at the plan's own hours.
    need = np.quantile(drawn.fte[at], quantile, axis=1) * hours
    return need, whole(np.quantile(drawn.on_shift[at], quantile, axis=1)).astype(float)


def _present(terms: tuple[RoleTerms, ...], present: Floats) -> tuple[RoleTerms, ...]:
    """The terms with other people needed at once: own ones where there are no temps."""
    return tuple(
        replace(
            one,
            least_present=here,
            least_heads=one.least_heads if one.temp_cost_per_hour is not None else np.maximum(one.least_heads, here),
        )
        for one, here in zip(terms, present, strict=True)
    )


def _month(given: str | pd.Period) -> pd.Period:
    try:
        return pd.Period(given, freq="M")
    except ValueError:
        raise InputError(f"advertise_from is {given!r}; it must be a month such as 2027-01") from None
