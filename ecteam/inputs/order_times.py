"""Read moments as shops and platforms write them; the order of day and month is decided by the whole column.

`read_moments` reads the cells of one part of a file into a few integers each; `resolve` decides for all parts together.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.words import Note

NONE = np.iinfo(np.int32).min
"""No such date, no time of day."""
LOCAL, NAMED = -10_000, 10_000
"""In place of an offset: none is written; a name such as PST stands there (the first letter of its kind is added)."""
DAY_SECONDS, HALF_DAY_HOURS = 24 * 60 * 60, 12
YEARS, CENTURY = range(1990, 2100), 2000
"""Years of orders; 26 is 2026."""
FARTHEST_ZONE_MINUTES = 14 * 60
"""No place on earth is farther from UTC."""
EXCEL_DAY_0 = np.datetime64("1899-12-30")
READINGS = ("dmy", "mdy", "ymd")
"""How a date of three small numbers may be read: day first, month first, or two digits of the year first."""
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "tr", "ru", "id", "cs", "ro", "hu")
CLOCK_LANGUAGES = ("en", "zh", "zh_Hant", "ja", "ko", "es", "vi", "th", "ms", "hi")
BLANK = re.compile(r"|[-–—/]+|n/?a|null|none|nan|nat|(?:0000|1900|1970)[-/.]0?[01][-/.]0?[01](?:[ t].*)?")
"""How a blank moment is written: nothing, a dash, a word, or the first day that a computer knows."""

_TIME = (
    r"(?:[\s,t]+(?:at\s|um\s|à\s|las\s)?(?P<half_before>HALF)?\s*(?P<hour>\d{1,2})[:.h时時点點시]\s*(?P<minute>\d{2})분?"
    r"(?:[:.分]\s*(?P<second>\d{2}))?(?:[.,]\d+)?[秒분초]?\s*(?P<half>HALF)?(?:\s?(?:hs|hrs|h|uhr|uur|ч)\b\.?)?)?"
)
_ZONE = r"\s*(?P<zone>z|(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d{2})?|[a-z]{3,4})?(?:\s*\([^)]*\))?$"
_DATES = (
    r"(?P<y>\d{4})\s?[-/.年년]\s?(?P<m>\d{1,2})\s?[-/.月월]\s?(?P<d>\d{1,2})[日일.]?(?:\s?\(?(?:周|星期|週)?[一二三四五六日天月火水木金土]\)?)?"
    r"|(?P<cy>20\d{2})(?P<cm>[01]\d)(?P<cd>[0-3]\d)"
    r"|(?P<n1>\d{1,2})[-/.](?P<n2>\d{1,2})[-/.](?P<n3>\d{4}|\d{2})(?!\d)"
    r"|(?:[^\W\d_]+\.?,?\s)?(?P<w1>[^\W\d_]+)\.?[\s-](?P<w1d>\d{1,2})(?:st|nd|rd|th)?,?[\s-](?P<w1y>\d{4}|\d{2})(?!\d)"
    r"|(?:[^\W\d_]+\.?,?\s)?(?P<w2d>\d{1,2})(?:st|nd|rd|th|\.)?[\s/-](?:de\s|of\s)?(?P<w2>[^\W\d_]+)\.?,?[\s/-](?:de\s)?"
    r"(?P<w2y>\d{4}|\d{2})(?!\d)"
    r"|(?P<w3y>\d{4})[\s-](?P<w3>[^\W\d_]+)\.?[\s-](?P<w3d>\d{1,2})"
)  # fmt: skip
_FIXED = re.compile(r"(?:(9999)([-/.])99\2(?:99)|99([-/.])99\3(9999))(?:[ T]99:99(?::99)?)?")

Ints = npt.NDArray[np.int32]


def is_blank(text: str) -> bool:
    """Whether a cell holds nothing, or what programs write for nothing, such as 0000-00-00 00:00:00."""
    return BLANK.fullmatch(text.casefold()) is not None


def has_date(moments: pd.DataFrame) -> pd.Series:
    """Whether a cell says a date in any reading; `moments` as `read_moments` gives them."""
    return (moments[["sure", *READINGS]] != NONE).any(axis=1)


def read_moments(cells: pd.Series) -> pd.DataFrame:
    """What each cell may say: columns sure, dmy, mdy, ymd (days since 1970, `NONE` where that reading is none),
    second (of the day, `NONE` without a time of day), offset (minutes east of UTC, `LOCAL` or from `NAMED` on) and
    blank (bool)."""
    found = pd.DataFrame(
        {name: np.full(len(cells), NONE, np.int32) for name in ("sure", *READINGS, "second")}
        | {"offset": np.full(len(cells), LOCAL, np.int32), "blank": np.zeros(len(cells), bool)},
        index=cells.index,
    )
    rest = pd.Series(True, cells.index)
    for written in (lambda: cells[rest], lambda: cells[rest].str.replace(_SINGLE, r"0\1", regex=True)):
        if rest.any():
            rest[rest] = ~_read_fixed(written(), found)
    if rest.any():
        codes, texts = pd.factorize(cells[rest])
        read = _read_texts(pd.Series(texts, dtype=object).map(_plain))
        for column in found.columns:
            found.loc[rest, column] = read[column].to_numpy()[codes]
    return found


_SINGLE = re.compile(r"(?<!\d)(\d)(?![\d])")


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():  # ٣ is a 3
        text = re.sub(r"\d", lambda digit: str(unicodedata.decimal(digit[0])), text)
    return " ".join(text.split()).strip("'\" ")


def _read_fixed(cells: pd.Series, found: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Read the cells that are written in digits like the first one, place by place; which cells those are."""
    full = cells[cells != ""]
    shape = _FIXED.match(re.sub(r"\d", "9", full.iloc[0])) if len(full) else None
    if not shape:
        return np.zeros(len(cells), bool)
    width, sample = len(shape[0]), np.array([full.iloc[0][: len(shape[0])]])
    signs = np.asarray(cells.to_numpy(object), f"U{width + 1}").view(np.uint32).reshape(-1, width + 1)
    longer, signs = (signs[:, -1] != 0).any(), signs[:, :-1]
    digits = np.array([sign == "9" for sign in shape[0]])
    values = signs.astype(np.int32) - ord("0")
    good = ((values[:, digits] >= 0) & (values[:, digits] <= 9)).all(axis=1)
    good &= (signs[:, ~digits] == sample.view(np.uint32)[~digits]).all(axis=1)

    def number(at: int, places: int = 2) -> Ints:
        return values[:, at : at + places] @ 10 ** np.arange(places - 1, -1, -1, dtype=np.int32)

    half, offset = np.full(len(cells), np.nan), np.full(len(cells), float(LOCAL))
    if longer:
        codes, texts = pd.factorize(cells.str.slice(width))
        half, offset = np.array([_tail(text) for text in texts]).T[:, codes]
    hour, minute, second = (number(at) if at < width else np.zeros(len(cells), np.int32) for at in (11, 14, 17))
    hour, fits = _of_day(hour, half)
    good &= np.isfinite(offset) & fits & (minute <= 59) & (second <= 59)
    of_day = 60 * (60 * hour + minute) + second if width > 10 else np.full(len(cells), NONE, np.int32)
    if shape[1]:
        dates = {"sure": _days(number(0, 4), number(5), number(8))}
        good &= dates["sure"] != NONE
    else:
        dates = {"dmy": _days(number(6, 4), number(3), number(0)), "mdy": _days(number(6, 4), number(0), number(3))}
        good &= (dates["dmy"] != NONE) | (dates["mdy"] != NONE)
    rows = cells.index[good]
    for column, value in (dates | {"second": of_day, "offset": offset}).items():
        found.loc[rows, column] = value[good].astype(np.int32)
    return good


def _tail(text: str) -> tuple[float, float]:
    """What stands behind the digits of a time: hours of its half of the day (NaN where none is said), offset."""
    text = re.sub(r"^[.,]\d+", "", _plain(text))
    half = (
        next((word for word in (text.rpartition(" ")[0], text) if word in _halves()), "") if text[:1].isalpha() else ""
    )
    return {"": np.nan, "am": 0, "pm": HALF_DAY_HOURS}[_halves()[half] if half else ""], _offset(text[len(half) :])


def _of_day(hour: Any, half: Any) -> tuple[Any, Any]:
    """Hours of a 24-hour clock, and whether they are hours at all; `half` 0 in the morning, 12 after noon, or NaN.

    13:43 PM is written by some programs and can mean one time only.
    """
    halved = np.isfinite(half)
    fits = (hour <= 23) & ~((half == 0) & (hour > HALF_DAY_HOURS)) & ~(halved & (hour == 0) & (half != 0))
    moved = np.where(halved & (hour <= HALF_DAY_HOURS), hour % HALF_DAY_HOURS + np.nan_to_num(half), hour)
    return moved, fits


def _offset(text: str) -> float:
    """Minutes that a zone behind a time says; NaN for what is none."""
    text = re.sub(r"^[.,]\d+", "", text).strip().casefold()
    if text in ("", "z", "utc", "gmt"):
        return 0 if text else LOCAL
    if named := re.fullmatch(r"[a-z]{3,4}", text):
        return NAMED + ord(named[0][0])
    if not (part := re.fullmatch(r"(?:utc|gmt)?\s?([+-])(\d{1,2})(?::?(\d{2}))?", text)):
        return np.nan
    minutes = 60 * int(part[2]) + int(part[3] or 0)
    if minutes > FARTHEST_ZONE_MINUTES or int(part[3] or 0) >= 60:
        return np.nan
    return minutes if part[1] == "+" else -minutes


@cache
def _months() -> dict[str, int]:
    """Names of months in many languages -> 1 to 12; a word that means different months in two of them is left out."""
    from babel import Locale

    words: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for context in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for month, name in context.get(width, {}).items():
                    words.setdefault(_plain(name).strip("."), set()).add(month)
    # Files cut the names of months to three letters, whatever a language does in print.
    cut: dict[str, set[int]] = {}
    for word, months in words.items():
        cut.setdefault(word[:3], set()).update(months)
    words = cut | words
    return {word: months.pop() for word, months in words.items() if len(months) == 1} | {"sept": 9}


@cache
def _halves() -> dict[str, Literal["am", "pm"]]:
    """Words for the two halves of a day in many languages."""
    from babel import Locale

    words: dict[str, Literal["am", "pm"]] = {}
    for language in CLOCK_LANGUAGES:
        for periods in Locale.parse(language).day_periods["format"].values():
            for period, name in periods.items():
                half: Literal["am", "pm"] = "am" if period.startswith(("am", "morning")) else "pm"
                if period in ("am", "pm") or language.startswith("zh"):
                    words[_plain(name)] = "am" if period in ("midnight", "night1") else half
    dotted = {word.replace(".", "").replace(" ", ""): half for word, half in words.items()}
    return {word: half for word, half in (words | dotted).items() if len(word) > 1}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    halves = sorted(_halves(), key=len, reverse=True)
    half = "(?:" + "|".join(re.escape(word) for word in halves) + ")"
    time = _TIME.replace("HALF", half)
    clock = time.replace(r"(?:[\s,t]+(?:at\s|um\s|à\s|las\s)?", "(?:", 1).removesuffix("?")
    return re.compile(f"^(?:{_DATES}){time}{_ZONE}"), re.compile(f"^{clock}{_ZONE}")


def _seconds(part: pd.DataFrame) -> pd.Series:
    """The second of the day, NaN without a time of day and -1 for a time that is none."""
    hour = pd.to_numeric(part["hour"])
    minute, second = pd.to_numeric(part["minute"]), pd.to_numeric(part["second"]).fillna(0)
    half = part["half"].fillna(part["half_before"]).map(_halves()).map({"am": 0, "pm": HALF_DAY_HOURS})
    moved, fits = _of_day(hour, half.astype(float))
    return (60 * (60 * moved + minute) + second).where((fits & (minute <= 59) & (second <= 59)) | hour.isna(), -1)


def _read_texts(texts: pd.Series) -> pd.DataFrame:
    # 14:15:00 05-01-2026, as in Vietnam. To look is cheaper than to replace.
    if texts.str.match(r"\d{1,2}:").any():
        texts = texts.str.replace(r"^(\d{1,2}:\d{2}(?::\d{2})?),?\s+(\d[\d./-]+)$", r"\2 \1", regex=True)
    part = texts.str.extract(_patterns()[0])
    names = {name: pd.to_numeric(part[name]) for name in part if re.fullmatch(r"c?[ymd]|n\d|w\d[yd]", str(name))}
    readings = [(names[f"{kind}y"], names[f"{kind}m"], names[f"{kind}d"]) for kind in ("", "c")]
    for word in ("w1", "w2", "w3"):
        month = part[word].map(lambda name: _months().get(name), na_action="ignore").astype(float)
        readings.append((_full(names[f"{word}y"]), month, names[f"{word}d"]))
    found = pd.DataFrame({"sure": np.max([_days(*reading) for reading in readings], axis=0)})
    first, second, third = names["n1"], names["n2"], names["n3"]
    found["dmy"], found["mdy"] = _days(_full(third), second, first), _days(_full(third), first, second)
    both_of_two = (part["n1"].str.len() == 2) & (part["n3"].str.len() == 2)  # 5/1/26 begins with no year
    found["ymd"] = np.where(both_of_two, _days(_full(first), second, third), NONE)
    seconds = _seconds(part)
    numbers = pd.to_numeric(texts.where(texts.str.fullmatch(r"\d{5}(?:[.,]\d+)?|\d{10}|\d{13}")).str.replace(",", "."))
    serial, unix = numbers[numbers < 1e5].dropna(), numbers[numbers > 1e8].dropna()
    if len(serial):
        moment = (serial * DAY_SECONDS).round()
        found.loc[serial.index, "sure"] = moment // DAY_SECONDS + EXCEL_DAY_0.astype("datetime64[D]").astype(int)
        seconds[serial.index] = (moment % DAY_SECONDS).where(serial % 1 != 0)
    if len(unix):
        unix = unix.where(unix < 1e11, unix / 1000)
        found.loc[unix.index, "sure"], seconds[unix.index] = unix // DAY_SECONDS, unix % DAY_SECONDS
    zone = part["zone"].fillna("").map(lambda text: _offset(text))
    zone[unix.index] = 0
    bad = (seconds == -1) | ~np.isfinite(zone)
    found.loc[bad, ["sure", *READINGS]] = NONE
    found["second"] = seconds.where(~bad).fillna(NONE).astype(np.int32)
    found["offset"] = zone.fillna(LOCAL).astype(np.int32)
    found["blank"] = texts.str.fullmatch(BLANK)
    return found


def _full(year: pd.Series) -> pd.Series:
    return year.where(year >= 100, year + CENTURY)


def _days(year: Any, month: Any, day: Any) -> Ints:
    """Days since 1970, `NONE` for a date that no calendar or no order has; NaN is no number of a date."""
    year, month, day = (np.nan_to_num(np.asarray(part, float)).astype(np.int64) for part in (year, month, day))
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    in_month = (day >= 1) & (days < (months + 1).astype("datetime64[D]").astype(np.int64))
    good = in_month & (month >= 1) & (month <= 12) & (year >= YEARS[0]) & (year <= YEARS[-1])
    return np.where(good, days, NONE).astype(np.int32)


def read_clock(cells: pd.Series) -> Ints:
    """The second of the day that a cell says by itself (10:15:00, 2:15 PM, 0.427 of a day), `NONE` for what is none."""
    codes, texts = pd.factorize(cells)
    plain = pd.Series(texts, dtype=object).map(_plain)
    seconds = _seconds(plain.str.extract(_patterns()[1]))
    share = pd.to_numeric(plain.where(plain.str.fullmatch(r"0?[.,]\d+|0")).str.replace(",", "."))
    hour = pd.to_numeric(plain.str.extract(r"^(\d{1,2})(?:[时點点h時시]|[:-].*)?$")[0])
    seconds = seconds.where(seconds != -1).fillna((share * DAY_SECONDS).round()).fillna(3600 * hour.where(hour < 24))
    return seconds.fillna(NONE).astype(np.int32).to_numpy()[codes]


@dataclass(frozen=True)
class Moments:
    """The moments of a column: `times` (local, NaT where blank or unreadable), whether they have a time of day, and
    what is to be said of their zone."""

    times: pd.Series
    clock: bool
    notes: tuple[Note, ...] = ()


class Unclear(Exception):
    """Two readings are possible, or none: the key of a sentence, its values, and the rows that show it."""

    def __init__(self, key: str, rows: Any = None, **values: Any) -> None:
        super().__init__(key)
        self.key, self.rows, self.values = key, rows, values


def resolve(
    moments: pd.DataFrame, *, day_first: bool | None, zone: str, written: str, own_clock: bool = False
) -> Moments:
    """Local times: one order of day and month, and one zone, for the whole column.

    `zone`: the shop's own, "" where it is not known; `written`: the zone of times without an offset ("" as on the
    shop's clock); `own_clock`: offsets are those of the shop's own clock. Raises `Unclear`.

    >>> cells = pd.Series(["13/01/2026 2:15 PM", "05/02/2026 9:15 AM"])
    >>> resolve(read_moments(cells), day_first=None, zone="", written="").times.astype(str).tolist()
    ['2026-01-13 14:15:00', '2026-02-05 09:15:00']
    """
    days = moments["sure"].to_numpy().copy()
    open_rows = (days == NONE) & (moments[list(READINGS)] != NONE).any(axis=1).to_numpy()
    if open_rows.any():
        if (days != NONE).any():
            raise Unclear("order_time_mixed", moments.index[days != NONE])
        days[open_rows] = _one_reading(moments[open_rows], day_first)
    second = moments["second"].to_numpy()
    known = days != NONE
    clock = bool((second[known] != NONE).any())
    times = days.astype(np.int64) * DAY_SECONDS + np.where(second == NONE, 0, second)
    if clock and len(np.unique(days[known])) > 1 and (times[known] % DAY_SECONDS == 0).all():
        clock = False
    local = pd.Series(times.astype("datetime64[s]"), moments.index).where(known)
    if not clock:
        return Moments(local, False)
    shown, notes = _on_the_shops_clock(local, moments["offset"].to_numpy(), zone, written, own_clock)
    return Moments(shown, True, notes)


def _one_reading(moments: pd.DataFrame, day_first: bool | None) -> Ints:
    """Dates of three small numbers in the one reading that every one of them allows."""
    allowed: Sequence[str] = READINGS if day_first is None else ("dmy",) if day_first else ("mdy",)
    possible = [reading for reading in allowed if (moments[reading] != NONE).all()]
    if not possible:
        misses = {reading: moments.index[moments[reading] == NONE] for reading in allowed}
        best = min(misses, key=lambda reading: len(misses[reading]))
        raise Unclear(f"order_time_not.{best}", misses[best])
    for reading in possible[1:]:
        if (two := moments[possible[0]] != moments[reading]).any():
            row = moments[two].iloc[0]
            dates = [str(np.datetime64(int(row[one]), "D")) for one in possible]
            raise Unclear("order_time_two_ways", moments.index[two], first=dates[0], second=dates[1])
    return moments[possible[0]].to_numpy()


def _on_the_shops_clock(
    times: pd.Series, offset: Ints, zone: str, written: str, own_clock: bool
) -> tuple[pd.Series, tuple[Note, ...]]:
    offset = np.where((offset == LOCAL) & (written == "UTC"), 0, offset)
    known = times.notna().to_numpy()
    kinds = np.unique(offset[known])
    named, plain = kinds[kinds >= NAMED], kinds[kinds < NAMED]
    if len(named) and not len(plain) and len(set(named)) == 1:
        return times, ()  # PST and PDT, CET and CEST: the clock on the shop's wall.
    if len(named):
        raise Unclear("order_time_zone_named", times.index[known & (offset >= NAMED)])
    if written not in ("", "UTC") and zone and list(kinds) == [LOCAL]:
        moved = times.dt.tz_localize(written, ambiguous=True, nonexistent="shift_forward")
        return moved.dt.tz_convert(zone).dt.tz_localize(None), ()
    if list(kinds) == [LOCAL] or (own_clock and LOCAL not in kinds):
        return times, ()
    if LOCAL in kinds or (len(kinds) > 1 and not zone):
        shown = [_shown(kind) for kind in kinds[:2]]
        raise Unclear("order_time_zones", first=shown[0], second=shown[1])
    if zone:
        utc = times - pd.to_timedelta(offset.astype(np.int64), unit="min")
        return utc.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None), (Note("order_zone", zone=zone),)
    if kinds[0] == 0:
        raise Unclear("order_time_utc")
    return times, ()


def _shown(offset: int) -> str:
    if offset == LOCAL:
        return "none"
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}{abs(offset) % 60:02d}"
