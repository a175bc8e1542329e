"""When do sales events fall? Days, days of every year, and rules such as "fourth Thursday of November +1"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ecteam.inputs.checks import Mistakes
from ecteam.inputs.words import Note

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    "december",
)
WHICH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
MOST_DAYS = 60
_RULE = re.compile(
    rf"({'|'.join(WHICH)}) ({'|'.join(WEEKDAYS)}) of ({'|'.join(MONTHS)})(?: ?\+ ?(\d{{1,2}})(?: days?)?)?",
    re.IGNORECASE,
)
_DAY = r"(?:(?:19|20)\d\d-)?\d\d-\d\d"
_EVENT = re.compile(
    rf"(?P<when>(?P<starts>{_DAY}|{_RULE.pattern})(?:\.\.(?P<until>{_DAY})| for (?P<days>\d{{1,2}}) days?)?)"
    r"(?:\s*[x×]\s*(?P<factor>\d+(?:\.\d+)?))?",
    re.IGNORECASE,
)


def first_days(starts: str, years: Iterable[int]) -> list[date]:
    """The days on which an event begins, one in each of the years; a day with its year stands for itself.

    Raises `ValueError` for what is neither a day that every year has, nor a day, nor a rule.

    >>> [str(day) for day in first_days("fourth Thursday of November +1", [2024, 2026])]
    ['2024-11-29', '2026-11-27']
    """
    if re.fullmatch(r"(19|20)\d\d-\d\d-\d\d", starts):
        return [date.fromisoformat(starts)]
    if rule := _RULE.fullmatch(starts):
        which, weekday, month = (part.lower() for part in rule.groups()[:3])
        later = timedelta(days=int(rule[4] or 0))
        return [_of_month(y, MONTHS.index(month) + 1, WEEKDAYS.index(weekday), WHICH[which]) + later for y in years]
    date.fromisoformat(f"2027-{starts}")  # 29 February is a day of some years only
    return [date.fromisoformat(f"{year}-{starts}") for year in years]


def _of_month(year: int, month: int, weekday: int, which: int) -> date:
    days = [date(year, month, 1) + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == month and day.weekday() == weekday][which]


@dataclass(frozen=True)
class OwnEvent:
    """A shop's own event: `name` as it was written, without its factor; `factor` None where the history tells it."""

    name: str
    starts: str
    days: int
    factor: float | None


def read_events(text: str) -> list[OwnEvent]:
    """A shop's own events out of a text, with semicolons between them; raises `InputError` for each that is unclear.

    >>> read_events("2026-03-08 x 2.5; 06-16..06-18")[1]
    OwnEvent(name='06-16..06-18', starts='06-16', days=3, factor=None)
    """
    events, mistakes = [], Mistakes()
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        event = _event(entry)
        if event is None:
            mistakes.append(Note("no_event", entry=entry, most=MOST_DAYS))
        else:
            events.append(event)
    mistakes.refuse()
    return events


def _event(entry: str) -> OwnEvent | None:
    found = _EVENT.fullmatch(entry)
    if found is None:
        return None
    starts, until, days = found["starts"], found["until"], int(found["days"] or 1)
    try:
        first = first_days(starts, [2027])[0]
        if until:
            if len(until) != len(starts):
                return None
            last = first_days(until, [2027 if until >= starts else 2028])[0]
            days = (last - first).days + 1
    except ValueError:
        return None
    if not 1 <= days <= MOST_DAYS:
        return None
    return OwnEvent(found["when"], starts, days, float(found["factor"]) if found["factor"] else None)


def days_of(starts: str, days: int, dates: np.ndarray) -> np.ndarray:
    """Which of the dates, sorted and without a gap, lie in an event: (dates,)."""
    inside = np.zeros(len(dates), dtype=bool)
    years = dates[[0, -1]].astype("datetime64[Y]").astype(int) + 1970
    for first in first_days(starts, range(years[0] - 1, years[1] + 1)):
        begin, end = np.searchsorted(dates, [np.datetime64(first), np.datetime64(first) + days])
        inside[begin:end] = True
    return inside
