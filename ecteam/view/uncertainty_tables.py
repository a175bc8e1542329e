"""Tables of how sure a plan is, for people: they hold the numbers that the charts show."""

from html import escape

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.analysis.uncertainty import Uncertainty
from ecteam.inputs.labels import Language, label, month_in_words, number, phrase
from ecteam.view.tables import Html, plain
from ecteam.view.uncertainty import rough

_QUANTILES = ("p10", "p50", "p90")


def totals(sure: Uncertainty, lang: Language = "en") -> Styler:
    """Heads, orders and cost: the plan's own figure, P10, P50, P90, and the share of draws above the plan."""
    currency = sure.plan.scenario.currency
    columns = [label(name, lang) for name in ("figure", "plan_value", *_QUANTILES, "share_above_plan")]
    rows = [
        (
            label(r.figure, lang) + (f", {currency}" if r.figure.startswith("cost") else ""),
            number(r.plan),
            *(_finite(getattr(r, name)) for name in _QUANTILES),
            f"{r.share_above_plan:.0%}",
        )
        for r in sure.totals.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:])


def by_month(sure: Uncertainty, lang: Language = "en") -> Styler:
    """Heads and cost of the whole team by month: what the two fans show."""
    currency, total = sure.plan.scenario.currency, {}
    for name, frame in (("heads", sure.heads_by_month), ("cost", sure.cost_by_month)):
        total[name] = frame[frame["role"] == "total"].set_index("month")
    heads, cost = {"en": ("heads", f"cost, {currency}"), "zh": ("人数", f"成本，{currency}")}[lang]
    measures = [(total["heads"], heads), (total["cost"], cost)]
    names = [("plan", "plan_value"), *((name, name) for name in _QUANTILES)]
    table = {
        f"{words}: {label(key, lang)}": [_finite(value) for value in frame[name]]
        for frame, words in measures
        for name, key in names
    }
    shown = pd.DataFrame({label("month", lang): [month_in_words(month, lang) for month in sure.plan.months], **table})
    return plain(shown, right=list(table))


def chance(sure: Uncertainty, lang: Language = "en") -> Styler:
    """The chance that the plan's own team keeps each target, and that each role is enough."""
    keys = ("target_or_role", "chance_all_months", "chance_worst_month", "worst_month")
    columns = [label(key, lang) for key in keys]
    rows = [
        (label(r.name, lang), f"{r.chance:.0%}", f"{r.chance_in_worst_month:.0%}", month_in_words(r.worst_month, lang))
        for r in sure.chance.itertuples(index=False)
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:]).set_caption(
        {
            "en": f"Shares of {sure.draws:,} draws, known to {_error(sure):.1%}; the plan's heads are held fixed.",
            "zh": f"{sure.draws:,} 次抽样的比例，误差约 {_error(sure):.1%}；方案人数固定。",
        }[lang]
    )


def tornado(sure: Uncertainty, lang: Language = "en", n: int = 12) -> Styler:
    """What moves the cost most, each figure alone from its P10 to its P90."""
    currency = sure.plan.scenario.currency
    columns = [
        label("assumption", lang),
        f"P10 – {label('typical', lang).lower()} – P90",
        label("unit", lang),
        f"{label('swing', lang)}, {currency}",
        label("kind", lang),
    ]
    rows = [
        (
            getattr(r, lang),
            f"{number(r.p10)} – {number(r.typical)} – {number(r.p90)}",
            phrase(r.unit, lang),
            rough(r.swing),
            phrase(r.kind, lang),
        )
        for r in sure.tornado.head(n).itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=[columns[1], columns[3]])


def worth_measuring(sure: Uncertainty, lang: Language = "en") -> Styler:
    """The three numbers most worth measuring this week: what each explains, what knowing it saves, how to get it."""
    currency = sure.plan.scenario.currency
    columns = [
        label("assumption", lang),
        label("unit", lang),
        label("variance_share", lang),
        f"{label('range_saved', lang)}, {currency}",
        label("how_to_measure", lang),
    ]
    rows = [
        (
            getattr(r, lang),
            phrase(r.unit, lang),
            f"{r.variance_share:.0%}",
            rough(r.range_saved),
            label(r.measure, lang),
        )
        for r in sure.worth_measuring.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[2:4])


def held_fixed(sure: Uncertainty, lang: Language = "en") -> Html:
    """What is solved again in each draw and what is held fixed, and in how many draws no team is enough."""
    sentences = [text if lang == "en" else label(key, lang) for key, text in sure.held_fixed.items()]
    lost = sure.unsettled_share
    if lost:
        sentences.append(
            {
                "en": f"In {lost:.1%} of draws the team does not settle: every head asks for more than one further. "
                "They count as above every quantile.",
                "zh": f"{lost:.1%} 的抽样中团队无法收敛（每增一人又需一人以上），计为高于任何分位数。",
            }[lang]
        )
    return Html("<ul class='notes'>" + "".join(f"<li>{escape(text)}</li>" for text in sentences) + "</ul>")


def _finite(value: float) -> str:
    return number(round(value, 2)) if np.isfinite(value) else "–"


def _error(sure: Uncertainty) -> float:
    return float(sure.chance["standard_error"].max())
