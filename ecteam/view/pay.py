"""Pictures and a table of pay by results: what payroll costs at 60 to 120 % of the target, and who gains.

Post cards as pages to print: one post on one sheet of A4, in English and Chinese; no script, no outside request.

Pictures of what a head costs: from salary to full cost, and the burden on top of a salary by city.

Tables of pay: one head from pay to full cost, a payslip, and what a share of the target pays.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from math import isinf
from operator import itemgetter
from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from pandas.io.formats.style import Styler

from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import Language, Name, Note, label, language, month_in_words, number, text, using
from ecteam.pay import payslip as payslip_pay
from ecteam.pay.payslip import Payslip
from ecteam.pay.post_card import PostCard
from ecteam.pay.severance import severance_figures
from ecteam.pay.variable_pay import LEVELS, payout_share
from ecteam.plan.plan import Plan
from ecteam.plan.post_cards import pay_per_head, payroll_at_targets, post_cards
from ecteam.plan.privacy import few_are_paid, joined_roles
from ecteam.view.picture import axes_of, columns, names_beside, names_left, note
from ecteam.view.table import Column, Html, name, plain, table

LANGUAGES: tuple[Language, ...] = ("en", "zh")
NUMBER = " class=n style='text-align:right'"
COLUMNS_FROM, SMALL_FROM = 9, 22
"""So many duties are set in columns; so many more in small type."""


def card(post: PostCard, shop: str = "", own_pay_per_month: float | None = None) -> Html:
    """One post card as a section that fills a printed page: duties, KPIs, authority, pay, grades.

    `own_pay_per_month` is what the plan pays; None leaves it out and shows the band of the pay table only.
    """
    name = post.en if language() == "en" else post.zh
    where = " · ".join(filter(None, [shop, label(post.department), _place(post.place)]))
    kpis = html_table(
        [label(f"card_{key}") for key in ("kpi", "target", "range", "weight", "data_source")],
        [
            (
                getattr(row, language()),
                _figure(row.typical, row.unit, row.unit_zh, "≥ " if row.direction == "up" else "≤ "),
                _between(row.low, row.high, row.unit),
                f"{row.weight:.0%}",
                row.data_source if language() == "en" else row.data_source_zh,
            )
            for row in _rows(post.kpis)
        ],
        right=(1, 2, 3),
    )
    authority = html_table(
        [label("card_decision"), label("card_up_to")],
        [
            (
                getattr(row, language()),
                label("no_limit") if isinf(row.typical) else _figure(row.typical, row.unit, row.unit_zh),
            )
            for row in _rows(post.authority)
        ],
        right=(1,),
    )
    parts = [_section("card_duties", _duties(post.duties[language()])), _section("card_kpis", kpis)]
    # An owner draws no pay, and signs to nobody.
    owner = post.role == "owner"
    paid = "" if owner else _pay(post, own_pay_per_month)
    parts.append(f"<div class='pair'>{_section('card_authority', authority)}{paid}</div>")
    if len(post.ladder):
        parts.append(_section("card_ladder", _ladder(post)))
    signers = ("post_holder", *(() if owner else ("manager",)), "date")
    signs = "".join(f"<span>{escape(label(f'card_{who}'))}</span>" for who in signers)
    return Html(
        f"<section class='card' lang='{_code()}' id='{post.role}-{language()}'><header><h1>{escape(name)}</h1>"
        f"<p>{escape(where)}</p></header>{''.join(parts)}<footer>{signs}</footer></section>"
    )


def card_to_look_at(post: PostCard, shop: str = "") -> Html:
    """A post card with its own look, for a notebook."""
    return Html(f"<style>{CARD_STYLE}</style>{card(post, shop)}")


def booklet(plan: Plan, languages: Sequence[Language] = LANGUAGES, show_pay: bool = False) -> str:
    """The cards of all posts of a plan as one HTML page that prints one card a sheet, first language first.

    Bands of the pay table are on the cards; what this plan pays a head is there only with `show_pay`.
    """
    posts, own = post_cards(plan), pay_per_head(plan)
    shop = plan.scenario.name
    cards, contents = "", ""
    for lang in languages:
        with using(lang):
            cards += "".join(card(p, shop, float(own[p.role]) if show_pay else None) for p in posts)
        names = [(p.role, p.en if lang == "en" else p.zh) for p in posts]
        contents += "".join(f"<li><a href='#{role}-{lang}'>{escape(name)}</a></li>" for role, name in names)
    with using(languages[0]):
        title, code = f"{label('card_contents')}: {shop}", _code()
    return (
        f"<!DOCTYPE html>\n<html lang='{code}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{CARD_STYLE}{PAGE_STYLE}</style></head><body>"
        f"<nav><h2>{escape(title)}</h2><ul>{contents}</ul></nav>{cards}</body></html>\n"
    )


def _rows(table: pd.DataFrame) -> list[SimpleNamespace]:
    """The rows of a table; `itertuples` makes a class for each table, which takes longer than a few rows do."""
    columns = [table[name].tolist() for name in table]
    return [SimpleNamespace(**dict(zip(table, row, strict=True))) for row in zip(*columns, strict=True)]


def _duties(names: pd.Series) -> str:
    size = "many" if len(names) >= SMALL_FROM else "some" if len(names) >= COLUMNS_FROM else "few"
    return f"<ul class='duties {size}'>{''.join(f'<li>{escape(str(name))}</li>' for name in names)}</ul>"


def _pay(post: PostCard, own: float | None) -> str:
    rows = [
        (label(f"card_{row.part}"), *(f"{value:,.0f}" for value in (row.low, row.typical, row.high)))
        for row in _rows(post.pay)
    ]
    band = html_table(
        [f"{label('card_part')}, {post.currency}", *(label(c) for c in ("low", "typical", "high"))],
        rows,
        right=(1, 2, 3),
        total=True,
    )
    paid = payout_share(LEVELS, threshold=post.threshold, cap=post.cap)
    payout = html_table([f"{level:.0%}" for level in LEVELS], [tuple(f"{share:.0%}" for share in paid)], right=range(4))
    said = f"<p class='own'>{escape(label('card_own_pay'))}: {number(own)} {post.currency}</p>" if own else ""
    return _section("card_pay", f"{band}{said}<h3>{escape(label('card_payout'))}</h3>{payout}")


def _ladder(post: PostCard) -> str:
    columns = [
        label("card_grade"),
        *(f"{label(f'card_{part}')}, {post.currency}" for part in ("total", "fixed", "variable")),
        label("card_time"),
        label("card_criterion"),
    ]
    rows = [
        (
            f"{row.grade} {getattr(row, language())}",
            *(
                _between(round(getattr(row, f"{part}_low")), round(getattr(row, f"{part}_high")))
                for part in ("pay", "fixed", "variable")
            ),
            str(row.months_at_least or "–"),
            getattr(row, f"criterion_{language()}"),
        )
        for row in _rows(post.ladder)
    ]
    return html_table(columns, rows, right=(1, 2, 3, 4))


def _figure(value: float, unit: str, unit_zh: str, sign: str = "") -> str:
    """A figure with its unit: "5 % of sales", 占销售额 5 %, "12 hours"; `sign` stands before the number."""
    if not unit.startswith("share "):
        return f"{sign}{number(value)} {unit if language() == 'en' else unit_zh}"
    share = f"{sign}{_percent(value)}"
    return f"{share} {unit.removeprefix('share ')}" if language() == "en" else f"{unit_zh} {share}"


def _percent(share: float) -> str:
    return f"{number(round(share * 100, 6))} %"


def _between(low: float, high: float, unit: str = "") -> str:
    words = (_percent if unit.startswith("share ") else number)(high)
    return (
        words
        if low == high
        else f"{number(round(low * 100, 6)) if unit.startswith('share ') else number(low)} – {words}"
    )


def _place(place: str) -> str:
    return next((row[language()] for row in PLACES.values() if row["place"] == place), place)


def _code() -> str:
    return {"en": "en", "zh": "zh-Hans"}[language()]


def _section(key: str, inside: str) -> str:
    return f"<div class='part'><h2>{escape(label(key))}</h2>{inside}</div>"


def html_table(
    columns: Iterable[str], rows: Iterable[Sequence[str]], right: Iterable[int] = (), total: bool = False
) -> str:
    """A table of escaped text; columns of numbers to the right, the last row set off where it is a total."""
    numbers, rows = set(right), list(rows)

    def line(cells: Iterable[str], tag: str, kind: str = "") -> str:
        inside = "".join(
            f"<{tag}{NUMBER if i in numbers else ''}>{escape(str(cell))}</{tag}>" for i, cell in enumerate(cells)
        )
        return f"<tr{kind}>{inside}</tr>"

    body = "".join(line(row, "td", " class=total" if total and row is rows[-1] else "") for row in rows)
    return f"<table class='ecteam'><thead>{line(columns, 'th')}</thead><tbody>{body}</tbody></table>"


CARD_STYLE = """
.card { display: flex; flex-direction: column; box-sizing: border-box; max-width: 190mm; color: #1c2733;
  font: 10pt/1.35 "Helvetica Neue", Arial, "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
  sans-serif; }
.card header { border-bottom: 2pt solid #0072b2; margin-bottom: 2mm; }
.card h1 { font-size: 20pt; margin: 0; line-height: 1.2; }
.card header p { margin: .5mm 0 1.5mm; color: #4a5663; }
.card h2 { font-size: 10.5pt; margin: 2.5mm 0 1mm; color: #0b4a73; }
.card h3 { font-size: 8.5pt; margin: 2mm 0 .5mm; font-weight: 600; }
.card ul.duties { margin: 0; padding-left: 4mm; }
.card ul.some { columns: 2; column-gap: 6mm; }
.card ul.many { columns: 3; column-gap: 5mm; font-size: 8.5pt; line-height: 1.25; }
.card li { break-inside: avoid; }
.card table { border-collapse: collapse; width: 100%; margin: 0; font-size: 8.5pt; line-height: 1.3; }
.card th, .card td { text-align: left; vertical-align: top; padding: .7mm 2mm .7mm 0; background: none;
  border: 0; border-bottom: .4pt solid #cfd6dd; white-space: normal; }
.card th { font-weight: 600; color: #4a5663; border-bottom-color: #7d8996; }
.card td.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.card td.n + td:not(.n), .card th.n + th:not(.n) { padding-left: 2mm; }
.card .total td { font-weight: 600; }
.card .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 8mm; }
.card .own { margin: 1mm 0 0; font-weight: 600; }
.card footer { display: flex; gap: 8mm; margin-top: 9mm; }
.card footer span { flex: 1; border-top: .6pt solid #1c2733; padding-top: 1mm; font-size: 8pt; color: #4a5663; }
"""
PAGE_STYLE = """
@page { size: A4; margin: 12mm; }
body { margin: 0; font-family: Arial, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
.card { break-after: page; break-inside: avoid; max-width: none; }
.card:last-of-type { break-after: auto; }
nav { max-width: 190mm; margin: 6mm auto; padding: 0 4mm; }
nav ul { columns: 3; padding-left: 5mm; }
@media print { nav { display: none; } }
@media screen { body { background: #eef1f4; } .card { background: #fff; max-width: 190mm; margin: 6mm auto;
  padding: 10mm; box-shadow: 0 0 3mm #c5ccd3; } }
"""


NOBODY: dict[Language, str] = {"en": "Nobody is paid in this plan", "zh": "本计划无人领薪"}
MARKS = (("o", "C5", 90), ("v", "C1", 34), ("D", "0.3", 30), ("^", "C2", 34))
MOST_ROLES = 14
"""More roles than this have no room on the chart; those that move most are drawn."""


def _level_cost(plan: Plan, show_pay: bool) -> tuple[pd.Series, str]:
    """Payroll with contributions of the whole team at each share of the target, and its unit."""
    cost = payroll_at_targets(plan).groupby("attainment", sort=False)["employer_cost"].sum()
    if show_pay or not few_are_paid(plan.team) or not cost.get(1.0):
        return cost, plan.scenario.currency
    return cost / cost[1.0] * 100, "%"


def payroll_by_level(plan: Plan, show_pay: bool = True, ax: Axes | None = None) -> Axes:
    """Payroll with contributions of the plan's last month when everybody reaches 60, 80, 100 or 120 % of the target.

    Without `show_pay` the payroll of few heads stands as percent of that on target.
    """
    ax = axes_of(ax)
    cost, unit = _level_cost(plan, show_pay)
    names, place = [f"{level:.0%}" for level in cost.index], np.arange(len(cost))
    columns(ax, place, cost, width=0.6, color=["C0" if level == 1 else "C4" for level in cost.index])
    base = cost.get(1.0, 0.0)
    for x, v in zip(place, cost, strict=True):
        change = f"\n{v / base - 1:+.1%}" if v != base and base else ""
        note(ax, x, v, number(v) + change, dy=2, ha="center", va="bottom")
    ax.set_xticks(place, names)
    ax.set_xlim(-0.6, max(len(place), 1) - 0.4)
    ax.set_ylim(0, 1.22 * max(cost.max(), 1) if len(cost) else 1)
    if base:
        fall, rise = 1 - cost.iloc[0] / base, cost.iloc[-1] / base - 1
        ax.set_title(
            f"At {names[0]} of target payroll falls by {fall:.0%}, at {names[-1]} it rises by {rise:.0%}"
            if language() == "en"
            else f"达成 {names[0]} 时薪酬总额下降 {fall:.0%}，{names[-1]} 时上升 {rise:.0%}"
        )
    else:
        ax.set_title(NOBODY[language()])
    month = month_in_words(plan.months[-1])
    comma = {"en": ", ", "zh": "，"}[language()]
    ax.set_ylabel(comma.join((label("payroll_cost"), f"\n{unit}", month)).replace(f"{comma}\n", f"{comma.strip()}\n"))
    ax.set_xlabel(label("attainment_level"))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def who_gains(plan: Plan, ax: Axes | None = None) -> Axes:
    """By role, a head's pay at 60, 80 and 120 % of the target, over its pay on target."""
    ax = axes_of(ax)
    share = gains(payroll_at_targets(plan))
    ax.set_xlabel(label("gain_over_target"))
    if share.empty:
        ax.set_title(NOBODY[language()])
        return ax
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
    ax.set_title(
        f"Most at stake: {most}, {low:+.0%} to {high:+.0%} of pay"
        if language() == "en"
        else f"浮动最大：{most}，薪资 {low:+.0%} 至 {high:+.0%}"
    )
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:+.0%}" if v else "0%")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set_ylim(-0.6, len(share) + 0.5)
    _levels_above(ax, share.iloc[-1], len(share) - 1)
    return ax


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
    sums = html_table(
        [label("attainment_level"), f"{label('payroll_cost')}, {of_sums}", label("payroll_change")],
        [(f"{level:.0%}", number(v), f"{v / base - 1:+.1%}" if base else "–") for level, v in cost.items()],
        right=(1, 2),
    )
    levels = [f"{level:.0%}" for level in LEVELS]
    rows = []
    for role, of_role in payroll[payroll["heads"] > 0].groupby("role", sort=False):
        pay = of_role["pay_per_head"] if show_pay else 1 + of_role["gain_share"]
        shown = [number(v) if show_pay else f"{v:.0%}" for v in pay]
        rows.append((label(str(role)), f"{of_role['heads'].iloc[0]:.0f}", *shown))
    unit = f", {currency}" if show_pay else ""
    by_role = html_table(
        [label("role"), label("heads")] + [label("pay_at_level").format(level=level) + unit for level in levels],
        rows,
        right=range(1, 2 + len(levels)),
    )
    return Html(sums + by_role)


FLAT_SHARE = 0.35
"""What the rule of thumb "salary times 1.35" takes contributions for."""


def cost_of_a_head(plan: Plan, role: str) -> pd.Series:
    """What a full-time head of a role costs in the mean month, by item, in the plan's currency: steps of a chart."""
    mine = plan.cost[plan.cost["role"] == role]
    full_time = plan.team.loc[plan.team["role"] == role, "employed_fte"].sum()
    return mine.groupby("item", sort=False)["amount"].sum() / full_time


def from_salary_to_full_cost(plan: Plan, role: str, ax: Axes | None = None) -> Axes:
    """The waterfall of one head of a role: pay first, then what comes on top of it, to the full cost."""
    ax = axes_of(ax)
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
    ax.set_ylim(len(place) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * top[-1])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    times = top[-1] / steps.iloc[0]
    ax.set_title(
        f"{label(role)}: a head costs {times:.2f} times its monthly pay"
        if language() == "en"
        else f"{label(role)}：单人全成本为月薪的 {times:.2f} 倍"
    )
    ax.set_xlabel(text("a_head_and_month", currency=currency))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def burden_by_city(gross_per_month: np.ndarray, on: date, currency: str = "CNY", ax: Axes | None = None) -> Axes:
    """Employer contributions over salary, along the salary, for every place of a currency: floors and caps bend it."""
    ax = axes_of(ax)
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
    words = {
        "en": (
            f"Employer contributions: {low:.0%} to {high:.0%} of salary, never one flat rate",
            "contributions over salary",
            f"salary, {currency} a month (figures of {on:%Y-%m}, or the last known)",
        ),
        "zh": (
            f"企业社保公积金为工资的 {low:.0%} 至 {high:.0%}，不是固定比例",
            "企业社保公积金 / 工资",
            f"工资，{currency}/月（{on:%Y-%m} 或最近已知数据）",
        ),
    }
    title, up, along = words[language()]
    ax.set_title(title)
    ax.set_ylabel(up)
    ax.set_xlabel(along)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_ylim(0, 1.06 * max(high, FLAT_SHARE))
    ax.set_xlim(gross_per_month[0], gross_per_month[-1])
    names = [(float(share[-1]), PLACES[city][language()], f"C{i % 8}") for i, (city, share) in enumerate(ends.items())]
    names_beside(ax, [*names, (FLAT_SHARE, flat, "#4D4D4D")])
    return ax


def head(plan: Plan, role: str) -> Styler:
    """What one head of a role costs in the mean month, item by item, with the total."""
    items = cost_of_a_head(plan, role)
    columns = [label("cost_item"), f"{label('a_head_a_month')}, {plan.scenario.currency}"]
    rows = [(label(str(item)), number(amount)) for item, amount in items.items()]
    rows.append((label("total"), number(items.sum())))
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)


def payslip(slip: Payslip) -> Styler:
    """A payslip to the cent: gross, what is taken off, net, and what the employer pays in all."""
    keys = ("gross", "employee_contributions", "income_tax", "net", "employer_extra", "employer_cost")
    columns = [label("pay_item"), f"{label('amount')}, {slip.currency}"]
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
        Column("role", name),
        Column("year_end_bonus", number, of="bonus", unit=currency),
        Column("bonus_tax_apart", number, of="tax_separate", unit=currency),
        Column("bonus_tax_merged", number, of="tax_merged", unit=currency),
        Column(
            "bonus_less_tax",
            name,
            of=lambda row: "no_tax_difference" if row.tax_separate == row.tax_merged else row.better,
        ),
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
    return table(
        frame,
        Column("role", name),
        Column("years_of_service", number, of="years"),
        *(
            # Names of endings are no names of fields: the rows of a frame are read by position.
            Column(f"severance_{ending}", number, of=itemgetter(at + 1), unit=currency)
            for at, ending in enumerate(frame.columns[2:], start=2)
        ),
        caption=str(caption),
    )


def payout(reached: float, paid: float, variable_share: float) -> Html:
    """What a share of the target pays: of the variable part, and of all pay."""
    all_pay = 1 - variable_share * (1 - paid)
    said = text("payout_title", reached=reached, paid=paid, all_pay=all_pay)
    return Html(f"<p>{escape(said)}</p>")
