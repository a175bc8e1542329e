"""What the YAML file beside an order history says of it: where it is from, its columns, its zone, its closed days."""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.outside import read_yaml
from ecteam.inputs.tables import date_or_month, is_day


def _days_of(entry: Any, *, yearly: bool) -> Any:
    """A day or a range of days as a datasheet lists them; `yearly` ones may go without the year."""
    ends = str(entry).split("..")
    if len(ends) > 2 or len({len(end) for end in ends}) > 1 or not all(_day_of_list(end, yearly) for end in ends):
        also = ", or of every year such as 12-25 or 12-24..01-02" if yearly else ""
        raise ValueError(f"must be a day such as 2026-02-16, or a range such as 2026-02-16..2026-02-23{also}")
    if len(ends[0]) == len("2026-02-16") and ends[0] > ends[-1]:
        raise ValueError("must end no earlier than it begins")
    return entry


def _day_of_list(text: str, yearly: bool) -> bool:
    form = r"(20\d\d-)?\d\d-\d\d" if yearly else r"20\d\d-\d\d-\d\d"
    return re.fullmatch(form, text) is not None and is_day(f"2028-{text}"[-10:])  # a leap year: 02-29 is a day


def _holidays_known(value: str) -> str:
    import holidays

    country, slash, part = value.partition("/")
    parts = holidays.list_supported_countries(include_aliases=True)
    if country not in parts:
        raise ValueError("must be the code of a country such as GB, or of a part of it such as GB/ENG")
    if slash and part not in parts[country]:
        raise ValueError(f"must be {country}, or {country}/ and a part of it{did_you_mean(part, parts[country])}")
    return value


def _zone_known(value: str) -> str:
    if value not in available_timezones():
        near = did_you_mean(value, sorted(available_timezones()))
        raise ValueError(f"must be a time zone such as Asia/Shanghai or Europe/London{near}")
    return value


_Text = Annotated[str, Field(description="a text, in quotes")]
_Header = Annotated[str, Field(description="the header of a column, in quotes")]
_Day = Annotated[Any, AfterValidator(partial(_days_of, yearly=False))]
_YearlyDay = Annotated[Any, AfterValidator(partial(_days_of, yearly=True))]
_DAYS = "a list of days such as ['2026-02-16', '2026-02-20..2026-02-23']"


class Datasheet(BaseModel):
    """What the YAML file beside a history may say of it, all of it optional.

    `time_zone` is the shop's own; `times_in` is the zone in which times without an offset are written.
    """

    model_config = ConfigDict(extra="forbid")

    title: _Text = ""
    source: _Text = ""
    licence: _Text = ""
    attribution: _Text = ""
    as_of: Annotated[Any, AfterValidator(date_or_month)] = ""
    currency: _Text = ""
    columns: dict[Any, Any] = Field({}, description="lines such as 'orders: invoices of goods'")
    time_column: _Header = ""
    orders_column: _Header = ""
    number_column: _Header = ""
    status_column: _Header = ""
    cancelled_at_column: _Header = ""
    lines_column: _Header = ""
    units_column: _Header = ""
    value_column: _Header = ""
    returns_column: _Header = ""
    clock_column: _Header = ""
    day_first: Annotated[bool | None, Field(description="true or false", strict=True)] = None
    times_in: Annotated[str, AfterValidator(_zone_known)] = Field("", description="a text such as 'UTC'")
    time_zone: Annotated[str, AfterValidator(_zone_known)] = Field("", description="a text such as 'Asia/Shanghai'")
    closed: list[_YearlyDay] = Field([], description=_DAYS)
    missing: list[_Day] = Field([], description=_DAYS)
    incomplete_days: list[_Day] = Field([], description=_DAYS)
    public_holidays: Annotated[str, AfterValidator(_holidays_known)] = Field("", description="a text such as 'GB/ENG'")
    gaps: list[_Text] = Field([], description="a list of texts")


def read_datasheet(path: Path) -> dict[str, Any]:
    """What is said of a history in the YAML file beside it; nothing where there is none, or it is a scenario's."""
    if not path.is_file():
        return {}
    content, repeated = read_yaml(path, such_as="time_column: order_time")
    if not content or "return_share" in content:  # A scenario, which must say it, may have the name of its history.
        return {}
    if repeated:
        raise InputError([f"{path.name} gives {key!r} more than once; it must be there once" for key, _ in repeated])
    return content


def checked_datasheet(datasheet: Mapping[str, Any], sheet: str) -> dict[str, Any]:
    """The fields of a datasheet that are not empty; a sentence for each that is unknown or wrong."""
    filled = {str(key): value for key, value in datasheet.items() if value is not None}
    try:
        Datasheet.model_validate(filled)
    except ValidationError as error:
        raise InputError([_sentence(item, sheet) for item in error.errors()]) from None
    return filled


def _sentence(item: Any, sheet: str) -> str:
    key, *entry = item["loc"]
    if item["type"] == "extra_forbidden":
        return f"{sheet}: a datasheet has no field {key!r}{did_you_mean(key, Datasheet.model_fields)}"
    shown = str(item["input"]) if isinstance(item["input"], date) else repr(item["input"])
    must = f"must be {'a text, in quotes' if entry else Datasheet.model_fields[key].description}"
    if item["type"] == "value_error":
        must = str(item["ctx"]["error"])
    return f"{sheet}: {f'entry {entry[0] + 1} of {key}' if entry else key} is {shown}; it {must}"


def closed_dates(dates: pd.DatetimeIndex, datasheet: Mapping[str, Any]) -> np.ndarray:
    """Which dates a datasheet calls closed: by `closed` (dates, ranges, with or without year) or `public_holidays`."""
    closed = np.zeros(len(dates), dtype=bool)
    for entry in datasheet.get("closed", []):
        closed |= in_range(dates, str(entry))
    if datasheet.get("public_holidays") and len(dates):
        import holidays

        country, _, part = str(datasheet["public_holidays"]).partition("/")
        years = range(dates[0].year, dates[-1].year + 1)
        free = holidays.country_holidays(country, subdiv=part or None, years=years)
        closed |= dates.isin(pd.to_datetime(list(free)))
    return closed


def in_range(dates: pd.DatetimeIndex, entry: str) -> np.ndarray:
    first, _, last = entry.partition("..")
    last = last or first
    if len(first) == len("MM-DD"):
        day = np.array(dates.strftime("%m-%d"))
        return (day >= first) & (day <= last) if first <= last else (day >= first) | (day <= last)
    return np.asarray((dates >= pd.Timestamp(first)) & (dates <= pd.Timestamp(last)))
