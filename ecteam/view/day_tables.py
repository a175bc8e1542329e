"""Tables of a day and of a week: from shifts to heads, and what published rules of thumb say beside the model."""

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.labels import Language, label, number, phrase
from ecteam.view.tables import plain


def from_shifts_to_heads(week: pd.DataFrame, lang: Language = "en") -> Styler:
    """`day.desk_week` as people read it: a step each row, with its unit."""
    rows = [(phrase(r.step, lang), number(r.value), phrase(r.unit, lang)) for r in week.itertuples()]
    columns = [label(key, lang) for key in ("step_reckoned", "value", "unit")]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:2])


def rules_of_thumb(beside: pd.DataFrame, lang: Language = "en") -> Styler:
    """`day.rules_of_thumb` as people read it: people by each rule, how many times the model's, and its source."""
    name = "zh" if lang == "zh" else "en"
    keys = ("rule_of_thumb", "work_at", "people_low", "people_typical", "people_high", "times_the_model", "source")
    columns = [label(key, lang) for key in keys]
    rows = [
        (
            getattr(r, name),
            label(f"task_{r.task}", lang),
            *(f"{value:.1f}" for value in (r.people_low, r.people_typical, r.people_high, r.typical_to_model)),
            f"{phrase(r.kind, lang)}{'：' if lang == 'zh' else ': '}{phrase(r.source, lang)} ({r.as_of})",
        )
        for r in beside.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[2:6], wide=columns[6], cited=columns[6])
