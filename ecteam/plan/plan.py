"""From a scenario to a plan: every step in order, every frame on the way kept, so that any number can be explained."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.assumptions import Assumptions, load_assumptions
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.history import load_history
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import read_scenario
from ecteam.inputs.words import Note
from ecteam.plan.cost import cost_table, paid
from ecteam.plan.headline import in_a_line, in_a_notebook
from ecteam.plan.hiring import Hiring
from ecteam.plan.organisation import Organisation
from ecteam.plan.people import Team, hours_of_people, team_of
from ecteam.plan.prepare import Inputs, month_position, prepare, tested_forecast, underpaid, values_of
from ecteam.plan.privacy import WITHHELD, changes_shown, cost_shown, stand_ins, withheld_note
from ecteam.plan.solution import Solution, by_month
from ecteam.plan.solve import solve
from ecteam.plan.staffing import promise_notes


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Solution):
    """A solved shop as tables, month by month: how many of whom, who does what, hired when, at what cost.

    Frames are made when first asked for.
    """

    def __repr__(self) -> str:
        return in_a_line(self, self.totals)

    def _repr_html_(self) -> str:
        return in_a_notebook(self, self.totals, role=str(self.team.loc[self.team["fte"].idxmax(), "role"]))

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What a reader must know before relying on the plan: calendars not announced, figures not yet known."""
        promise = promise_notes(self.inputs, self.values, self.results.demand, self.results.desks)
        return (*self.inputs.notes, *underpaid(self.inputs), *promise)

    @cached_property
    def days(self) -> pd.DataFrame:
        """Orders of every day: month, date, lift (name of the event, or empty), ordinary_orders, orders."""
        days = self.inputs.days
        return pd.DataFrame(
            {
                "month": self.months[days["month"]],
                "date": days["date"],
                "lift": days["lift"],
                "ordinary_orders": self.results.demand.ordinary_by_day,
                "orders": self.results.demand.by_day[0],
            }
        )

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """How often each cause of work happens: month, driver, amount, unit."""
        names = list(self.results.amounts)
        amounts = np.stack(
            [np.broadcast_to(np.asarray(self.results.amounts[n], dtype=float), (1, len(self.months)))[0] for n in names]
        )
        frame = by_month(self.months, amounts, names, "driver", "amount")
        return frame.assign(unit=frame["driver"].map(self.assumptions.drivers["unit"]))

    @cached_property
    def workload(self) -> pd.DataFrame:
        """Hours of every duty: month, duty, role (whose seat does it), driver, amount, minutes_per_unit, hours."""
        duties, results = self.inputs.duties, self.results
        frame = by_month(self.months, results.hours[:, 0], duties.index, "duty", "hours")
        amount = self.drivers.set_index(["month", "driver"])["amount"]
        driver = frame["duty"].map(duties["driver"])
        minutes = pd.Series([float(np.reshape(m, -1)[0]) for m in results.minutes], index=duties.index)
        return pd.DataFrame(
            {
                "month": frame["month"],
                "duty": frame["duty"],
                "role": frame["duty"].map(duties["worn_by"]),
                "driver": driver,
                "amount": amount.reindex(pd.MultiIndex.from_arrays([frame["month"], driver])).to_numpy(),
                "minutes_per_unit": frame["duty"].map(minutes),
                "hours": frame["hours"],
            }
        )

    @cached_property
    def headcount(self) -> pd.DataFrame:
        """Who needs how much of whom: month, role, duty, hours, temp_hours (of these, by temps), staffed_hours,
        bought_hours, fte.

        `staffed_hours` are the hours somebody is there for the rest: at a staffed desk more than the work itself;
        `bought_hours` those of them that are bought, and not worked by the plan's people.
        """
        results, duties = self.results, self.inputs.duties
        shrinkage = self.assumptions.roles["shrinkage"].map(dict(self.values))
        frame = self.workload[["month", "role", "duty", "hours"]].copy()
        frame["temp_hours"] = results.temp_work[:, 0].T.ravel()
        frame["staffed_hours"] = results.staffed_hours[:, 0].T.ravel()
        frame["bought_hours"] = frame["staffed_hours"] - hours_of_people(self)[0].T.ravel()
        paid_hours = np.repeat(results.paid_hours[0], len(duties))
        frame["fte"] = frame["staffed_hours"] / (paid_hours * (1 - frame["role"].map(shrinkage).to_numpy(float)))
        return frame

    @cached_property
    def team(self) -> pd.DataFrame:
        """The team: month, role, department, fte, on_shift, seats, heads, employed_fte, hires, temp_hours,
        bought_hours.

        `fte` is the work; `on_shift` the people needed at once; `seats` the people the month needs; `heads` those on
        board, since nobody is released inside a plan; `employed_fte` their full-time equivalents: one person of a role
        may work part-time; `hires` include leavers to be replaced; `temp_hours` are paid, `bought_hours` of work.
        """
        results, roles = self.results, self.results.roles
        frame = by_month(self.months, results.fte[:, 0], roles, "role", "fte")
        frame.insert(2, "department", frame["role"].map(self.assumptions.roles["department"]))
        for name in ("on_shift", "seats", "heads"):
            frame[name] = getattr(results, name)[:, 0].T.ravel().astype(int)
        for name in ("employed_fte", "hires", "temp_hours", "bought_hours"):
            frame[name] = getattr(results, name)[:, 0].T.ravel()
        used = frame.groupby("role")[["fte", "heads"]].transform("max").gt(0).any(axis=1)
        return frame[used].reset_index(drop=True)

    @cached_property
    def assigned(self) -> Team:
        """Who does what: the assignment of the team's heads to the duties, solved when first asked for."""
        return team_of(self)

    @property
    def people(self) -> pd.DataFrame:
        """Who does what: month, person, hired_as, post, role, duty, hours, share (of the person's month), accountable.

        Hours are the staffed hours of `headcount`, given out to the last one; every duty with hours has one person who
        is accountable for it.
        """
        return self.assigned.assignment.people

    @property
    def seats(self) -> pd.DataFrame:
        """The places on the chart: person, hired_as, department, opened (month), productive_hours, cost_per_month
        (loaded), vacant (to be hired)."""
        return self.assigned.assignment.seats

    def organised(self, month: int | str | None = None) -> Organisation:
        """The organisation of a month (the last one by default): lines, structures, accountability, stability."""
        return Organisation(self, self.assigned, self.months[month_position(self.months, month)])

    @property
    def organisation(self) -> pd.DataFrame:
        """Who reports to whom in the last month: person, position (role), department, manager ("" at the top), layer
        (1 is the top), leads, vacant, month_share (of a full-time month)."""
        return self.organised().tree

    @cached_property
    def hiring(self) -> Hiring:
        """When the team is hired and what covers its work: `calendar`, `table`, `cash_out`; see `Hiring`."""
        return Hiring(self)

    @property
    def hires(self) -> pd.DataFrame:
        """Whom the plan's own team hires, and by when each is advertised: see `Hiring.calendar`."""
        return self.hiring.calendar

    @cached_property
    def cost(self) -> pd.DataFrame:
        """Fully loaded cost: month, role (empty for the shop as a whole), item, amount, currency.

        All of it is paid, and its sum is `totals["cost_total"]`. The owner's unpaid time is in `owner_time`.
        """
        return paid(self._valued)

    @cached_property
    def owner_time(self) -> pd.DataFrame:
        """What the owner's unpaid work is worth: the columns of `cost`, in no total of it."""
        return self._valued.drop(self.cost.index)

    @cached_property
    def _valued(self) -> pd.DataFrame:
        return cost_table(self)

    @property
    def cash_cost(self) -> pd.DataFrame:
        """The name that `cost` had while it held the owner's time too."""
        warnings.warn("plan.cash_cost is now plan.cost", DeprecationWarning, stacklevel=2)
        return self.cost

    @cached_property
    def forecast_error(self) -> pd.DataFrame | None:
        """The rolling-origin test of the forecast against repeating the last open day of each weekday; None without a
        history, or with one too short to hold back a part of it."""
        if self.scenario.history is None:
            return None
        test = tested_forecast(
            load_history(self.scenario.history), self.assumptions, self.scenario.region, self.scenario.events
        )
        return test if test["orders"].sum() > 0 else None

    @cached_property
    def totals(self) -> "Totals":
        """The figures a boss asks first: heads, FTE, cost, orders.

        heads_first_month, heads_last_month, fte_mean (FTE, mean of months), cost_total and cost_per_month (what is
        paid, the whole plan and its mean month), orders_total, cost_per_order, owner_time_total.
        """
        heads = self.team.groupby("month", sort=False)["heads"].sum()
        orders = float(self.results.demand.orders[0].sum())
        cash = float(self.cost["amount"].sum())
        figures = {
            "heads_first_month": int(heads.iloc[0]),
            "heads_last_month": int(heads.iloc[-1]),
            "fte_mean": float(self.results.fte[:, 0].sum(axis=0).mean()),
            "hires_total": float(self.team["hires"].sum()),
            "temp_hours_total": float(self.team["temp_hours"].sum()),
            "orders_total": orders,
            "cost_total": cash,
            "cost_per_month": cash / len(self.months),
            "cost_per_order": cash / orders if orders else float("nan"),
            "owner_time_total": float(self.owner_time["amount"].sum()),
        }
        return Totals(figures)

    def shown(self, show_pay: bool = False) -> "Plan":
        """The plan as it may leave the house: without `show_pay` made anew without the shop's own pay (`privacy.py`).

        A note says so; a plan for which no pay was set is itself.
        """
        return self if show_pay or any(note.key == WITHHELD for note in self.inputs.notes) else self._without_own_pay

    @cached_property
    def _without_own_pay(self) -> "Plan":
        region = self.scenario.region
        note, figures = withheld_note(self.assumptions, region), stand_ins(self.assumptions, region)
        if note is None:
            return self
        known = self.assumptions.region(region)
        same = all(known[key] == figure for key, figure in figures.items())
        plan = self if same else make_plan(self.scenario, self.assumptions.with_values(**figures))
        return replace(plan, inputs=replace(plan.inputs, notes=(*plan.inputs.notes, note)))

    def to_json(self, show_pay: bool = False) -> str:
        """Scenario, changes, totals, team, workload and cost as text: the same input gives the same bytes.

        Without `show_pay` it is that of the plan `shown`, and pay of roles under three people is joined.
        """
        if (shown := self.shown(show_pay)) is not self:
            return shown.to_json()
        cost_rows = _rows_as_json(self.cost if show_pay else cost_shown(self.cost, self.team))
        totals = {key: None if value != value else round(value, 6) for key, value in self.totals.items()}
        region = self.assumptions.region(self.scenario.region)
        changed = {key: region[key] for key in sorted(self.assumptions.changed) if key in region}
        content = {
            "scenario": self.scenario.model_dump(),
            "currency": self.scenario.currency,
            "changed_assumptions": changed if show_pay else changes_shown(changed),
            "pay_shown": show_pay,
            "notes": [note.in_language("en") for note in self.notes],
            "totals": totals,
        }
        texts = {key: _indented(value) for key, value in content.items()}
        texts |= self._work_as_json | {"cost": cost_rows}
        return "{" + ",".join(f'\n "{key}": {texts[key]}' for key in sorted(texts)) + "\n}\n"

    @cached_property
    def _work_as_json(self) -> dict[str, str]:
        return {"team": _rows_as_json(self.team), "workload": _rows_as_json(self.workload)}


class Totals(dict[str, float]):
    """The totals of a plan by name. In the last release they were a method, which still may be called."""

    def __call__(self) -> dict[str, float]:
        return dict(self)


_ROW = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",\n   ", ": "))


def _indented(value: Any) -> str:
    """A value as JSON, one level in."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).replace("\n", "\n ")


def _rows_as_json(frame: pd.DataFrame) -> str:
    text = frame.assign(month=frame["month"].astype(str)).to_json(orient="records", double_precision=6)
    return _indented_rows(json.loads(text))


def _indented_rows(rows: list[dict[str, Any]]) -> str:
    """As `_indented`, of flat rows: the fast encoder of Python knows no indentation, and there are thousands of them.

    >>> rows = [{"b": 1, "a": "x"}, {"a": None, "b": 0.5}]
    >>> _indented_rows(rows) == _indented(rows), _indented_rows([]) == _indented([])
    (True, True)
    """
    if not rows:
        return "[]"
    return "[" + ",".join(f"\n  {{\n   {_ROW.encode(row)[1:-1]}\n  }}" for row in rows) + "\n ]"


def make_plan(scenario: Scenario, assumptions: Assumptions | None = None) -> Plan:
    """Which team does this shop need, month by month, and what does it cost?

    `assumptions` default to `data/assumptions` at their typical figures. Raises `InputError` for input that cannot be
    planned: an unreadable history, a month before the payroll figures, headcount that does not converge.

    >>> from ecteam.inputs.scenario_file import load_scenario
    >>> plan = make_plan(load_scenario("tea_shop_startup"))
    >>> bool(plan.workload["hours"].sum() == plan.headcount["hours"].sum())
    True
    """
    inputs = prepare(scenario, assumptions or load_assumptions())
    inputs.assumptions.region(scenario.region)
    return plan_of(inputs)


def plan_of(inputs: Inputs) -> Plan:
    """The plan of inputs that are prepared: a shop whose calendar and shape of demand are known."""
    return Plan(**vars(solve(inputs, values_of(inputs))))


def plan_shop(name: str, /, **changes: Any) -> Plan:
    """The plan of a scenario file, with fields of the scenario or figures of the assumptions changed by their names.

    Raises `InputError` for a name that is neither (the nearest is offered), besides what `make_plan` raises.

    >>> plan_shop("tea_shop_startup", orders_per_day=40, pick_lines_per_hour=75).assumptions.changed
    frozenset({'pick_lines_per_hour'})
    """
    assumptions = load_assumptions()
    keys = set(assumptions.numbers["key"])
    fields = {key: value for key, value in changes.items() if key in Scenario.model_fields}
    figures = {key: value for key, value in changes.items() if key in keys and key not in fields}
    unknown = [key for key in changes if key not in fields and key not in figures]
    if unknown:
        names = [*Scenario.model_fields, *sorted(keys)]
        raise InputError([Note("no_field_or_assumption", name=key, near=did_you_mean(key, names)) for key in unknown])
    shop, saved = read_scenario(name, **fields)
    figures = saved | figures
    return make_plan(shop, assumptions.with_values(**figures) if figures else assumptions)


def compare(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Plans side by side: one column a plan, one row a figure, and the heads by department.

    >>> from ecteam.inputs.scenario_file import load_scenario
    >>> shop = load_scenario("tea_shop_startup")
    >>> table = compare({"60 a day": make_plan(shop), "90 a day": make_plan(shop.with_changes(orders_per_day=90))})
    >>> bool(table.loc["orders_total", "90 a day"] > table.loc["orders_total", "60 a day"])
    True
    """
    columns = {}
    for name, plan in plans.items():
        last = plan.team[plan.team["month"] == plan.months[-1]]
        heads = last.groupby("department", sort=False)["heads"].sum()
        columns[name] = pd.Series(
            {"currency": plan.scenario.currency, **plan.totals, **{f"heads_{d}": n for d, n in heads.items()}}
        )
    rows = list(dict.fromkeys(row for column in columns.values() for row in column.index))
    table = pd.DataFrame(columns).reindex(rows)
    # A department that a plan does not have has no heads; what is unknown stays unknown.
    absent = table.index.str.startswith("heads_")
    return table.mask(table.isna() & absent[:, None], 0)
