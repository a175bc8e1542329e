"""The sheet of the cost: every item by role and month as a formula, and their totals.

Without pay shown, roles of few heads stand together as in `privacy.py`, and what follows from pay is the mean of three
heads or more: the cells hold nothing but what `cost.csv` and `team.csv` say already.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.pay import loaded_cost
from ecteam.plan.plan import Plan
from ecteam.plan.privacy import JOIN, PEOPLE, cost_shown, joined_roles
from ecteam.publish.workbook.formulas import total, whole
from ecteam.publish.workbook.inputs import CellNames
from ecteam.publish.workbook.pay import HeadCost
from ecteam.publish.workbook.sheet import Page
from ecteam.publish.workbook.team import TeamRows
from ecteam.publish.workbook.work import Months, WorkRows

OWNER = "owner"


@dataclass
class Costs:
    """Item -> its total in each month; what is paid in all; the roles whose pay is in no cell."""

    items: dict[str, Months] = field(default_factory=dict)
    paid: Months = field(default_factory=list)
    unpriced: list[str] = field(default_factory=list)


def write_cost(
    page: Page, plan: Plan, names: CellNames, work: WorkRows, team: TeamRows, heads: Mapping[str, HeadCost] | None
) -> Costs:
    """Every item of the loaded cost, its total by month on top; `heads` what a head costs, None without pay shown."""
    items = (*loaded_cost.ROLE_ITEMS, *(item for item in loaded_cost.SHOP_ITEMS if item in plan.results.items))
    page.title(page.word("wb_cost"), page.word("wb_cost_about").format(currency=plan.scenario.currency))
    page.month_heads(page.word("wb_what"), page.word("wb_figure"))
    top, page.row = page.row, page.row + len(items) + 5
    costs = Costs()
    blocks = _own(page.word, plan, names, team, heads) if heads else _joined(page, plan, names, team, costs)
    for item in items:
        if item in blocks:
            page.block(page.word(item))
            lines = [page.line([who], cells, "money") for who, cells in blocks[item]]
            costs.items[item] = [total(line[m] for line in lines) for m in range(len(team.paid))]
            page.row += 1
    if PEOPLE in blocks:
        page.block(page.word(PEOPLE))
        lines = [page.line([who], cells, "money") for who, cells in blocks[PEOPLE]]
        costs.items = {PEOPLE: [total(line[m] for line in lines) for m in range(len(team.paid))]} | costs.items
    shop = {item: cells for item, cells in _shop(plan, names, work, team).items() if item in items}
    costs.items |= shop
    page.row = top
    for item, cells in costs.items.items():
        if item not in loaded_cost.CASH_FREE_ITEMS:
            costs.items[item] = page.line([page.word(item)], cells, "money")
    paid = [
        [c[m] for i, c in costs.items.items() if i not in loaded_cost.CASH_FREE_ITEMS] for m in range(len(team.paid))
    ]
    costs.paid = page.line([page.word("wb_paid")], [total(cells) for cells in paid], "sum")
    page.row += 1
    for item in loaded_cost.CASH_FREE_ITEMS:
        costs.items[item] = page.line([page.word(item), page.word("wb_no_payment")], costs.items[item], "money")
    return costs


def _each(cells: Months, prices: Months) -> Months:
    return [cell * price for cell, price in zip(cells, prices, strict=True)]


def _shared(plan: Plan, names: CellNames, team: TeamRows, role: str) -> dict[str, Months]:
    """The items of a role that do not follow from anybody's pay."""
    heads, hires = team.heads[role], team.hires[role]
    keys = {column: plan.assumptions.role_columns[column][role] for column in ("hire_cost", "equipment", "temp_pay")}
    found = {
        "equipment": [h * names[keys["equipment"]] / names["equipment_life_months"] for h in heads],
        "seat": [h * names["seat_cost"] for h in heads],
        "software": [h * names["software_cost"] for h in heads],
    }
    if role != OWNER:
        found["recruiting"] = [h * names[keys["hire_cost"]] for h in hires]
        found["welfare"] = [h * names["welfare_cost"] for h in heads]
    if role in team.temp_hours:
        price = names[keys["temp_pay"]] * (1 + names["temp_agency_share"])
        found["temps"] = [h * price for h in team.temp_hours[role]]
    return found


def _own(
    word: Callable[[str], str], plan: Plan, names: CellNames, team: TeamRows, heads: Mapping[str, HeadCost]
) -> dict[str, list[tuple[str, Months]]]:
    """Item -> (role, its cost by month), each role by itself."""
    blocks: dict[str, list[tuple[str, Months]]] = {}
    for role in plan.results.roles:
        one, there, hires = heads[role], team.heads[role], team.hires[role]
        items = _shared(plan, names, team, role)
        if role == OWNER:
            items["owner_time"] = [h * one.gross for h in there]
        else:
            items["pay"] = [h * one.gross for h in there]
            items["year_end_pay"] = [h * one.year_end for h in there]
            items["contributions"] = _each(there, one.contributions)
            items["severance_reserve"] = _each(there, one.reserve)
            items["learning"] = [
                h * (one.gross + one.year_end + c) * one.lost for h, c in zip(hires, one.contributions, strict=True)
            ]
            items["overhead"] = [
                h * (one.gross + one.year_end + c) * names["overhead_share"]
                for h, c in zip(there, one.contributions, strict=True)
            ]
        for item, cells in items.items():
            blocks.setdefault(item, []).append((word(role), cells))
    return blocks


def _joined(
    page: Page, plan: Plan, names: CellNames, team: TeamRows, costs: Costs
) -> dict[str, list[tuple[str, Months]]]:
    """The same with small roles joined: what follows from pay is heads times a mean that stands in a blue cell."""
    together = joined_roles(plan.team)
    costs.unpriced = [role for role in plan.results.roles if role not in together]
    shown = cost_shown(plan.cost, plan.team).pivot_table(
        index=["role", "item"], columns="month", values="amount", aggfunc="sum", sort=False
    )
    shown = shown.reindex(columns=plan.months).fillna(0.0)
    page.block(page.word("wb_means"), page.word("wb_means_about"))
    blocks: dict[str, list[tuple[str, Months]]] = {}
    for group in [*dict.fromkeys(together.values()), *costs.unpriced]:
        roles = group.split(JOIN)
        who = " + ".join(page.word(role) for role in roles)
        items = [_shared(plan, names, team, role) for role in roles]
        for item in dict.fromkeys(item for of_role in items for item in of_role):
            lines = [of_role[item] for of_role in items if item in of_role]
            blocks.setdefault(item, []).append((who, [total(cells) for cells in zip(*lines, strict=True)]))
        heads = [total(team.heads[role][m] for role in roles) for m in range(len(team.paid))]
        hires = [total(team.hires[role][m] for role in roles) for m in range(len(team.paid))]
        found: dict[str, Months] = {}
        for item in ("owner_time", "pay", "contributions", "severance_reserve", "learning", PEOPLE):
            if (group, item) in shown.index:
                per = hires if item == "learning" else heads
                means = _means(shown.loc[(group, item)].tolist(), [cell.value for cell in per], JOIN in group)
                row = [who, page.word("wb_per_hire" if item == "learning" else "wb_per_head"), page.word(item)]
                cells = page.line(row, means, "solved", adds_up=False)
                page.write(page.row - 1, 0, who, "wrapped")
                found[item] = _each(per, cells)
        if "pay" in found:
            more = (names["pay_months_per_year"] - MONTHS_PER_YEAR) / MONTHS_PER_YEAR
            found["year_end_pay"] = [pay * more for pay in found["pay"]]
            parts = [found[item] for item in ("pay", "year_end_pay", "contributions") if item in found]
            found["overhead"] = [total(cells) * names["overhead_share"] for cells in zip(*parts, strict=True)]
        for item, cells in found.items():
            blocks.setdefault(item, []).append((who, cells))
    page.row += 1
    return blocks


def _means(amounts: Sequence[float], per: Sequence[float], joined: bool) -> list[float]:
    """What one head or hire costs in each month; the mean of the plan where roles are joined and their heads change."""
    whole_plan = sum(amounts) / sum(per) if sum(per) else 0.0
    if joined and max(per) > min(per):
        return [whole_plan for _ in per]
    return [amount / n if n else whole_plan for amount, n in zip(amounts, per, strict=True)]


def _shop(plan: Plan, names: CellNames, work: WorkRows, team: TeamRows) -> dict[str, Months]:
    """Items of the shop as a whole."""
    months = range(len(team.paid))
    found: dict[str, Months] = {"shop_system": [names["shop_system_cost"] + 0.0 for _ in months]}
    if not plan.scenario.self_shipping:
        found["logistics_company"] = [
            loaded_cost.logistics_company(
                work.amounts["orders"][m],
                names["lines_per_order"],
                names["logistics_fee_per_order"],
                names["logistics_fee_per_extra_line"],
            )
            for m in months
        ]
    if plan.scenario.outsourced_service_share:
        a_seat = names["hours_per_day"] * names["working_days_per_month"] * names["service_occupancy_max"]
        found["outsourcing"] = [
            whole(work.amounts["outsourced_hours"][m] / a_seat) * names["outsourced_seat_cost"] for m in months
        ]
    return found
