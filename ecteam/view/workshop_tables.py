"""Tables of the workshop: what learners read their exercises from."""

from collections.abc import Mapping, Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.labels import Language, label, number, person
from ecteam.view.tables import plain

WORDS = {
    "duty": ("Duty", "职责（照此书写）"),
    "key": ("Name to write", ""),
    "post": ("Hat", "岗"),
    "person": ("Person", "姓名"),
    "hired_as": ("Hired as", "岗位"),
    "hours": ("Hours a month", "月工时"),
}


def duties(people: pd.DataFrame, lang: Language = "en") -> Styler:
    """The duties of one month: the name to write, who does each, the hat it belongs to, and its hours."""
    rows = [
        {
            **_names(str(row.duty), lang),
            "post": label(str(row.post), lang),
            "person": person(row.person, lang),
            "hours": number(round(row.hours, 1)),
        }
        for row in people.itertuples()
    ]
    return _table(rows, lang, right=("hours",))


def written_down(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """A table of who answers for what, as somebody wrote it down: duty, name to write, person, hired as."""
    rows = [
        {**_names(str(row.duty), lang), "person": row.person, "hired_as": label(str(row.role), lang)}
        for row in table.itertuples()
    ]
    return _table(rows, lang)


def _names(duty: str, lang: Language) -> dict[str, str]:
    """A duty and what a learner writes: the key in English; in Chinese its label, which needs no other keyboard."""
    return {"duty": label(duty, lang)} | ({"key": duty} if lang == "en" else {})


def _table(rows: Sequence[Mapping[str, str]], lang: Language, right: Sequence[str] = ()) -> Styler:
    names = {key: WORDS[key][0 if lang == "en" else 1] for row in rows[:1] for key in row}
    return plain(pd.DataFrame(rows).rename(columns=names), right=[names[key] for key in right])
