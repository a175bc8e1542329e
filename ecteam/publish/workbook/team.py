"""The sheets of the team: staffed hours, FTE, seats and heads by role, and the loop of people who need people.

A spreadsheet cannot go round in a circle: the rounds of the loop stand below each other on a sheet of their own, more
of them than the plan took, and a cell says whether the last one changed nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.plan.plan import Plan
from ecteam.publish.workbook.formulas import Cell, Term, most, ratio, total, where, whole
from ecteam.publish.workbook.inputs import CellNames
from ecteam.publish.workbook.sheet import MONTHS_FROM, Page
from ecteam.publish.workbook.work import Months, WorkRows, amount, people_drivers
from ecteam.staffing import workload

MORE_ROUNDS, MOST_ROUNDS = 3, 20
"""Rounds of the loop beyond those that the plan takes, for what a change may add; and the most of them in all."""

ONE = Term("1", 1.0)


@dataclass
class TeamRows:
    """The cells of the team, one a month, by duty or role; `settled` is 1 where the loop of people stands still."""

    paid: Months
    temps: dict[str, Months] = field(default_factory=dict)
    desks: dict[str, Months] = field(default_factory=dict)
    staffed: dict[str, Months] = field(default_factory=dict)
    shrinkage: dict[str, Term] = field(default_factory=dict)
    on_shift: dict[str, Months] = field(default_factory=dict)
    fte: dict[str, Months] = field(default_factory=dict)
    heads: dict[str, Months] = field(default_factory=dict)
    hires: dict[str, Months] = field(default_factory=dict)
    temp_hours: dict[str, Months] = field(default_factory=dict)
    fte_sum: Months = field(default_factory=list)
    heads_sum: Months = field(default_factory=list)
    settled: Term = ONE


def write_team(page: Page, rounds: Page, works: Page, plan: Plan, names: CellNames, work: WorkRows) -> TeamRows:
    """Staffed hours, FTE, seats, heads and hires; then the lines of the work that follow from heads."""
    page.title(page.word("wb_headcount"), page.word("wb_headcount_about"))
    page.month_heads(page.word("wb_what"), page.word("wb_figure"))
    page.block(page.word("wb_working_time"))
    days = page.line([page.word("wb_working_days")], list(plan.inputs.working_days), "solved", adds_up=False)
    paid = [d * names["hours_per_day"] for d in days]
    team = TeamRows(page.line([page.word("wb_paid_hours")], paid, "hours", adds_up=False))
    _temps(page, plan, work, team)
    _desks(page, plan, team)
    _staffed(page, names, work, team)
    _on_shift(page, plan, names, work, team)
    work.amounts |= _loop(rounds, plan, names, work, team)
    _close(works, page, plan, names, work, team)
    _roles(page, plan, names, work, team)
    return team


def _temps(page: Page, plan: Plan, work: WorkRows, team: TeamRows) -> None:
    """Hours above an ordinary day, which temps do: a line for each duty that has a peak."""
    work_of_temps = dict(zip(plan.inputs.duties.index, plan.results.temp_work[:, 0], strict=True))
    page.row += 1
    page.block(page.word("wb_temp_work"), page.word("wb_temp_work_about"))
    for duty in (duty for duty in work.duties if work_of_temps[duty].any()):
        hours = [h * share for h, share in zip(work.hours[duty], work.event_share, strict=True)]
        team.temps[duty] = page.line([page.word(duty)], hours, "hours")


def _desks(page: Page, plan: Plan, team: TeamRows) -> None:
    """Hours of the shifts that cover a staffed desk, by role: solved."""
    duties = plan.inputs.duties
    for role in plan.results.desks:
        if not team.desks:
            page.row += 1
            page.block(page.word("wb_desk_hours"), page.word("wb_solved_desk"))
        mine = (duties["method"].eq("queue") & duties["worn_by"].eq(role)).to_numpy()
        hours = plan.results.staffed_hours[mine, 0].sum(axis=0)
        team.desks[role] = page.line([page.word(role)], list(hours), "solved")


def _staffed(page: Page, names: CellNames, work: WorkRows, team: TeamRows) -> None:
    """Hours in which people are there: work that temps leave, chats with the waiting between them."""
    page.row += 1
    page.block(page.word("wb_staffed"), page.word("wb_staffed_about"))

    def hours(duty: str, month: int) -> Term:
        worn_by, own = work.duties[duty]["worn_by"], work.hours[duty][month]
        mine = own - team.temps[duty][month] if duty in team.temps else own
        if work.duties[duty]["method"] != "queue":
            return mine
        if worn_by not in team.desks:
            return mine / names["service_occupancy_max"]
        together = total(work.hours[d][month] for d in work.of(worn_by, "queue"))
        return most(ratio(own, together) * team.desks[worn_by][month], mine)

    for duty, about in work.duties.items():
        row = [page.word(duty), page.word(about["worn_by"]), page.word(about["post"])]
        work.rows[f"staffed {duty}"] = page.row
        cells = [] if about["loop"] else [hours(duty, m) for m in range(len(team.paid))]
        team.staffed[duty] = page.line(row, cells, "hours", adds_up=bool(cells))


def _on_shift(page: Page, plan: Plan, names: CellNames, work: WorkRows, team: TeamRows) -> None:
    """People needed at once: the crew that ships in time by the hours of its work, and the most agents of a desk."""
    results, months = plan.results, range(len(team.paid))
    if results.crews or results.desks:
        page.row += 1
        page.block(page.word("wb_on_shift"), page.word("wb_solved_crew"))
    for role, crew in results.crews.items():
        hours = [total(work.hours[duty][m] for duty in work.of(role, "deadline")) for m in months]
        people = np.broadcast_to(crew.people, (1, len(months)))[0]
        each = [float(p) / h.value if h.value > 0 else 0.0 for p, h in zip(people, hours, strict=True)]
        row = [page.word(role), page.word("wb_crew_per_hour")]
        cells = page.line(row, each, "solved", adds_up=False)
        crew_cells = [whole(h * each) for h, each in zip(hours, cells, strict=True)]
        row = [page.word(role), page.word("wb_crew"), page.word("heads")]
        team.on_shift[role] = page.line(row, crew_cells, "heads", adds_up=False)
    for role, desk in results.desks.items():
        row = [page.word(role), page.word("wb_agents"), page.word("heads")]
        agents = page.line(row, [float(n) for n in desk.most_agents[0]], "solved", adds_up=False)
        crew_there = team.on_shift.get(role)
        team.on_shift[role] = agents if crew_there is None else [a + c for a, c in zip(agents, crew_there, strict=True)]


def _productive(names: CellNames, plan: Plan, team: TeamRows, role: str, month: int) -> Term:
    return team.paid[month] * (1 - names[plan.assumptions.role_columns["shrinkage"][role]])


def _role_fte(
    plan: Plan, names: CellNames, work: WorkRows, team: TeamRows, role: str, loop: dict[str, Months], month: int
) -> Term:
    """FTE of a role: its staffed hours, and what its people lose by changing between posts."""
    if role not in work.posts:
        return Term("0", 0.0)
    of_posts = [[(loop if d in loop else team.staffed)[d][month] for d in post] for post in work.posts[role]]
    hours = [cell for cells in of_posts for cell in cells]
    posts = [total(cells) > 0 for cells in of_posts]
    worked = total(hours) / _productive(names, plan, team, role, month)
    if len(posts) == 1:
        return worked
    worn = posts[0]
    for post in posts[1:]:
        worn = worn + post
    return worked + names["hat_loss_share"] * most(worn - 1, 0.0)


def _fte_of_roles(
    plan: Plan,
    names: CellNames,
    work: WorkRows,
    team: TeamRows,
    roles: Sequence[str],
    loop: dict[str, Months],
    page: Page,
) -> dict[str, Months]:
    """A line of FTE for each role; there is one owner, and what exceeds one is the work of a hired operations head."""
    months = range(len(team.paid))
    fte: dict[str, Months] = {}
    over: Months = []
    for role in roles:
        cells = [_role_fte(plan, names, work, team, role, loop, m) for m in months]
        if role == "owner":
            row = [page.word(role), page.word("wb_owner_work"), "FTE"]
            asked = page.line(row, cells, "fte", adds_up=False)
            over = [most(cell - 1, 0.0) for cell in asked]
            cells = [cell - more for cell, more in zip(asked, over, strict=True)]
        if role == "shop_manager" and over:
            cells = [cell + more for cell, more in zip(cells, over, strict=True)]
        fte[role] = page.line([page.word(role), "FTE", "FTE"], cells, "fte", adds_up=False)
    return fte


def _seats(page: Page, role: str, fte: Months, team: TeamRows) -> tuple[Months, Months]:
    """Whole people that each month needs, and those on board, since nobody is released inside a plan."""
    there = team.on_shift.get(role)
    asked = [whole(f) if there is None else most(whole(f), there[m]) for m, f in enumerate(fte)]
    seats = page.line([page.word(role), page.word("wb_seats"), page.word("heads")], asked, "heads", adds_up=False)
    heads: Months = []
    for month, seat in enumerate(seats):
        heads.append(most(heads[-1], seat) if heads else seat)
        heads[-1] = page.write(page.row, MONTHS_FROM + month, heads[-1], "heads")
    page.line([page.word(role), page.word("heads"), page.word("heads")], [], "heads", adds_up=False)
    return seats, heads


def _attrition(plan: Plan, names: CellNames, role: str) -> Term:
    return names[plan.assumptions.role_columns["attrition"][role]] / MONTHS_PER_YEAR


def _loop(page: Page, plan: Plan, names: CellNames, work: WorkRows, team: TeamRows) -> dict[str, Months]:
    """The rounds until heads stand still: the heads and recruitments that cause HR, IT and leading work."""
    months, results = range(len(team.paid)), plan.results
    page.title(page.word("wb_rounds"), page.word("wb_rounds_about"))
    page.month_heads(page.word("wb_what"), page.word("wb_figure"))
    growth = _growth(page, plan, names, work, team)
    touched = {work.duties[duty]["worn_by"] for duty in work.loop}
    touched |= {"owner", "shop_manager"} if touched & {"owner", "shop_manager"} else set()
    moving = [role for role in results.roles if role in touched]
    page.block(page.word("wb_other_roles"))
    still = [role for role in results.roles if role not in touched]
    fte = _fte_of_roles(plan, names, work, team, still, {}, page) if still else {}
    others = {role: _seats(page, role, cells, team)[1] for role, cells in fte.items()}
    heads: Months = [Term("0", 0.0) for _ in months]
    leavers: Term | None = None
    still_for = 0
    for turn in range(1, MOST_ROUNDS + 1):
        page.row += 1
        page.block(f"{page.word('wb_round')} {turn}")
        needed = [growth if leavers is None else growth + leavers for _ in months]
        asked = page.line([page.word("recruitments")], needed, "hours", adds_up=False)
        caused = page.line([page.word("wb_heads_before")], list(heads), "heads", adds_up=False)
        work.amounts |= {"heads": caused, "recruitments": asked}
        loop = {duty: _loop_hours(names, plan, work, duty) for duty in work.loop}
        loop = {duty: page.line([page.word(duty)], cells, "hours", adds_up=False) for duty, cells in loop.items()}
        fte = _fte_of_roles(plan, names, work, team, moving, loop, page)
        on_board = others | {role: _seats(page, role, cells, team)[1] for role, cells in fte.items()}
        now = [total(on_board[role][m] for role in results.roles) for m in months]
        before, heads = heads, page.line([page.word("wb_heads_after")], now, "heads_sum", adds_up=False)
        gone = {r: [h * _attrition(plan, names, r) for h in on_board[r]] for r in results.roles if r != "owner"}
        leaving = [total(cells[m] for cells in gone.values()) for m in months]
        left = page.line([page.word("wb_leavers")], leaving, "hours", adds_up=False)
        leavers = total(left) / len(months)
        still_for = still_for + 1 if [h.value for h in heads] == [h.value for h in before] else 0
        if still_for > MORE_ROUNDS:
            break
    same = "AND(" + ",".join(f"{a.text}={b.text}" for a, b in zip(before, heads, strict=True)) + ")"
    team.settled = page.write(page.row, MONTHS_FROM, where(same, still_for > 0, 1.0, 0.0), "heads_sum")
    page.write(page.row, 0, page.word("wb_settled"), "text")
    return {"heads": caused, "recruitments": asked}


def _growth(page: Page, plan: Plan, names: CellNames, work: WorkRows, team: TeamRows) -> Term:
    """The growth of the work in FTE a month, which hires follow; the work that people cause is left out of it."""
    months = range(len(team.paid))
    page.block(page.word("wb_growth"), page.word("wb_growth_about"))
    lines: dict[str, Months] = {}
    for role in work.posts:
        mine = [duty for duty in work.of(role) if duty not in work.loop]
        cells: Months = []
        for m in months:
            hours = total(work.hours[d][m] for d in mine)
            temps = [team.temps[d][m] for d in mine if d in team.temps]
            hours = hours - total(temps) if temps else hours
            now = hours / _productive(names, plan, team, role, m)
            cells.append(page.write(page.row, MONTHS_FROM + m, most(cells[-1], now) if cells else now, "fte"))
        page.line([page.word(role), page.word("wb_work_fte"), "FTE"], [], "fte", adds_up=False)
        lines[role] = cells
    first, last = (total(cells[m] for cells in lines.values()) for m in (0, -1))
    grown = (last - first) / max(len(months) - 1, 1)
    page.write(page.row, 0, page.word("wb_growth_a_month"))
    cell = page.write(page.row, MONTHS_FROM, grown, "fte")
    page.row += 2
    return cell


def _loop_hours(names: CellNames, plan: Plan, work: WorkRows, duty: str) -> Months:
    """Hours of a duty that people cause, from the heads and recruitments that now stand in `work`."""
    driver = work.duties[duty]["driver"]
    formula = plan.inputs.assumptions.drivers.at[driver, "formula"]
    months = range(len(plan.months))
    caused = work.amounts[driver] if not formula else [amount(formula, names, work, m) for m in months]
    return [workload.duty_hours(cell, work.minutes[duty]) for cell in caused]


def _close(works: Page, page: Page, plan: Plan, names: CellNames, work: WorkRows, team: TeamRows) -> None:
    """Fill in the lines that follow from heads: their causes, the hours of the loop's duties, and those staffed."""
    months, drivers = range(len(team.paid)), plan.inputs.assumptions.drivers
    people = people_drivers(plan)
    for driver in (driver for driver in drivers.index if driver in people):
        known = work.amounts.get(driver) or [amount(drivers.at[driver, "formula"], names, work, m) for m in months]
        row = [page.word(driver), "", page.said(drivers.at[driver, "unit"])]
        work.amounts[driver] = works.line(row, known, "hours", at=work.rows[driver])
    for duty in work.loop:
        driver, worn_by, post = (work.duties[duty][name] for name in ("driver", "worn_by", "post"))
        hours = [workload.duty_hours(a, work.minutes[duty]) for a in work.amounts[driver]]
        row = [page.word(duty), page.word(worn_by), page.word(driver)]
        work.hours[duty] = works.line(row, hours, "hours", at=work.rows[duty])
        row = [page.word(duty), page.word(worn_by), page.word(post)]
        team.staffed[duty] = page.line(row, work.hours[duty], "hours", at=work.rows[f"staffed {duty}"])
    every = [total(cells[m] for cells in work.hours.values()) for m in months]
    works.line([page.word("total")], every, "sum")


def _roles(page: Page, plan: Plan, names: CellNames, work: WorkRows, team: TeamRows) -> None:
    """FTE, seats, heads, those who start, and paid hours of temps, by role."""
    months, roles = range(len(team.paid)), plan.results.roles
    page.row += 1
    page.block(page.word("wb_team"), page.word("wb_team_about"))
    team.fte = _fte_of_roles(plan, names, work, team, roles, {}, page)
    team.fte_sum = page.line([page.word("total")], _sums(team.fte, months), "sum", adds_up=False)
    for role in roles:
        _, team.heads[role] = _seats(page, role, team.fte[role], team)
    team.heads_sum = page.line([page.word("wb_heads_all")], _sums(team.heads, months), "heads_sum", adds_up=False)
    page.row += 1
    page.block(page.word("hires"), page.word("wb_hires_about"))
    in_place = names["team_in_place"]
    for role in roles:
        heads = team.heads[role]
        first = where(in_place.text, plan.scenario.team_in_place, 0.0, heads[0])
        joiners = [first, *(now - before for before, now in pairwise(heads))]
        if role == "owner":
            hires: Sequence[Cell] = [0.0 for _ in months]
        else:
            hires = [new + h * _attrition(plan, names, role) for new, h in zip(joiners, heads, strict=True)]
        team.hires[role] = page.line([page.word(role), page.word("hires"), page.word("heads")], hires, "fte")
    page.row += 1
    page.block(page.word("temp_hours"), page.word("wb_temps_about"))
    for role in roles:
        mine = [duty for duty in work.of(role) if duty in team.temps]
        if mine:
            hours = [
                total(
                    team.temps[d][m] / names["service_occupancy_max"]
                    if work.duties[d]["method"] == "queue"
                    else team.temps[d][m]
                    for d in mine
                )
                / names["temp_productivity"]
                for m in months
            ]
            team.temp_hours[role] = page.line([page.word(role), page.word("temp_hours")], hours, "hours")


def _sums(cells: dict[str, Months], months: range) -> Months:
    return [total(line[m] for line in cells.values()) for m in months]
