"""The sheets that finance changes: the shop's fields and the assumptions, each cell with what a change of it moves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.words import label, language, phrase
from ecteam.people.cover import cover, limits
from ecteam.plan.cost import prices_of_cover
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import ESTIMATED
from ecteam.plan.privacy import is_pay, own_pay
from ecteam.plan.solve import hats_by_case
from ecteam.publish.workbook.formulas import Cell, Term, least, most, total, where
from ecteam.publish.workbook.sheet import Page

VALUE, IN_USE = 2, 3
FIELD_COLUMNS = {
    **{"wb_field": 29, "wb_name": 30, "wb_value": 22, "wb_in_use": 11, "unit": 22, "wb_allowed": 40},
    **{"wb_planned": 22, "wb_if": 14, "wb_changed": 14},
}
FIGURE_COLUMNS = {
    **{"wb_assumption": 31, "wb_name": 36, "wb_value": 13, "low": 11, "typical": 11, "high": 11, "unit": 26},
    **{"wb_own": 7, "wb_planned": 13, "wb_if": 14, "wb_changed": 14, "source": 44, "as_of": 10, "kind": 18},
}
STATES = ("wb_live", "wb_part", "wb_solve", "wb_unused")
"""What a change of a cell needs: nothing; ecteam as well; ecteam; and what this plan does not depend on."""


@cache
def solved_from(what: str) -> set[str]:
    """Which cells a part of a plan is solved from: its `structure` (which rows a workbook has, or what is solved for
    all of it), the agents of a `desk` by hour, the `crew` that ships in time, the `hats` that a scenario leaves open,
    and where pay is not shown, what a head costs beside its pay (`paid`: beginnings of names)."""
    table = pd.read_csv(Path(__file__).with_name("solved.csv"))
    return set(table.loc[table["solved"] == what, "name"])


@dataclass
class CellNames:
    """Name -> cell of every figure that a formula may use; which of them one did use; where each can be changed.

    `blank`: whether a field that may be unset is, as a formula.
    """

    plan: Plan
    cells: dict[str, Term] = field(default_factory=dict)
    blank: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    rows: dict[str, tuple[Page, int, int]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Term:
        self.used.add(name)
        return self.cells[name]

    def of_role(self, column: str, role: str) -> Term:
        """The figure that a role has in a column of its table: its shrinkage, attrition, cost of a hire ..."""
        return self[self.plan.assumptions.role_columns[column][role]]


def write_assumptions(page: Page, plan: Plan, names: CellNames, show_pay: bool) -> None:
    """Every assumption that holds in the shop's region, its value to be changed; pay that was set is withheld."""
    rows, own_keys = plan.assumptions.rows(plan.scenario.region), own_pay(plan.assumptions)
    page.title(label("wb_assumptions"), label("wb_assumptions_about"))
    page.heads(page.words(*FIGURE_COLUMNS), list(FIGURE_COLUMNS.values()))
    first = page.row
    for key, row in zip(rows.index, rows.to_dict("records"), strict=True):
        withheld = not show_pay and key in own_keys
        figure, limits = row["value"], [row[limit] for limit in ("low", "typical", "high")]
        if key == "working_days_per_month" and key not in plan.assumptions.changed:
            # The calendar of the plan's own months says it.
            figure, *limits = [plan.values[key]] * 4
        value = label("wb_withheld") if withheld else figure
        own = "x" if key in plan.assumptions.changed else ""
        cells = [key, row[language()], value, *limits, phrase(row["unit"]), own, value, "", ""]
        written = _row(page, [*cells, row["source"], row["as_of"], phrase(row["kind"])])
        names.rows[key] = page, page.row - 1, 8
        if not withheld:
            names.cells[key] = written[VALUE]
    page.sheet.autofilter(first - 1, 0, page.row - 1, len(FIGURE_COLUMNS) - 1)


def write_inputs(page: Page, plan: Plan, names: CellNames) -> None:
    """The fields of the scenario; an empty one takes the figure of the history or of the assumptions."""
    page.title(plan.scenario.name, label("wb_inputs_about"))
    page.heads(page.words(*FIELD_COLUMNS), list(FIELD_COLUMNS.values()))
    rest = {key: getattr(plan.inputs, key) for key in ("orders_per_day", "growth_per_month_share")}
    rest |= plan.inputs.from_history
    fields = plan.scenario.model_dump()
    if plan.inputs.own_days is not None:  # it takes the place of level and growth
        fields |= dict.fromkeys(("orders_per_day", "growth_per_month_share"))
    for name, value in fields.items():
        about = field_info(name)
        written = _row(page, [name, about[language()], value, "", phrase(about["unit"]), allowed(about), value])
        row, cell = page.row - 1, written[VALUE]
        names.rows[name] = page, row, 6
        _validate(page, row, about)
        if about["type"] == "boolean":
            names.cells[name] = cell
        elif about["type"] != "string":
            if not about["required"] and about["default"] is None:
                without: Cell = rest[name] if name in rest else names.cells[name]
                names.blank[name] = f"ISBLANK({cell.text})"
                used = where(names.blank[name], value is None, without, cell)
                cell = page.write(row, IN_USE, used, "figure")
            if name in ESTIMATED:
                times = most(least(cell * names[ESTIMATED[name]], about["high"]), about["low"])
                cell = page.write(row, IN_USE, times, "figure")
            names.cells[name] = cell


def _row(page: Page, cells: list[Any]) -> list[Term]:
    written = []
    for column, content in enumerate(cells):
        number = isinstance(content, float | int) and not isinstance(content, bool)
        style = "input" if column == VALUE else "figure" if number else "small"
        written.append(page.write(page.row, column, content, "text" if column == 1 else style))
    page.row += 1
    return written


def allowed(about: Mapping[str, Any]) -> str:
    """What a field may be, in a few signs.

    >>> allowed(field_info("months")), allowed(field_info("ship_rule")), allowed(field_info("city"))
    ('1 ... 36', 'same_day, 24h, 48h', 'hangzhou ... uk: 9')
    """
    if choices := about["choices"]:
        return ", ".join(choices) if len(choices) < 5 else f"{choices[0]} ... {choices[-1]}: {len(choices)}"
    if about["type"] == "boolean":
        return "TRUE, FALSE"
    return "" if about["low"] is None else f"{about['low']:,.10g} ... {about['high']:,.10g}"


def _validate(page: Page, row: int, about: Mapping[str, Any]) -> None:
    rule: dict[str, Any] = {"ignore_blank": True}
    if about["choices"]:
        rule |= {"validate": "list", "source": list(map(str, about["choices"]))}
    elif about["type"] == "boolean":
        rule |= {"validate": "list", "source": ["TRUE", "FALSE"]}
    elif about["type"] in ("number", "integer"):
        rule |= {"validate": "integer" if about["type"] == "integer" else "decimal", "criteria": "between"}
        rule |= {"minimum": about["low"], "maximum": about["high"]}
    else:
        return
    page.sheet.data_validation(row, VALUE, row, VALUE, rule)


def states_of(plan: Plan, names: CellNames, show_pay: bool) -> dict[str, str]:
    """Name -> what a change of its cell needs: see `STATES`."""
    solved = {*solved_from("structure"), *plan.inputs.days["lift"]}
    solved |= solved_from("desk") if plan.results.desks or plan.scenario.outsourced_service_share else set()
    solved |= solved_from("crew") if plan.results.crews else set()
    own_hats = plan.scenario.hats is not None
    # Hats follow the size of the work, and this follows the fields.
    sizes = {*(Scenario.model_fields.keys() & names.used), *ESTIMATED.values()}
    hats = solved_from("hats")
    solved |= set() if own_hats else hats | sizes
    solved |= what_divides(plan, names.rows.keys() - {*hats, *Scenario.model_fields}, own_hats)
    if not show_pay:
        beginnings = (*solved_from("paid"), "pay_level_")
        solved |= {name for name in names.rows if is_pay(name) or name.startswith(beginnings)}
        # Contributions stand as means, whose base bonus months raise.
        solved.add("pay_months_per_year")
    states = {True: ("wb_part", "wb_solve"), False: ("wb_live", "wb_unused")}
    return {name: states[name in solved][name not in names.used] for name in names.rows}


def what_divides(plan: Plan, keys: Collection[str], own_hats: bool) -> set[str]:
    """Assumptions of which the low or the high figure changes who wears which hats, or who does what is left of a
    role's work: a part-time person, one more head, or nobody because it is bought."""
    rows = plan.assumptions.rows(plan.scenario.region)
    spans = rows.loc[rows.index.isin(keys) & (rows["low"] < rows["high"]), ["low", "high"]]
    cases = 2 * len(spans)
    values: dict[str, Any] = dict(plan.values)
    for at, (key, ends) in enumerate(zip(spans.index, spans.to_numpy(), strict=True)):
        values[key] = np.full((cases, 1), float(plan.values[key]))
        values[key][2 * at : 2 * at + 2, 0] = ends
    inputs, results = replace(plan.inputs, orders_times=np.ones((cases, 1))), plan.results
    moved = np.zeros(cases, dtype=bool)
    if not own_hats:
        hats = inputs.duties["worn_by"]
        moved |= np.array([(worn != hats).any() for worn in hats_by_case(inputs, values)])
    prices = prices_of_cover(inputs, values, results.roles)
    now, then = (cover(results.fte, results.on_shift, at) for at in (results.cover_limits, limits(**prices)))
    moved |= ~np.isclose(now.employed_fte, then.employed_fte).all(axis=(0, 2))
    return {key for at, key in enumerate(spans.index) if moved[2 * at : 2 * at + 2].any()}


def write_states(names: CellNames, states: Mapping[str, str]) -> dict[str, Term]:
    """Beside each cell what a change of it needs, and whether it was changed; state -> how many cells were."""
    marks: dict[Page, tuple[int, int, int]] = {}
    for name, (page, row, planned) in names.rows.items():
        # A field that an assumption is called like stands among the assumptions in `rows`, which have no order then.
        first, last, _ = marks.get(page, (row, row, 0))
        marks[page] = min(first, row), max(last, row), planned + 2
        page.write(row, planned + 1, label(states[name]), "small")
        value, before, state = (xl_rowcol_to_cell(row, c, True, True) for c in (VALUE, planned, planned + 1))
        page.text_formula(row, planned + 2, f'IF({value}={before},"",{state})', "", "warn")
    areas = [f"'{page.name}'!{xl_range_abs(first, c, last, c)}" for page, (first, last, c) in marks.items()]
    return {state: total(Term(f'COUNTIF({area},"{label(state)}")', 0.0) for area in areas) for state in STATES}
