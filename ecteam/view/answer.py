"""The main part of a report, four pages: the answer, what to do on Monday, whether it is a good team, what if.

Days are counted from the first month of the plan, never from today: the same plan makes the same pages on any day.
"""

from collections.abc import Iterable, Sequence
from datetime import date as Date
from datetime import timedelta
from html import escape
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.analysis.options import Decision
from ecteam.analysis.reality import nearest_published
from ecteam.analysis.stages import fte_by_post, read_stages, stage_of
from ecteam.analysis.uncertainty import Uncertainty
from ecteam.analysis.what_if import at_times_orders
from ecteam.inputs.arguments import ROUNDING
from ecteam.inputs.assumptions import names_in
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.words import label, language, listed, month_in_words, number, person, phrase, rough, text
from ecteam.plan.organisation import Organisation
from ecteam.plan.plan import Plan
from ecteam.view import team
from ecteam.view.decisions import flips_in_words, tips_in_words
from ecteam.view.table import Html, on_phones, part, small, table

MOST_ACTIONS = 7
"""More than these nobody begins in a week."""


def answer(plan: Plan, sure: Uncertainty, ranked: pd.DataFrame, system: Decision) -> Html:
    """The first page: team and cost, how sure they are, how they compare with published teams, what they rest on.

    `ranked` : the assumptions by their influence, as `influence` gives them; `system` : the decision `shop_system`
    """
    kinds = ranked["kind"].eq("sourced")
    rests = text("rests_on", n=len(ranked), sourced=int(kinds.sum()), assumed=int((~kinds).sum()))
    history = text("rests_on_history" if plan.scenario.history else "no_history_note")
    moves = [text("moves_most", name=getattr(row, language())) for row in ranked.head(1).itertuples()]
    parts = [
        part(label("summary_sure"), _certainty(plan, sure)),
        part(label("summary_published"), map(escape, _beside_published(plan))),
        part(label("summary_rests"), map(escape, [rests, history, *moves])),
        part(label("summary_stage"), map(escape, _stage(plan, system))),
    ]
    return Html(
        f"<section class='summary'>{team.headline(plan)}<div class='parts'>{''.join(parts)}</div>"
        f"{team.notes(plan)}</section>"
    )


def _certainty(plan: Plan, sure: Uncertainty) -> list[str]:
    of, chance = sure.totals.set_index("figure"), sure.chance.set_index("name")["chance"]["every_duty"]
    heads, cost = of.loc["heads_last_month"], of.loc["cost_per_month"]
    low, high, worst = (rough(cost[at]) for at in ("p10", "p90", "plan"))
    return [
        text("sure_heads", low=rough(heads["p10"]), high=rough(heads["p90"]), plan=number(heads["plan"])),
        text("sure_cost", low=low, high=high, plan=worst, currency=plan.scenario.currency),
        text("sure_chance", above=cost["share_above_plan"], enough=chance),
    ]


def _beside_published(plan: Plan) -> list[str]:
    """Heads for a hundred orders a day: the plan's, and those of the published teams nearest in size."""
    orders, heads = float(plan.days["orders"].mean()), float(plan.results.heads[:, 0].sum(axis=0).mean())
    lines = [text("published_own", orders=number(orders), each=number(100 * heads / orders))] if orders else []
    for row in nearest_published(orders).itertuples():
        people = number(row.low) if row.low == row.high else f"{number(row.low)}–{number(row.high)}"
        each = number(50 * (row.low + row.high) / row.orders_per_day)
        words = {"orders": number(row.orders_per_day), "people": people, "each": each}
        lines.append(text("published_beside", name=getattr(row, language()), **words))
    return lines


def _stage(plan: Plan, system: Decision) -> list[str]:
    now, currency = stage_of(plan), system.currency
    asks = text("stage_asks") + text("asks." + now.chosen)
    lines = [text("stage_and_evidence", chosen=label(now.chosen), says=label(now.says)), asks]
    lines += [text("next_post", post=label(now.next_post))] if now.next_post else []
    of_business = plan.people["duty"].map(plan.inputs.duties["customers"]) == "business"
    business = plan.people.loc[of_business, "hours"].sum() / len(plan.months)
    bought = plan.values["shop_system_cost"], system.now.set_index("option").loc["own_technology", "cost"]
    a_year = [rough(MONTHS_PER_YEAR * float(cost)) for cost in bought]
    lines.append(text("b2b_is", hours=number(business)) if business else text("b2c_only"))
    return [*lines, text("saas_is", bought=a_year[0], own=a_year[1], currency=currency)]


def monday(plan: Plan, sure: Uncertainty, decisions: Sequence[Decision]) -> Styler:
    """What to do first, at most seven actions: by when, what, who, what it costs and what it saves.

    New posts of the first three months with any, the decisions that save most, deputies, and figures to measure. A hire
    whose advertisement was due before the plan begins is for now, with the weeks that it is late.
    """
    first = _monday(plan.months[0])
    payer = _owner_of(plan, ["approve_payments"])
    rows: list[tuple[Any, ...]] = [(first, *row) for row in _changes(plan, decisions, payer)[:2]] + [
        (first, *row) for row in _deputies(plan)
    ]
    rows += _hires(plan, first)
    rows += [(first, *row) for row in _measures(plan, sure, payer)]
    shown = sorted(rows[:MOST_ACTIONS], key=lambda row: row[0])
    frame = pd.DataFrame(shown, columns=["date", "action", "who", "costs", "saves"])
    return on_phones(table(frame, "answer.monday"), "stacked actions")


def _monday(month: pd.Period) -> Date:
    start = month.start_time.date()
    return start + timedelta(days=-start.weekday() % 7)


def _owner_of(plan: Plan, duties: Iterable[str]) -> str:
    """Who answers for the first of some duties that anybody answers for; else who leads the shop."""
    here = plan.organised()
    owned = here.people[here.people["accountable"]].drop_duplicates("duty").set_index("duty")["person"]
    return person(next((owned[duty] for duty in duties if duty in owned), here.tree["person"].iloc[0]))


def _changes(plan: Plan, decisions: Sequence[Decision], payer: str) -> list[tuple[str, ...]]:
    """The decisions in which another option is cheaper than the present way, the largest saving first."""
    found = []
    for one in decisions:
        now = one.now.set_index("option")
        if (saved := float(now.loc[one.present, "more_than_best"])) > 0:
            best, present = label(one.best), label(one.present)
            what = text("monday_change", name=label(one.name), best=small(best), present=small(present))
            cost, more = (_a_month(amount, one.currency) for amount in (now.loc[one.best, "cost"], saved))
            found.append((saved, (what, payer, cost, more)))
    return [row for _, row in sorted(found, key=lambda pair: -pair[0])]


def _a_month(amount: float, currency: str) -> str:
    return text("amount_a_month", amount=rough(float(amount)), currency=currency)


def _deputies(plan: Plan) -> list[tuple[str, ...]]:
    findings = plan.organised().findings
    alone = findings[findings["finding"].eq("no_deputy") & findings["critical"]]
    if alone.empty:
        return []
    who = listed(dict.fromkeys(person(one) for one in alone["person"]))
    what = text("monday_deputies", duties=[label(duty) for duty in alone["duty"]])
    return [(what, who, label("no_money"), text("monday_stops", n=len(alone)))]


def _hires(plan: Plan, first: Date) -> list[tuple[Any, ...]]:
    """The hires by the month in which they are advertised; all that are late or due in the first month together."""
    recruiter, currency, begins = _owner_of(plan, ["recruit_people"]), plan.scenario.currency, plan.months[0]
    due = plan.hires["advertise_by"].clip(lower=begins)
    rows = []
    for month, hires in plan.hires[plan.hires["new_posts"] > 0].groupby(due, sort=True):
        lines = []
        for hire in hires.itertuples():
            late = (begins.start_time - hire.advertise_by.start_time).days // 7
            words = {"n": hire.new_posts + hire.replacements, "role": label(hire.role), "weeks": late}
            key = "monday_late" if late > 0 else "monday_hire"
            lines.append(text(key, month=month_in_words(hire.month), **words))
        once, monthly, hours = hires[["once", "per_month", "hours"]].sum()
        cost = text("monday_hire_cost", once=rough(once), monthly=rough(monthly), currency=currency)
        what, gain = text("monday_advertise", hires=lines), text("monday_hours", hours=number(hours))
        rows.append((max(first, _monday(month)), what, recruiter, cost, gain))
    gone = plan.hires[plan.hires["replacements"] > 0].groupby("role", sort=False)[["replacements", "once"]].sum()
    if len(gone):
        leavers = [f"{label(str(role))} × {n}" for role, n in gone["replacements"].items()]
        cost = text("monday_once", once=rough(gone["once"].sum()), currency=currency)
        kept = text("monday_kept", n=int(gone["replacements"].sum()))
        rows.insert(0, (first, text("monday_replace", leavers=leavers), recruiter, cost, kept))
    return rows[:3]


def _measures(plan: Plan, sure: Uncertainty, payer: str) -> Sequence[tuple[str, ...]]:
    """The figures worth measuring: who answers for the work they are about, and how much closer the cost then is."""
    duties, formulas = plan.inputs.duties, plan.assumptions.drivers["formula"].to_dict()
    about = {duty: {row["rate"], *names_in(formulas.get(row["driver"]) or "0")} for duty, row in duties.iterrows()}
    rows = []
    for row in sure.worth_measuring.itertuples():
        mine = [duty for duty, keys in about.items() if row.key in keys]
        words = {"name": getattr(row, language()), "unit": phrase(row.unit), "how": small(label(row.measure))}
        closer = text("monday_closer", amount=rough(row.range_saved), currency=plan.scenario.currency)
        rows.append((text("monday_measure", **words), _owner_of(plan, mine) if mine else payer,
                     label("no_money"), closer))  # fmt: skip
    return rows


def decisions_table(decisions: Sequence[Decision]) -> Styler:
    """The decisions: the present way and each option with its cost a month, the difference, and what must be true."""

    def costs(one: Decision, mine: bool) -> str:
        rows = one.now[(one.now["option"] == one.present) == mine]
        return listed(f"{label(row.option)} {rough(row.cost)}" for row in rows.itertuples())

    def difference(one: Decision) -> str:
        others = one.now.set_index("option")["cost"]
        return rough(float(others.drop(one.present).min() - others[one.present]))

    def holds(one: Decision) -> str:
        flips = one.flips[one.flips["flips_at"].notna()].head(1).itertuples()
        named = [text("must_be_true", name=getattr(row, language()), at=number(row.flips_at)) for row in flips]
        stop = " " if language() == "en" else ""
        return stop.join(filter(None, [tips_in_words(one), flips_in_words(one), *named]))

    shown = table(
        pd.DataFrame({"name": [one.name for one in decisions], "it": list(decisions)}),
        "answer.decisions",
        unit=decisions[0].currency,
        present_way=lambda row: costs(row.it, True),
        other_ways=lambda row: costs(row.it, False),
        cheapest_other=lambda row: difference(row.it),
        when_it_changes=lambda row: holds(row.it),
    )
    return on_phones(shown, "stacked")


def what_if_table(plan: Plan) -> Styler | None:
    """Half and twice the orders: heads at the end and cost a month, beside the plan; None for a shop without orders."""
    level, totals = plan.inputs.orders_per_day, plan.totals
    if not level:
        return None
    own = {"orders_per_day": level, "heads": totals["heads_last_month"], "cost_per_month": totals["cost_per_month"]}
    rows = pd.concat([pd.DataFrame([{"times": 1.0, **own}]), at_times_orders(plan)]).sort_values("times")

    def times(row: Any) -> str:
        return text(f"orders_times_{row.times:g}")

    return table(rows, "answer.what_if", unit=plan.scenario.currency, if_orders=times)


def months(plan: Plan) -> Styler:
    """Month by month: orders a day, people on board, who starts, and what is paid."""
    orders = plan.days.groupby("month", sort=False)["orders"].mean()
    heads = plan.team.groupby("month", sort=False)["heads"].sum()
    paid = plan.cost.groupby("month", sort=False)["amount"].sum()
    hires = plan.hires.groupby("month")
    posts = {
        month: [f"{label(row.role)} × {row.new_posts}" for row in rows.itertuples() if row.new_posts]
        for month, rows in hires
    }
    leavers = hires["replacements"].sum().to_dict()
    frame = pd.DataFrame({"orders": orders, "heads": heads, "paid": paid}).reset_index()
    frame["starts"] = [listed(posts.get(month, ())) for month in frame["month"]]
    frame["replaced"] = [number(leavers[month]) if leavers.get(month) else "" for month in frame["month"]]
    return on_phones(table(frame, "answer.months", unit=plan.scenario.currency), "flow")


def verdicts(plan: Plan, here: Organisation) -> Styler:
    """Is it a good team? The five posts, effective, stable, four principles, three capabilities."""
    work, measures, owned = fte_by_post(plan), here.measures["value"], here.capabilities
    posts = read_stages().posts.set_index("post")["five"].eq("yes")
    five = [f"{label(post)} {work.get(post, 0.0):.1f}" for post in posts.index[posts]]
    rest = sum(fte for post, fte in work.items() if not posts.get(post, False))
    by_role = plan.team.groupby("role", sort=False)[["employed_fte", "fte", "seats", "heads"]].max()
    spare = by_role[(by_role["employed_fte"] - by_role["fte"] >= 1 - ROUNDING) & (by_role["heads"] > by_role["seats"])]
    alone, steps = here.findings[here.findings["finding"].eq("no_deputy")], len(here.checkpoints)
    layers, fewest, most = (int(measures[key]) for key in ("layers", "least_layers", "largest_span"))
    department = here.tree.set_index("person")["department"]
    unseen = [label(name) for name in department.unique() if name not in set(here.reports["giver"].map(department))]
    seen = {"of": department.nunique(), "seen": department.nunique() - len(unseen), "gaps": unseen}
    severe, by_duty = int(here.findings["severity"].eq("high").sum()), owned[["owned", "duties"]].sum()
    everything = {"owned": int(by_duty["owned"]), "of": int(by_duty["duties"])}
    capabilities = [
        text("capability_is", name=label(str(key)), owned=int(mine["owned"].sum()), of=int(mine["duties"].sum()))
        for key, mine in owned.groupby("capability", sort=False)
    ]
    lost = {"n": len(alone), "goes": len(here.bus_factor), "people": len(here.seats)}
    effective = text("effective_not", roles=[label(r) for r in spare.index]) if len(spare) else text("effective_is")
    rows = [
        ("the_five_posts", None, text("five_posts_are", posts=five, rest=rest)),
        ("effective", not len(spare), effective),
        ("stable", not len(alone), text("stable_is", **lost)),
        ("principle_1", steps > 0, text("principle_1_is", n=steps)),
        ("principle_2", layers <= fewest, text("principle_2_is", layers=layers, fewest=fewest, most=most)),
        ("principle_3", not unseen, text("principle_3_gaps" if unseen else "principle_3_is", **seen)),
        ("principle_4", not severe, text("principle_4_is", **everything, n=severe)),
        ("three_capabilities", everything["owned"] == everything["of"], listed(capabilities)),
    ]
    return table(
        pd.DataFrame(rows, columns=["asked", "holds", "because"]),
        "answer.verdicts",
        verdict=lambda row: "" if row.holds is None else label("yes" if row.holds else "no"),
    )
