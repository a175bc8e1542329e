"""Tables of one shop in several stages, side by side."""

from collections.abc import Mapping
from html import escape

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.analysis.stage import stage_of
from ecteam.inputs.labels import Language, label, number
from ecteam.plan.plan import Plan
from ecteam.view.decision_tables import QUESTIONS
from ecteam.view.report import part
from ecteam.view.stage_charts import heads_by_department
from ecteam.view.tables import Html, plain

MEASURES = ("layers", "managers", "mean_span", "largest_span", "working_leads", "management_cost_share")


def stage_summary(plans: Mapping[str, Plan], lang: Language = "en") -> Html:
    """The first sheet: what each stage asks, its team and cost, and the posts that become a person's there."""
    shop = next(iter(plans.values())).scenario.name
    question = {
        "en": f"How does the team of {shop} change from stage to stage?",
        "zh": f"{shop}的团队在各阶段如何变化？",
    }[lang]
    cards, parts, before = [], [], set()
    for stage, plan in plans.items():
        totals, orders = plan.totals(), number(round(plan.inputs.orders_per_day))
        heads = number(totals["heads_last_month"])
        cost = f"{number(totals['cost_per_month'])} {plan.scenario.currency}"
        words = {
            "en": f"heads in {label(stage).lower()}, at {orders} orders a day",
            "zh": f"人：{label(stage, 'zh')}，日均 {orders} 单",
        }[lang]
        cards.append(f"<div class='figure'><b>{heads}</b><span>{escape(words)}</span></div>")
        due = stage_of(plan).posts
        new = [label(post, lang) for post in due.loc[due["status"] == "now", "post"] if post not in before]
        before |= set(due.loc[due["status"] == "now", "post"])
        each = f"{totals['cost_per_order']:,.2f} {plan.scenario.currency}"
        stop = "、" if lang == "zh" else ", "
        lines = {
            "en": [f"Asks: <b>{QUESTIONS[stage]['en']}</b>", f"{cost} a month, {each} an order",
                   f"Posts that are due now: {escape(stop.join(new)) or '–'}"],
            "zh": [f"要回答：<b>{QUESTIONS[stage]['zh']}</b>", f"每月 {cost}，每单 {each}",
                   f"此时应设的岗位：{escape(stop.join(new)) or '–'}"],
        }[lang]  # fmt: skip
        parts.append(part(label(stage, lang), lines))
    kept = {
        "en": "Only the orders and the stage change; products, channels and campaigns stay as they are.",
        "zh": "只改变订单量与阶段；商品、渠道与活动保持不变。",
    }[lang]
    return Html(
        f"<section class='summary short'><p class='question'>{escape(question)}</p>"
        f"<div class='figures'>{''.join(cards)}</div>"
        f"<div class='parts three'>{''.join(parts)}</div><p>{kept}</p></section>"
    )


def departments(plans: Mapping[str, Plan], lang: Language = "en") -> Styler:
    """Heads of the last month by department and stage, with the total."""
    table = heads_by_department(plans)
    rows = [
        (label(str(name), lang), *(f"{n:,}" for n in row))
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    rows.append((label("total", lang), *(f"{n:,}" for n in table.sum())))
    columns = [label("department", lang), *(label(stage, lang) for stage in plans)]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)


def shapes(plans: Mapping[str, Plan], lang: Language = "en") -> Styler:
    """How high and how wide the organisation is in each stage: layers, leaders, spans, what leading costs."""
    found = {stage: plan.organised().measures["value"] for stage, plan in plans.items()}
    rows = [
        (
            label(measure, lang),
            *(
                f"{values[measure]:.1%}" if measure.endswith("share") else number(round(float(values[measure]), 1))
                for values in found.values()
            ),
        )
        for measure in MEASURES
    ]
    columns = [label("measure", lang), *(label(stage, lang) for stage in plans)]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:])
