"""Why is this number what it is? Every number of a plan, taken apart down to inputs with unit, source and date."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ecteam.inputs.assumptions import names_in
from ecteam.inputs.calendar_units import DAYS_PER_WEEK, HOURS_PER_DAY
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.events import read_events
from ecteam.inputs.history import load_history
from ecteam.inputs.scenario import PLACES, Scenario, field_info
from ecteam.inputs.words import Name, Note
from ecteam.pay import loaded_cost
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import month_position

WEEK_HOURS = DAYS_PER_WEEK * HOURS_PER_DAY


class Factor(NamedTuple):
    """One line of an explanation; `depth` says under which line it stands. What is computed has a formula, an input
    has a source. A factor is a key or a `Note` about one, a formula a `Note` or an expression of keys."""

    depth: int
    factor: str | Note
    value: float
    unit: str
    formula: str | Note = ""
    source: str | Note = ""
    as_of: str = ""
    kind: str = "computed"


def explain(plan: Plan, what: str, month: int | str | None = None) -> pd.DataFrame:
    """The factors behind a number of a month: depth, factor, value, unit, formula, source, as_of, kind.

    Parameters
    ----------
    what : "heads", "cost", a department, role, duty, driver, cost item, assumption or scenario field
    month : a calendar month (11: the first November of the plan), "2027-11", or None for the last month

    Raises
    ------
    InputError for an unknown name (the nearest is offered) or a month outside the plan

    Examples
    --------
    >>> from ecteam import load_scenario, make_plan
    >>> plan = make_plan(load_scenario("tea_shop_startup"))
    >>> explain(plan, "pack_orders", month=11)[["factor", "unit"]].head(3).to_numpy().tolist()
    [['pack_orders', 'hours a month'], ['packing', 'orders of one piece a month'], ['orders', 'orders a month']]
    """
    return pd.DataFrame(_Explainer(plan, month_position(plan.months, month)).lines(what), columns=list(Factor._fields))


class _Explainer:
    """Walks from a number to its inputs, for one month of one plan."""

    def __init__(self, plan: Plan, month: int) -> None:
        self.plan, self.m = plan, month
        self.duties, self.results = plan.inputs.duties, plan.results
        self.table = plan.assumptions.rows(plan.scenario.region)

    def lines(self, what: str) -> list[Factor]:
        kinds: tuple[tuple[Collection[str], Callable[[str], Iterator[Factor]]], ...] = (
            (("heads",), lambda _: self.whole_team()),
            (("cost",), lambda _: self.whole_cost()),
            (_TOTALS, self.total),
            (self.results.roles, self.role),
            (dict.fromkeys(self.plan.assumptions.roles["department"]), self.department),
            (list(self.duties.index), self.duty),
            (self.results.amounts, self.driver),
            (self.results.items, self.item),
            (self.plan.values, lambda name: iter([self.input(name)])),
        )
        for names, explained in kinds:
            if what in names:
                return list(explained(what))
        known = [name for names, _ in kinds for name in names]
        raise InputError(f"there is no number {what!r} in this plan{did_you_mean(what, known)}")

    def whole_team(self) -> Iterator[Factor]:
        yield Factor(0, "heads", float(self._of(self.results.heads).sum()), "heads", Note("sum_of_roles"))
        for role, heads in zip(self.results.roles, self._of(self.results.heads), strict=True):
            if heads:
                yield from self.role(role, 1, inputs=False)

    def total(self, name: str) -> Iterator[Factor]:
        """A figure of the whole plan, and the month's number that it sums or averages."""
        unit, of_month = _TOTALS[name]
        unit = unit.replace("currency", self.plan.scenario.currency)
        yield Factor(0, name, self.plan.totals[name], unit, Note(f"formula_{name}"))
        for part in of_month:
            yield from (line._replace(depth=line.depth + 1) for line in self.lines(part))

    def department(self, name: str) -> Iterator[Factor]:
        roles = self.plan.assumptions.roles["department"]
        own_roles = [role for role in self.results.roles if roles[role] == name]
        heads = float(sum(self._of_role(self.results.heads, role) for role in own_roles))
        yield Factor(0, name, heads, "heads", Note("sum_of_roles"))
        for role in own_roles:
            yield from self.role(role, 1)

    def role(self, role: str, depth: int = 0, inputs: bool = True) -> Iterator[Factor]:
        """heads <- FTE on the payroll <- FTE or people on shift, less what is bought <- hours of the duties."""
        fte, employed, needed, bought = (
            self._of_role(getattr(self.results, name), role)
            for name in ("fte", "employed_fte", "needed_fte", "bought_fte")
        )
        whole = Name(role)
        yield Factor(depth, role, self._of_role(self.results.heads, role), "heads", Note("people_of_the_payroll"))
        yield Factor(depth + 1, Note("employed_of", role=whole), employed, "FTE", Note("most_needed_so_far"))
        yield Factor(depth + 1, Note("needed_of", role=whole), needed, "FTE", Note("cheapest_cover"))
        if bought:
            yield Factor(depth + 1, Note("bought_of", role=whole), bought, "FTE", Note("work_beyond_the_payroll"))
            yield self.input(self.plan.assumptions.role_columns["bought"][role], depth + 2)
        changing = self._of_role(self.results.changing_fte, role)
        formula = Note("fte_formula_with_changing" if changing else "fte_formula")
        yield Factor(depth + 1, Note("fte_of", role=Name(role)), fte, "FTE", formula)
        if not inputs:
            return
        if changing:
            yield Factor(depth + 2, Note("changing_between_posts"), changing, "FTE", Note("changing_formula"))
            yield self.input("hat_loss_share", depth + 3)
        if answering := self._of_role(self.results.answering_hours, role):
            yield Factor(depth + 2, Note("answering_for_bought"), answering, "hours a month", Note("answering_formula"))
            yield self.input("owner_hours_per_month", depth + 3)
        if on_shift := self._of_role(self.results.on_shift, role):
            yield Factor(depth + 1, Note("on_shift_of", role=Name(role)), on_shift, "people", self._why_on_shift(role))
        for position in np.flatnonzero((self.duties["worn_by"] == role).to_numpy()):
            yield from self.duty(str(self.duties.index[int(position)]), depth + 2)
        if role == "shop_manager" and self._of_role(self.results.fte, "owner") >= self.plan.values["owner_most_fte"]:
            yield Factor(depth + 2, Note("beyond_the_owner"), fte, "FTE", Note("beyond_the_owner_formula"))
            yield self.input("owner_most_fte", depth + 3)
        paid = float(self.results.paid_hours[0, self.m])
        yield Factor(depth + 2, Note("paid_hours"), paid, "hours a head and month", Note("paid_hours_formula"))
        yield self.input("hours_per_day", depth + 3)
        yield self.input(str(self.plan.assumptions.roles.loc[role, "shrinkage"]), depth + 2)

    def duty(self, duty: str, depth: int = 0) -> Iterator[Factor]:
        """hours <- amount x minutes <- driver and rate."""
        row: Any = self.duties.loc[duty]
        position = self.duties.index.get_loc(duty)
        basis = str(self.table.loc[row.rate, "basis"])
        hours = float(self.results.hours[position, 0, self.m])
        yield Factor(depth, duty, hours, "hours a month", Note("duty_formula", driver=Name(row.driver)))
        yield from self.driver(row.driver, depth + 1)
        minutes = float(np.reshape(self.results.minutes[position], -1)[0])
        formula = Note(f"basis_{basis}", rate=Name(row.rate))
        yield Factor(depth + 1, Note("minutes_of", duty=Name(duty)), minutes, "minutes a unit", formula)
        inputs = [row.rate]
        if "fte" in basis:
            # A rate per person and month counts the hours that a person of the duty's role really works.
            inputs += [*_MONTH_HOURS, self.plan.assumptions.roles.loc[row.role, "shrinkage"]]
        elif "day" in basis:
            inputs.append("hours_per_day")
        for name in inputs:
            yield self.input(str(name), depth + 2)
        if temps := float(self.results.temp_work[position, 0, self.m]):
            yield Factor(depth + 1, Note("done_by_temps"), temps, "hours a month", Note("temps_formula"))
        if row.method in ("queue", "deadline"):
            staffed = float(self.results.staffed_hours[position, 0, self.m])
            at_desk = self.plan.scenario.dedicated_desk
            key, names = {
                "deadline": ("deadline_formula", _CREW_INPUTS),
                "queue": ("queue_formula", _DESK_INPUTS)
                if at_desk
                else ("occupancy_formula", ("service_occupancy_max",)),
            }[row.method]
            yield Factor(depth + 1, Note("staffed_hours"), staffed, "hours a month", Note(key))
            for name in names:
                yield self.input(name, depth + 2)

    def driver(self, driver: str, depth: int = 0) -> Iterator[Factor]:
        row: Any = self.plan.assumptions.drivers.loc[driver]
        amount = float(np.broadcast_to(self.results.amounts[driver], (1, len(self.plan.months)))[0, self.m])
        if row.formula in self.plan.values:
            yield self.input(row.formula, depth)
            return
        yield Factor(depth, driver, amount, row.unit, row.formula or Note(_CAUSES[driver]))
        if driver == "orders":
            yield from self._orders(depth + 1)
        for name in names_in(row.formula) if row.formula else ():
            yield from self._driver_or_input(name, depth + 1)

    def _driver_or_input(self, name: str, depth: int) -> Iterator[Factor]:
        if name in self.results.amounts:
            yield from self.driver(name, depth)
        else:
            yield self.input(name, depth)

    def item(self, item: str, depth: int = 0) -> Iterator[Factor]:
        """A cost item <- heads, hours or hires x rates."""
        amounts = self._of(self.results.items[item])
        currency = self.plan.scenario.currency
        names = _ITEM_NAMES[item]
        yield Factor(depth, item, float(amounts.sum()), f"{currency} a month", Note(f"formula_{item}"))
        if columns := [name for name in names if name in _ROLE_COLUMNS]:
            yield from self._by_role(item, columns, amounts, depth + 1)
        for name in (name for name in names if name not in _ROLE_COLUMNS):
            key = PLACES[self.plan.scenario.city]["pay_level"] if name == "pay_level" else name
            yield from self._driver_or_input(key, depth + 1)
        if item == "learning" and not self.plan.inputs.training_is_a_duty:
            for name in ("training_hours_per_hire", *_MONTH_HOURS):
                yield self.input(name, depth + 1)
        if item in _BY_THE_PACK:
            place, on = self.plan.scenario.place, self.plan.inputs.payroll_months[self.m]
            formula, source = Note(f"pack_{item}"), Note("country_pack_source", place=place)
            yield Factor(depth + 1, Note("country_pack"), float("nan"), "", formula, source, str(on), "sourced")

    def whole_cost(self) -> Iterator[Factor]:
        paid = {name: a for name, a in self.results.items.items() if name not in loaded_cost.CASH_FREE_ITEMS}
        total = float(sum(self._of(a).sum() for a in paid.values()))
        yield Factor(0, Note("whole_cost"), total, f"{self.plan.scenario.currency} a month", Note("sum_of_items"))
        for name, amounts in sorted(paid.items(), key=lambda pair: -float(self._of(pair[1]).sum())):
            if self._of(amounts).sum():
                yield from self.item(name, 1)

    def input(self, name: str, depth: int = 0) -> Factor:
        """A scenario field, a figure of the history, or a row of the assumptions, with where it comes from."""
        plan, value = self.plan, float(np.reshape(self.plan.values[name], -1)[0])
        if name in Scenario.model_fields and getattr(plan.scenario, name) is not None:
            source = Note("scenario_named", name=plan.scenario.name)
            return Factor(depth, name, value, field_info(name)["unit"], "", source, "", "chosen")
        row: Any = self.table.loc[name]
        if name in plan.inputs.from_history:
            return Factor(depth, name, value, str(row.unit), Note("average_of_history"), *self._history)
        if name in plan.assumptions.changed:
            return Factor(depth, name, value, row.unit, "", Note("set_for_this_plan"), "", "chosen")
        return Factor(depth, name, value, row.unit, "", row.source, row.as_of, row.kind)

    @property
    def _history(self) -> tuple[str, str, str]:
        """Source, date and kind of what was measured in the order history."""
        sheet = load_history(self.plan.scenario.history or "").datasheet
        return str(sheet.get("source", self.plan.inputs.profile.source)), str(sheet.get("as_of", "")), "measured"

    def _orders(self, depth: int) -> Iterator[Factor]:
        plan, profile, month = self.plan, self.plan.inputs.profile, self.plan.months[self.m].month
        if plan.inputs.own_days is not None:
            orders = float(self.results.demand.orders[0, self.m])
            yield Factor(
                depth, "orders_per_month", orders, "orders a month", Note("own_forecast_planned"), "", "", "chosen"
            )
            return
        if plan.scenario.orders_per_day is not None:
            yield self.input("orders_per_day", depth)
        elif plan.scenario.history:
            level = plan.inputs.orders_per_day
            yield Factor(depth, "orders_per_day", level, "orders a day", Note("level_of_history"), *self._history)
        if plan.scenario.growth_per_month_share:
            yield self.input("growth_per_month_share", depth)
        elif plan.scenario.growth_per_month_share is None and plan.inputs.growth[self.m] != 1:
            times, how = float(plan.inputs.growth[self.m]), Note("trend_of_history")
            yield Factor(depth, "growth_per_month_share", times, "times the first month", how, *self._history)
        rows = plan.assumptions.profiles
        row = rows[(rows["region"] == plan.scenario.region) & (rows["profile"] == "month")].iloc[month - 1]
        source = self._history if plan.scenario.history else (row.source, row.as_of, row.kind)
        season = Note("season_of_month", month=month)
        yield Factor(depth, season, float(profile.month[month - 1]), "times the year's mean", "", *source)
        in_month = plan.inputs.days["month"].to_numpy() == self.m
        for lift in dict.fromkeys(name for name in plan.inputs.days["lift"][in_month] if name):
            if lift in profile.lifts:
                own = lift in {event.name for event in read_events(plan.scenario.events or "") if event.factor}
                basis = (Note("set_for_this_plan"), "", "chosen") if own else source
                yield Factor(depth, lift, float(profile.lifts[lift]), "times an ordinary day", "", *basis)
            else:
                yield self.input(lift, depth)

    def _by_role(self, item: str, columns: list[str], amounts: np.ndarray, depth: int) -> Iterator[Factor]:
        """The share of each role: what it is multiplied from, and the rates."""
        roles = self.plan.assumptions.roles
        hires = (Note("hires_of_role"), self.results.hires, "hires a month")
        payroll = (Note("employed_of_role"), self.results.employed_fte, "FTE")
        counted = {"recruiting": hires, "learning": hires, **dict.fromkeys(_BY_THE_PAYROLL, payroll),
                   "bought_hours": (Note("hours_of_work_bought"), self.results.bought_hours, "hours a month"),
                   "temps": (Note("hours_of_temps"), self.results.temp_hours, "hours a month")}  # fmt: skip
        what, array, unit = counted.get(item, (Note("heads_of_role"), self.results.heads, "heads"))
        currency = f"{self.plan.scenario.currency} a month"
        formula = Note("amount_times_rate" if len(columns) == 1 else "amount_times_rates", what=what)
        for role, amount in zip(self.results.roles, amounts, strict=True):
            if amount:
                whole = Name(role)
                yield Factor(depth, Note("part_of", part=Name(item), whole=whole), float(amount), currency, formula)
                team = Note("part_of", part=what, whole=whole)
                yield Factor(depth + 1, team, self._of_role(array, role), unit, Note("of_team_in", role=whole))
                for column in columns:
                    key = {"pay": f"pay_{role}", "ramp_weeks": f"ramp_weeks_{roles.loc[role, 'group']}"}.get(column)
                    yield self.input(key or str(roles.loc[role, column]), depth + 1)

    def _why_on_shift(self, role: str) -> Note:
        crew, desk = self.results.crews.get(role), self.results.desks.get(role)
        parts = [] if desk is None else [Note("agents_of_busy_hour")]
        if crew is not None and int(crew.window_start[0, self.m]) >= 0:
            start, end = int(crew.window_start[0, self.m]), int(crew.window_end[0, self.m]) + 1
            whole_week = end - start >= WEEK_HOURS
            window = Note("deciding_window", start=_clock(start), end=_clock(end))
            parts.append(Note("work_over_open_hours") if whole_week else window)
        if len(parts) == 2:
            return Note("both", first=parts[0], second=parts[1])
        return parts[0] if parts else Note("nobody_at_once")

    def _of(self, array: np.ndarray) -> np.ndarray:
        """(roles,) of the month; a cost of the whole shop as one value."""
        return array[..., 0, self.m] if array.ndim == 3 else array[:1, self.m]

    def _of_role(self, array: np.ndarray, role: str) -> float:
        return float(array[self.results.roles.index(role), 0, self.m]) if role in self.results.roles else 0.0


def _clock(hour: int) -> Note:
    """Hour of a week that begins on Monday, in words: 34 is Tuesday 10:00."""
    return Note(f"clock_of_day_{hour // HOURS_PER_DAY % DAYS_PER_WEEK}", hour=hour % HOURS_PER_DAY)


_CAUSES = {
    "orders": "sum_of_days",
    "months": "once_a_month",
    "heads": "solved_with_team",
    "recruitments": "recruitments_formula",
}
"""Drivers without a formula: the text that says where they come from."""

_TOTALS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "heads_first_month": ("heads", ("heads",)),
    "heads_last_month": ("heads", ("heads",)),
    "fte_mean": ("FTE", ("heads",)),
    "hires_total": ("hires", ("recruiting",)),
    "temp_hours_total": ("hours", ("temps",)),
    "orders_total": ("orders", ("orders",)),
    "cost_total": ("currency", ("cost",)),
    "cost_per_month": ("currency a month", ("cost",)),
    "cost_per_order": ("currency an order", ("cost", "orders")),
    "owner_time_total": ("currency", ("owner_time",)),
}
"""Figures of the whole plan: unit, and the numbers of a month that they sum."""

_MONTH_HOURS = ("hours_per_day", "working_days_per_month")
_ITEM_NAMES: Mapping[str, tuple[str, ...]] = {
    "pay": ("pay", "pay_level"),
    "year_end_pay": ("pay_months_per_year", "pay", "pay_level"),
    "contributions": ("pay", "pay_level", "pay_months_per_year"),
    "recruiting": ("hire_cost",),
    "learning": ("pay", "ramp_weeks", "pay_level", "pay_months_per_year", "ramp_start_share"),
    "equipment": ("equipment", "equipment_life_months"),
    "seat": ("seat_cost",),
    "welfare": ("welfare_cost",),
    "software": ("software_cost",),
    "temps": ("temp_pay", "temp_agency_share", "temp_productivity"),
    "bought_hours": ("bought",),
    "severance_reserve": ("pay", "attrition", "pay_level", "pay_months_per_year", "severance_owed_share"),
    "overhead": ("overhead_share",),
    "owner_time": ("pay", "pay_level"),
    "shop_system": ("shop_system_cost",),
    "warehouse_rent": (
        "orders",
        "warehouse_rent_per_square_metre",
        "warehouse_area_least",
        "warehouse_area_per_daily_order",
    ),
    "logistics_company": ("orders", *loaded_cost.LOGISTICS_FEES),
    "outsourcing": ("outsourced_hours", "service_occupancy_max", "outsourced_seat_hours", "outsourced_seat_cost"),
}
"""Cost item -> the roles' columns, drivers and inputs it is multiplied from."""

_ROLE_COLUMNS = ("pay", "hire_cost", "equipment", "temp_pay", "bought", "attrition", "ramp_weeks")
"""What each role has a figure of its own for."""

_CREW_INPUTS = ("busy_day_quantile", "warehouse_from_hour", "warehouse_until_hour", "warehouse_days_per_week")
_DESK_INPUTS = (
    *("reply_target_seconds", "reply_target_share", "chats_at_once", "chat_elapsed_minutes"),
    *("replies_per_chat", "reachable_reply_share"),
)

_BY_THE_PAYROLL = ("pay", "year_end_pay", "contributions", "severance_reserve", "overhead", "owner_time")
"""Items that follow the full-time equivalents on the payroll; the others follow people, hires or hours."""

_BY_THE_PACK = ("contributions", "learning", "severance_reserve")
"""Items that follow a rule of the country pack."""
