"""Tables of the workshop: what learners read their exercises from."""

from collections.abc import Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.view.tables import plain
from ecteam.view.words import Language, label, number, person

WORDS = {
    "duty": ("Duty", "职责"),
    "key": ("Name to write", "写法"),
    "post": ("Hat", "岗"),
    "person": ("Person", "姓名"),
    "hired_as": ("Hired as", "岗位"),
    "hours": ("Hours a month", "月工时"),
}


def duties(people: pd.DataFrame, lang: Language = "en") -> Styler:
    """The duties of one month: the name to write, who does each, the hat it belongs to, and its hours."""
    rows = [
        (
            label(str(row.duty), lang),
            _key(str(row.duty), lang),
            label(str(row.post), lang),
            person(row.person, lang),
            number(round(row.hours, 1)),
        )
        for row in people.itertuples()
    ]
    return _table(rows, ("duty", "key", "post", "person", "hours"), lang, right=("hours",))


def written_down(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """A table of who answers for what, as somebody wrote it down: duty, name to write, person, hired as."""
    rows = [
        (label(str(row.duty), lang), _key(str(row.duty), lang), row.person, label(str(row.role), lang))
        for row in table.itertuples()
    ]
    return _table(rows, ("duty", "key", "person", "hired_as"), lang)


def _key(duty: str, lang: Language) -> str:
    """What a learner writes: the key in English, the label, which needs no other keyboard, in Chinese."""
    return duty if lang == "en" else label(duty, lang)


def _table(
    rows: Sequence[tuple[str, ...]], keys: tuple[str, ...], lang: Language, right: tuple[str, ...] = ()
) -> Styler:
    names = {key: WORDS[key][0 if lang == "en" else 1] for key in keys}
    return plain(pd.DataFrame(rows, columns=list(names.values())), right=[names[key] for key in right])
