"""The sheet of the work: causes of work and hours of every duty, as live formulas.

The order is that of `plan.solve`, whose steps (`staffing/workload.py`, the drivers' formulas) run here over cells
instead of arrays. What is solved (the demand by day) stands in blue cells.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ecteam.inputs.assumptions import formula_function, names_in
from ecteam.plan.plan import Plan
from ecteam.publish.workbook.formulas import Cell, Term
from ecteam.publish.workbook.inputs import CellNames
from ecteam.publish.workbook.sheet import Page
from ecteam.staffing import workload

PEOPLE = ("heads", "recruitments")
Months = list[Term]
FIGURE = 3


@dataclass
class WorkRows:
    """The cells of the work, one a month, by driver or duty.

    duties : what the tables say of each duty, in the order of the lines; posts : role -> the duties of each post
    rows : where the lines stand that the loop of people fills in later
    """

    duties: dict[str, dict[str, Any]]
    posts: dict[str, list[list[str]]] = field(default_factory=dict)
    amounts: dict[str, Months] = field(default_factory=dict)
    minutes: dict[str, Term] = field(default_factory=dict)
    hours: dict[str, Months] = field(default_factory=dict)
    event_share: Months = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def loop(self) -> list[str]:
        """The duties whose driver follows from heads or recruitments."""
        return [duty for duty, about in self.duties.items() if about["loop"]]

    def of(self, role: str, method: str = "") -> list[str]:
        """The duties of a role, all of them or those that ask for people in one way (queue, deadline)."""
        mine = [duty for post in self.posts.get(role, []) for duty in post]
        return [duty for duty in mine if not method or self.duties[duty]["method"] == method]


def work_of(plan: Plan) -> WorkRows:
    """The duties by who does them and by post, so that what is added up stands together; those of the loop last."""
    duties, people = plan.inputs.duties, people_drivers(plan)
    place = {role: i for i, role in enumerate(plan.inputs.assumptions.roles.index)}
    duties = duties.assign(loop=duties["driver"].isin(people), place=duties["worn_by"].map(place))
    duties = duties.sort_values(["place", "post", "loop"], kind="stable")
    posts: dict[str, dict[str, list[str]]] = {}
    for duty, role, post in zip(duties.index, duties["worn_by"], duties["post"], strict=True):
        posts.setdefault(role, {}).setdefault(post, []).append(duty)
    return WorkRows(duties.to_dict("index"), {role: list(mine.values()) for role, mine in posts.items()})


def write_workload(page: Page, plan: Plan, names: CellNames) -> WorkRows:
    """Causes of work and hours of the duties; lines that follow from heads are left to the loop."""
    work = work_of(plan)
    page.title(page.word("wb_workload"), page.word("wb_workload_about"))
    page.month_heads(page.word("role"), page.word("wb_minutes"))
    _drivers(page, plan, names, work)
    page.row += 1
    page.block(page.word("wb_hours"), page.word("wb_hours_about"))
    for duty, about in work.duties.items():
        rate = minutes_of(names, plan, about["rate"], about["role"])
        row = [page.word(duty), page.word(about["worn_by"]), page.word(about["driver"])]
        work.minutes[duty] = minutes = Term(page.cell(page.row, FIGURE), rate.value)
        work.rows[duty] = page.row
        hours = [] if about["loop"] else [workload.duty_hours(a, minutes) for a in work.amounts[about["driver"]]]
        work.hours[duty] = page.line(row, hours, "hours", figure=rate, adds_up=bool(hours))
    return work


def _drivers(page: Page, plan: Plan, names: CellNames, work: WorkRows) -> None:
    """Orders from their solved shape, and every other cause of work by its own formula."""
    months, drivers = range(len(plan.months)), plan.inputs.assumptions.drivers
    page.block(page.word("wb_demand"), page.word("wb_solved_demand"))
    orders = plan.results.demand.orders[0]
    grown = plan.inputs.orders_per_day * (1 + plan.scenario.growth_per_month_share) ** np.arange(len(months))
    shape = np.divide(orders, grown, out=np.zeros(len(months)), where=grown > 0)
    times = page.line([page.word("wb_orders_shape")], list(shape), "solved", adds_up=False)
    event_share = list(plan.results.demand.event_share[0])
    work.event_share = page.line([page.word("wb_event_share")], event_share, "solved", adds_up=False)
    page.row += 1
    page.block(page.word("wb_drivers"))
    growth = 1 + names["growth_per_month_share"]
    given = {
        "orders": [names["orders_per_day"] * _power(growth, m) * times[m] for m in months],
        "months": [Term("1", 1.0) for _ in months],
    }
    people = people_drivers(plan)
    for driver, about in drivers.to_dict("index").items():
        work.rows[driver] = page.row
        row = [page.word(driver), "", page.said(about["unit"])]
        if driver in people:
            page.line(row, [], "hours", adds_up=False)
            continue
        amounts = given[driver] if driver in given else [amount(about["formula"], names, work, m) for m in months]
        work.amounts[driver] = page.line(row, amounts, "hours")


def _power(base: Term, times: int) -> Term:
    return Term(f"({base.text})^{times}", base.value**times)


def people_drivers(plan: Plan) -> set[str]:
    """The drivers that follow from heads or recruitments."""
    found = set(PEOPLE)
    for driver, formula in plan.inputs.assumptions.drivers["formula"].items():
        if formula and found & set(names_in(formula)):
            found.add(driver)
    return found


class _Known(dict[str, Any]):
    """The figures that a driver's formula names: other drivers of the month, or cells of the inputs."""

    def __init__(self, names: CellNames, work: WorkRows, month: int) -> None:
        super().__init__()
        self.names, self.work, self.month = names, work, month

    def __missing__(self, name: str) -> Term:
        return self.work.amounts[name][self.month] if name in self.work.amounts else self.names[name]


def amount(formula: str, names: CellNames, work: WorkRows, month: int) -> Term:
    """A driver's formula over the cells of a month."""
    found = formula_function(formula)(_Known(names, work, month))
    return found if isinstance(found, Term) else Term(str(found), found)


def minutes_of(names: CellNames, plan: Plan, rate: str, role: str) -> Term:
    """Minutes of work per unit of a rate, as `recipe` counts them."""
    basis = plan.assumptions.rows(plan.scenario.region).at[rate, "basis"]
    shrinkage = plan.assumptions.role_columns["shrinkage"]
    month: Cell = 0.0
    if basis.startswith("units_per_fte"):
        month = names["hours_per_day"] * names["working_days_per_month"] * (1 - names[shrinkage[role]])
    a_day = names["hours_per_day"] if basis in ("days_per_unit", "units_per_day") else 0.0
    return workload.minutes_per_unit(basis, names[rate], hours_per_day=a_day, productive_hours_per_month=month)
