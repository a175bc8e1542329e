"""A plan as an Excel workbook whose formulas are alive: finance changes a yellow cell and sees heads and cost move.

What is closed-form is a formula over cells, in the order of `plan.solve`; what is solved (demand by day, agents of a
desk, crews, the hiring plan) stands as a blue cell, and a first sheet says which is which and whether a change needs
ecteam. Every formula is written with its value, so that readers that do not calculate show the same.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from xlsxwriter import Workbook

from ecteam.inputs.words import label, phrase
from ecteam.plan.plan import Plan
from ecteam.publish.workbook.cost import Costs, write_cost, write_pay
from ecteam.publish.workbook.formulas import Cell, Term, sums, total
from ecteam.publish.workbook.inputs import STATES, CellNames, states_of, write_assumptions, write_inputs, write_states
from ecteam.publish.workbook.sheet import MONTHS_FROM, STYLES, Page
from ecteam.publish.workbook.team import TeamCells, write_team

LIVE = ("wb_live_1", "wb_live_2", "wb_live_3", "wb_live_4")
SOLVED = ("wb_solved_1", "wb_solved_2", "wb_solved_3", "wb_solved_4", "wb_solved_5")
COLOURS = (("input", "wb_colour_input"), ("solved", "wb_colour_solved"))


def workbook(plan: Plan, path: Path | str, show_pay: bool = False) -> None:
    """Write a plan as a workbook with live formulas: notes, inputs, assumptions, workload, headcount, cost, hiring.

    Without `show_pay` it is that of the plan `shown`: roles of few heads are joined, and what follows from pay stands
    as means of three heads or more.

    >>> from tempfile import TemporaryDirectory
    >>> from ecteam import load_scenario, make_plan
    >>> with TemporaryDirectory() as folder:
    ...     workbook(make_plan(load_scenario("tea_shop_startup")), Path(folder) / "plan.xlsx")
    ...     (Path(folder) / "plan.xlsx").stat().st_size > 20_000
    True
    """
    plan = plan.shown(show_pay)
    with Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        # The same plan is the same file, whenever it is written.
        book.set_properties({"title": plan.scenario.name, "created": plan.months[0].to_timestamp().to_pydatetime()})
        styles = {name: book.add_format({"locked": True, "font_size": 10} | style) for name, style in STYLES.items()}

        def page(key: str) -> Page:
            return Page(book.add_worksheet(label(key)), key, list(map(str, plan.months)), styles)

        notes, inputs, assumptions, works = map(page, ("wb_notes", "wb_inputs", "wb_assumptions", "wb_workload"))
        heads, rounds = page("wb_headcount"), page("wb_rounds")
        pay = page("wb_pay") if show_pay else None
        money, hiring = page("wb_cost"), page("wb_hiring")

        names = CellNames(plan)
        write_assumptions(assumptions, plan, names, show_pay)
        write_inputs(inputs, plan, names)
        team = write_team(works, heads, rounds, plan, names)
        costs = write_cost(money, team, write_pay(pay, plan, names) if pay else None)
        _hiring(hiring, team)
        changed = write_states(names, states_of(plan, names, show_pay))
        _notes(notes, team, costs, changed)
        notes.sheet.activate()


def _hiring(page: Page, team: TeamCells) -> None:
    page.title(label("wb_hiring"), label("wb_hiring_about"))
    page.month_heads(label("wb_what"), label("wb_figure"))
    page.block(label("wb_starts"), label("wb_starts_about"))
    lines = []
    for role, cells in team.heads.items():
        joiners: list[Cell] = [0.0, *(now - before for before, now in pairwise(cells))]
        lines.append(page.line(page.words(role, "wb_new_posts", "heads"), joiners, "heads"))
    page.line([label("total")], sums(lines), "heads_sum")
    page.block(label("wb_calendar"), label("wb_calendar_about"), gap=True)
    page.cells(page.words("role", "start_in", "advertise_by", "new_posts", "replacements"), "head")
    for row in team.plan.hires.itertuples():
        numbers = float(row.new_posts), float(row.replacements)
        page.cells([label(row.role), str(row.month), str(row.advertise_by), *numbers], "figure")


def _notes(page: Page, team: TeamCells, costs: Costs, changed: dict[str, Term]) -> None:
    """What a boss asks first, now and as planned; whether a change needs ecteam; what is live and what is solved."""
    plan = team.plan
    page.sheet.set_column(0, 0, 46)
    page.sheet.set_column(1, 4, 19)
    page.write(0, 0, plan.scenario.name, "title")
    page.write(1, 0, label("wb_notes_about"), "small")
    page.row = 3
    page.cells(page.words("figure", "wb_now", "wb_planned", "wb_moved", "unit"), "head")
    page.sheet.freeze_panes(page.row, 1)
    planned = plan.totals
    for key, now, style, unit in _totals(team, costs):
        page.write(page.row, 0, label(key))
        cell = page.write(page.row, 1, now, style)
        before = page.write(page.row, 2, 0.0 if planned[key] != planned[key] else planned[key], style)
        page.write(page.row, 3, cell - before, style)
        page.write(page.row, 4, label(unit) if unit == "heads" else phrase(unit), "small")
        page.row += 1
    page.row += 1
    page.cells([label("wb_checks")], "block")
    for state in STATES[:3]:
        page.write(page.row, 0, label(f"{state}_cells"))
        page.write(page.row, 1, changed[state], "heads")
        page.row += 1
    stale = changed["wb_part"] + changed["wb_solve"]
    _verdict(page, "wb_check_solved", f"{stale.text}=0", True)
    _verdict(page, "wb_check_settled", f"{team.settled.text}=1", team.settled.value == 1)
    if costs.unpriced:
        heads = total(cell for role in costs.unpriced for cell in team.heads[role])
        _verdict(page, "wb_check_priced", f"{heads.text}=0", True)
    page.row += 1
    for style, key in COLOURS:
        page.cells([label(key)], style)
    for title, texts in (("wb_live_title", page.words(*LIVE)), ("wb_solved_title", page.words(*SOLVED))):
        page.row += 1
        _texts(page, title, texts)
    page.row += 1
    _texts(page, "wb_plan_notes", [phrase(note) for note in plan.notes])


def _totals(team: TeamCells, costs: Costs) -> list[tuple[str, Term, str, str]]:
    currency, months = team.plan.scenario.currency, len(team.months)
    paid, orders = total(costs.paid), total(team.amounts["orders"])
    per_order = paid.value / orders.value if orders.value else 0.0
    return [
        ("heads_first_month", team.heads_sum[0] + 0.0, "heads_sum", "heads"),
        ("heads_last_month", team.heads_sum[-1] + 0.0, "heads_sum", "heads"),
        ("fte_mean", total(team.fte_sum) / months, "sum", "FTE"),
        ("hires_total", total(c for cells in team.hires.values() for c in cells), "fte", ""),
        ("temp_hours_total", total(c for cells in team.temp_hours.values() for c in cells), "hours", "h"),
        ("orders_total", orders, "hours", ""),
        ("cost_total", paid, "sum", currency),
        ("cost_per_month", paid / months, "sum", currency),
        ("cost_per_order", Term(f"IF({orders.text}>0,{paid.text}/{orders.text},0)", per_order), "money", currency),
        ("owner_time_total", total(costs.items["owner_time"]), "money", currency),
    ]


def _verdict(page: Page, key: str, condition: str, holds: bool) -> None:
    good, bad = page.words("wb_good", f"{key}_bad")
    page.write(page.row, 0, label(key))
    page.text_formula(page.row, 1, f'IF({condition},"{good}","{bad}")', good if holds else bad, "good")
    wrong = {"type": "cell", "criteria": "!=", "value": f'"{good}"', "format": page.styles["warn"]}
    page.sheet.conditional_format(page.row, 1, page.row, 1, wrong)
    page.row += 1


def _texts(page: Page, title: str, texts: Sequence[str]) -> None:
    page.cells([label(title)], "block")
    for text in texts:
        page.sheet.merge_range(page.row, 0, page.row, MONTHS_FROM, "", page.styles["wrapped"])
        wide = sum(2 if ord(c) > 0x2E80 else 1 for c in text)
        page.sheet.set_row(page.row, 14 * (1 + wide // 140))
        page.cells([text], "wrapped")
