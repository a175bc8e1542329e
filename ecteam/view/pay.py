"""Pay for people: post cards to print, pay by results, what a head costs, payslips, severance.

A post card fills one sheet of A4; it has no script and asks nobody for anything.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from math import isinf
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from pandas.io.formats.style import Styler

from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import (
    LANGUAGES,
    Language,
    Name,
    Note,
    label,
    language,
    money,
    month_in_words,
    number,
    phrase,
    text,
    using,
)
from ecteam.pay import payslip as payslip_pay
from ecteam.pay.payslip import Payslip
from ecteam.pay.post_card import PostCard
from ecteam.pay.severance import severance_figures
from ecteam.pay.variable_pay import LEVELS, payout_share
from ecteam.plan.plan import Plan
from ecteam.plan.post_cards import pay_per_head, payroll_at_targets, post_cards
from ecteam.plan.privacy import few_are_paid, joined_roles
from ecteam.view.picture import chart, columns, names_beside, names_left, note
from ecteam.view.table import CODES, Column, Html, columns_of, filled, plain, table, with_unit

TEMPLATES = Path(__file__).with_name("template")


def card(post: PostCard, shop: str = "", own_pay_per_month: float | None = None) -> Html:
    """One post card as a section that fills a printed page: duties, KPIs, authority, pay, grades.

    `own_pay_per_month` is what the plan pays; None leaves it out and shows the band of the pay table only.
    """
    lang, figures = language(), ("low", "typical", "high")
    kpis = [
        (
            row[lang],
            _figure(row, "≥ " if row["direction"] == "up" else "≤ "),
            _between(row["low"], row["high"], row["unit"]),
            f"{row['weight']:.0%}",
            row["data_source" if lang == "en" else "data_source_zh"],
        )
        for row in post.kpis.to_dict("records")
    ]
    authority = [
        (row[lang], label("no_limit") if isinf(row["typical"]) else _figure(row))
        for row in post.authority.to_dict("records")
    ]
    bands = [
        (label(f"card_{row['part']}"), *(f"{row[of]:,.0f}" for of in figures)) for row in post.pay.to_dict("records")
    ]
    ladder = [
        (
            f"{row['grade']} {row[lang]}",
            *(_between(round(row[f"{p}_low"]), round(row[f"{p}_high"])) for p in ("pay", "fixed", "variable")),
            row["months_at_least"] or "–",
            row[f"criterion_{lang}"],
        )
        for row in post.ladder.to_dict("records")
    ]
    place = next((row[lang] for row in PLACES.values() if row["place"] == post.place), post.place)
    return filled(
        TEMPLATES / "post_card.html.j2",
        code=CODES[lang],
        post=post,
        name=getattr(post, lang),
        where=[part for part in (phrase(shop), label(post.department), place) if part],
        duties=post.duties[lang].tolist(),
        kpis=kpis,
        authority=authority,
        bands=bands,
        own_pay=own_pay_per_month and money(number(own_pay_per_month), post.currency),
        levels=[f"{level:.0%}" for level in LEVELS],
        payout=[f"{share:.0%}" for share in payout_share(LEVELS, threshold=post.threshold, cap=post.cap)],
        ladder=ladder,
    )


def card_to_look_at(post: PostCard, shop: str = "") -> Html:
    """A post card with its own look, for a notebook."""
    return Html(f"<style>{(TEMPLATES / 'post_card.css').read_text('utf-8')}</style>{card(post, shop)}")


def booklet(plan: Plan, languages: Sequence[Language] = LANGUAGES, show_pay: bool = False) -> str:
    """The cards of all posts of a plan as one HTML page that prints one card a sheet, first language first.

    Bands of the pay table are on the cards; what this plan pays a head is there only with `show_pay`.
    """
    posts, own, shop, cards = post_cards(plan), pay_per_head(plan), plan.scenario.name, []
    for lang in languages:
        with using(lang):
            cards += [card(post, shop, float(own[post.role]) if show_pay else None) for post in posts]
    contents = [(f"{post.role}-{lang}", getattr(post, lang)) for lang in languages for post in posts]
    with using(languages[0]):
        title = text("name_and_value", name=label("card_contents"), value=phrase(shop))
    page, code = TEMPLATES / "post_cards.html.j2", CODES[languages[0]]
    return filled(page, code=code, title=title, contents=contents, cards=cards)


def _figure(row: Mapping[str, Any], sign: str = "") -> str:
    """A figure with its unit: "5 % of sales", 占销售额 5 %, "12 hours"; `sign` stands before the number."""
    value, unit, zh = row["typical"], row["unit"], row["unit_zh"]
    if not unit.startswith("share "):
        return f"{sign}{number(value)} {unit if language() == 'en' else zh}"
    share = f"{sign}{_percent(value)}"
    return f"{share} {unit.removeprefix('share ')}" if language() == "en" else f"{zh} {share}"


def _percent(share: float) -> str:
    return f"{number(round(share * 100, 6))} %"


def _between(low: float, high: float, unit: str = "") -> str:
    shown = _percent if unit.startswith("share ") else number
    return shown(high) if low == high else f"{shown(low).removesuffix(' %')} – {shown(high)}"


MARKS = (("o", "C5", 90), ("v", "C1", 34), ("D", "0.3", 30), ("^", "C2", 34))
MOST_ROLES = 14
"""More roles than this have no room on the chart; those that move most are drawn."""


def _level_cost(plan: Plan, show_pay: bool) -> tuple[pd.Series, str]:
    """Payroll with contributions of the whole team at each share of the target, and its unit."""
    cost = payroll_at_targets(plan).groupby("attainment", sort=False)["employer_cost"].sum()
    if show_pay or not few_are_paid(plan.team) or not cost.get(1.0):
        return cost, plan.scenario.currency
    return cost / cost[1.0] * 100, "%"


@chart
def payroll_by_level(plan: Plan, show_pay: bool = True, *, ax: Axes) -> None:
    """Payroll with contributions of the plan's last month when everybody reaches 60, 80, 100 or 120 % of the target.

    Without `show_pay` the payroll of few heads stands as percent of that on target.
    """
    cost, unit = _level_cost(plan, show_pay)
    names, place = [f"{level:.0%}" for level in cost.index], np.arange(len(cost))
    columns(ax, place, cost, width=0.6, color=["C0" if level == 1 else "C4" for level in cost.index])
    base = cost.get(1.0, 0.0)
    for x, v in zip(place, cost, strict=True):
        change = f"\n{v / base - 1:+.1%}" if v != base and base else ""
        note(ax, x, v, number(v) + change, dy=2, ha="center", va="bottom")
    ax.set_xticks(place, names)
    ax.set(xlim=(-0.6, max(len(place), 1) - 0.4), ylim=(0, 1.22 * max(cost.max(), 1) if len(cost) else 1))
    if base:
        fall, rise = 1 - cost.iloc[0] / base, cost.iloc[-1] / base - 1
        ax.set_title(text("payroll_moves", low=names[0], high=names[-1], fall=fall, rise=rise))
    else:
        ax.set_title(text("nobody_is_paid"))
    ax.set_ylabel(with_unit(label("payroll_cost"), f"\n{with_unit(phrase(unit), month_in_words(plan.months[-1]))}"))
    ax.set_xlabel(label("attainment_level"))


@chart
def who_gains(plan: Plan, *, ax: Axes) -> None:
    """By role, a head's pay at 60, 80 and 120 % of the target, over its pay on target."""
    share = gains(payroll_at_targets(plan))
    ax.set_xlabel(label("gain_over_target"))
    if share.empty:
        ax.set_title(text("nobody_is_paid"))
        return
    first, last = share.columns[0], share.columns[-1]
    spread = (share[last] - share[first]).sort_values(kind="stable")
    share = share.loc[spread.index[-MOST_ROLES:]]
    position = range(len(share))
    ax.hlines(position, share[first], share[last], color="0.75", linewidth=2.5, zorder=1)
    for level, (marker, colour, size) in zip(share.columns, MARKS, strict=False):
        # The first is a ring: where nothing is paid yet at 80 %, both stand at the same place.
        face = "none" if level == first else colour
        ax.scatter(share[level], position, size, face, marker=marker, edgecolors=colour, zorder=2)
    names_left(ax, position, [label(str(role)) for role in share.index])
    most = label(str(share.index[-1]))
    low, high = share.iloc[-1][first], share.iloc[-1][last]
    ax.set_title(text("most_at_stake", role=most, low=low, high=high))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:+.0%}" if v else "0%")
    ax.set_ylim(-0.6, len(share) + 0.5)
    _levels_above(ax, share.iloc[-1], len(share) - 1)


def _levels_above(ax: Axes, of_top_role: pd.Series, row: int) -> None:
    """What each mark stands for, over the marks of the topmost role; marks at one place share their words."""
    places: dict[float, list[tuple[str, str]]] = {}
    for (level, at), (_, colour, _) in zip(of_top_role.items(), MARKS, strict=False):
        places.setdefault(round(float(at), 3), []).append((f"{level:.0%}", colour))
    for at, found in places.items():
        colour = found[0][1] if found[0][1].startswith("C") else "0.3"
        note(ax, at, row, ", ".join(words for words, _ in found), dy=9, color=colour, ha="center", va="bottom")


def gains(payroll: pd.DataFrame) -> pd.DataFrame:
    """What a head of each role gains over its pay on target, one column a level; roles without heads are left out."""
    filled = payroll[payroll["heads"] > 0]
    return filled.pivot_table(index="role", columns="attainment", values="gain_share", sort=False)


def payroll_table(plan: Plan, show_pay: bool = True) -> Html:
    """The numbers of both charts: payroll by level, then by role the heads and the pay of a head at each level.

    Without `show_pay` pay stands as a share of the pay on target only.
    """
    payroll, currency = payroll_at_targets(plan), plan.scenario.currency
    cost, of_sums = _level_cost(plan, show_pay)
    base = cost.get(1.0, 0.0)
    change = [f"{v / base - 1:+.1%}" if base else "–" for v in cost]
    sums = table(cost.rename("cost").reset_index().assign(change=change), "pay.payroll", unit=of_sums)
    levels = [f"{level:.0%}" for level in LEVELS]
    rows = []
    for role, of_role in payroll[payroll["heads"] > 0].groupby("role", sort=False):
        pay = of_role["pay_per_head"] if show_pay else 1 + of_role["gain_share"]
        shown = [number(v) if show_pay else f"{v:.0%}" for v in pay]
        rows.append((label(str(role)), f"{of_role['heads'].iloc[0]:.0f}", *shown))
    unit = currency if show_pay else ""
    columns = [label("role"), label("heads"), *(with_unit(text("pay_at_level", level=one), unit) for one in levels)]
    return Html(sums.to_html() + plain(pd.DataFrame(rows, columns=columns), right=columns[1:]).to_html())


FLAT_SHARE = 0.35
"""What the rule of thumb "salary times 1.35" takes contributions for."""


def cost_of_a_head(plan: Plan, role: str) -> pd.Series:
    """What a full-time head of a role costs in the mean month, by item, in the plan's currency: steps of a chart."""
    mine = plan.cost[plan.cost["role"] == role]
    full_time = plan.team.loc[plan.team["role"] == role, "employed_fte"].sum()
    return mine.groupby("item", sort=False)["amount"].sum() / full_time


@chart
def from_salary_to_full_cost(plan: Plan, role: str, *, ax: Axes) -> None:
    """The waterfall of one head of a role: pay first, then what comes on top of it, to the full cost."""
    steps, currency = cost_of_a_head(plan, role), plan.scenario.currency
    steps = steps[steps > 0]
    top = steps.cumsum().to_numpy()
    names = [label(str(item)) for item in steps.index]
    place, names = np.arange(len(steps) + 1), [*names, text("full_cost")]
    colours = ["C0", *["C4"] * (len(steps) - 1), "C0"]
    columns(ax, place, [*steps, top[-1]], [*(top - steps.to_numpy()), 0], width=0.7, color=colours, lying=True)
    for y, (end, step) in enumerate(zip([*top, top[-1]], [*steps, top[-1]], strict=True)):
        note(ax, end, y, number(step), dx=4)
    names_left(ax, place, names)
    ax.set(ylim=(len(place) - 0.4, -0.6), xlim=(0, 1.12 * top[-1]))
    times = top[-1] / steps.iloc[0]
    ax.set_title(text("head_costs_times", role=label(role), times=times))
    ax.set_xlabel(text("a_head_and_month", currency=currency))


@chart
def burden_by_city(gross_per_month: np.ndarray, on: date, currency: str = "CNY", *, ax: Axes) -> None:
    """Employer contributions over salary, along the salary, for every place of a currency: floors and caps bend it."""
    ends: dict[str, np.ndarray] = {}
    for city, place in PLACES.items():
        if place["currency"] == currency:
            last = payslip_pay.known_range(place["place"])[1]
            month = min(on, last) if last else on
            share = payslip_pay.employer_extra(gross_per_month, place["place"], month) / gross_per_month
            # Colours come again in grey print: every second city is dashed.
            line = "-" if len(ends) % 2 == 0 else "--"
            ax.plot(gross_per_month, share, linewidth=1.5, linestyle=line, color=f"C{len(ends) % 8}")
            ends[city] = share
    flat = text("flat_times", times=1 + FLAT_SHARE)
    ax.axhline(FLAT_SHARE, color="0.2", linewidth=1, linestyle=":")
    every = np.array(list(ends.values()))
    low, high = every.min(), every.max()
    ax.set(title=text("burden_title", low=low, high=high), ylabel=text("burden_up"))
    ax.set_xlabel(text("burden_along", currency=currency, month=f"{on:%Y-%m}"))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.set(ylim=(0, 1.06 * max(high, FLAT_SHARE)), xlim=(gross_per_month[0], gross_per_month[-1]))
    names = [(float(share[-1]), PLACES[city][language()], f"C{i % 8}") for i, (city, share) in enumerate(ends.items())]
    names_beside(ax, [*names, (FLAT_SHARE, flat, "#4D4D4D")])


def head(plan: Plan, role: str) -> Styler:
    """What one head of a role costs in the mean month, item by item, with the total."""
    items = cost_of_a_head(plan, role)
    columns = [label("cost_item"), with_unit(label("a_head_a_month"), plan.scenario.currency)]
    rows = [(label(str(item)), number(amount)) for item, amount in items.items()]
    rows.append((label("total"), number(items.sum())))
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)


def payslip(slip: Payslip) -> Styler:
    """A payslip to the cent: gross, what is taken off, net, and what the employer pays in all."""
    keys = ("gross", "employee_contributions", "income_tax", "net", "employer_extra", "employer_cost")
    columns = [label("pay_item"), with_unit(label("amount"), slip.currency)]
    rows = [(label(f"slip_{key}"), f"{getattr(slip, key):,.2f}") for key in keys]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:])


SERVICE_YEARS = (1, 3, 10, 20)
"""Years of service for which severance is shown."""


def _dearest_and_median(plan: Plan, show_pay: bool) -> pd.Series:
    """Gross pay a month of the best paid employed role and of the median one; all hidden pay left out."""
    together = joined_roles(plan.team)
    pay = pay_per_head(plan).sort_values(kind="stable")
    pay = pay[[role in together and role != "owner" and (show_pay or together[role] == role) for role in pay.index]]
    return pay.iloc[list(dict.fromkeys([len(pay) - 1, (len(pay) - 1) // 2]))] if len(pay) else pay


def bonus_cliffs(plan: Plan, show_pay: bool = True) -> Styler | Html:
    """Tax on the year-end bonus of the dearest and the median role, both ways, and the bonuses that lose to less.

    A sentence where the law knows one way only; without `show_pay` for roles of three heads or more.
    """
    place, currency = plan.scenario.place, plan.scenario.currency
    pack, day = payslip_pay.load_pack(place), plan.inputs.payroll_months[0].astype(date)
    if not pack.bonus:
        return Html(f"<p>{escape(str(Note('bonus_not_apart', place=Name(place))))}</p>")
    ranges = {"en": "; ", "zh": "；"}[language()].join(
        f"{start:,.0f} – {end:,.2f}" for start, end in payslip_pay.bonus_cliffs(place, day)
    )
    month = month_in_words(pd.Period(day, "M"))
    caption = str(Note("bonus_cliffs", month=month, currency=currency, ranges=ranges))
    pay = _dearest_and_median(plan, show_pay)
    if pay.empty:
        return Html(f"<p>{escape(caption)} {escape(str(Note('pay_of_few_not_shown')))}</p>")
    more_months = float(plan.values["pay_months_per_year"]) - MONTHS_PER_YEAR
    choices = [payslip_pay.bonus_choice(gross * more_months, gross, place, day) for gross in pay]
    return table(
        pd.DataFrame(choices).assign(role=pay.index),
        "pay.bonus",
        unit=currency,
        bonus_less_tax=lambda row: "no_tax_difference" if row.tax_separate == row.tax_merged else row.better,
        caption=caption,
    )


def severance(plan: Plan, show_pay: bool = True) -> Styler | Html:
    """What it costs to end an employment of the dearest and the median role, by years of service and kind of ending.

    Without `show_pay` for roles of three heads or more.
    """
    place, currency = plan.scenario.place, plan.scenario.currency
    month = plan.inputs.payroll_months[0]
    day, rule = month.astype(date), payslip_pay.load_pack(place).severance
    assert rule is not None
    pay = _dearest_and_median(plan, show_pay)
    if pay.empty:
        return Html(f"<p>{escape(str(Note('pay_of_few_not_shown')))}</p>")
    average = pay * float(plan.values["pay_months_per_year"]) / MONTHS_PER_YEAR
    rows = [
        {"role": role, "years": years}
        | {
            ending: payslip_pay.severance(
                average[role], place, day, years, ending=ending, last_gross_per_month=gross
            ).amount
            for ending in rule.endings
        }
        for role, gross in pay.items()
        for years in SERVICE_YEARS
    ]
    limits = {key: float(value) for key, value in severance_figures(place, month).items()}
    words = {"month": month_in_words(pd.Period(day, "M")), "currency": currency, "cap": limits["cap"]}
    if isinf(limits["most_if_capped"]):
        caption = Note("severance_limited", **words, least=limits["least"], most=limits["most"])
    else:
        caption = Note("severance_capped", **words, years=limits["most_if_capped"])
    frame = pd.DataFrame(rows)
    endings = [Column(f"severance_{name}", f"ending_{i}", "number", currency) for i, name in enumerate(rule.endings)]
    frame.columns = ["role", "years", *(ending.of for ending in endings)]
    return table(frame, [*columns_of("pay.severance").values(), *endings], caption=str(caption))


def payout(reached: float, paid: float, variable_share: float) -> Html:
    """What a share of the target pays: of the variable part, and of all pay."""
    all_pay = 1 - variable_share * (1 - paid)
    said = text("payout_title", reached=reached, paid=paid, all_pay=all_pay)
    return Html(f"<p>{escape(said)}</p>")
