"""What a shop is and what it chooses: one flat, frozen record, checked before anything runs.

The same fields are a YAML file, a spreadsheet row, a set of sliders and a papermill parameters cell. Each field
has its unit, help and label in two languages in `data/assumptions/fields.csv`; errors, controls and reports take them
from there.
"""

import inspect
import re
import reprlib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from ecteam.inputs.checks import InputError, did_you_mean, nearest
from ecteam.inputs.events import read_events
from ecteam.inputs.files import data_dir
from ecteam.inputs.own_forecast import figures_text
from ecteam.inputs.tables import read_activities, read_fields, read_places
from ecteam.inputs.words import Name, Note, provide


def _rows_of(read: Callable[[Path], pd.DataFrame], table: str, key: str = "field") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in read(data_dir() / "assumptions" / f"{table}.csv").to_dict("records")}


PLACES = _rows_of(read_places, "places", "city")
ACTIVITIES = _rows_of(read_activities, "activities")
"""What a shop does whatever it sells: field -> usual, least, usual_at_orders_per_day, exponent_above."""
FIELDS = _rows_of(read_fields, "fields")
"""Field -> group, unit, en, zh, help_en, help_zh, must (what it may be, for a text), step, log and top of its slider."""
FOR_SALE = ("design", "photography", "bookkeeping", "payroll", "legal", "it")
"""Work that can be bought by the hour: NAME of the assumptions `bought_NAME_hour`."""


def usual_activity(field: str, orders_per_day: float | None = None) -> float:
    """How much of an activity a shop has that does not say so: the usual at so many orders a day, below in proportion to
    them, above with a power of them.

    >>> usual_activity("active_skus"), usual_activity("active_skus", 60.0), usual_activity("posts_per_month", 8)
    (60, 36, 1)
    >>> usual_activity("active_skus", 400.0)
    120
    """
    of = ACTIVITIES[field]
    times = 1.0 if orders_per_day is None else orders_per_day / of["usual_at_orders_per_day"]
    times = times ** of["exponent_above"] if times > 1 else times
    return max(round(of["usual"] * times), round(of["least"]))


class Scenario(BaseModel):
    """A shop and its choices. Load one with `load_scenario`; change a copy with `with_changes`.

    >>> shop = Scenario(name="Tea", return_share=0.05, orders_per_day=60)
    >>> shop.with_changes(orders_per_day=420).orders_per_day
    420.0
    >>> shop.with_changes(orders_per_day=-5)
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: orders_per_day is -5; it must be 0 or more orders a day
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    name: str = Field(..., min_length=1, max_length=80)
    stage: Literal["startup", "growth", "maturity"] = "startup"
    hats: Literal["two_posts", "five_posts", "departments", "specialists"] | None = None
    city: Literal[tuple(PLACES)] = "hangzhou"  # type: ignore[valid-type]
    start_month: str = "2027-01"
    months: int = Field(12, ge=1, le=36)
    team_in_place: bool = True
    part_time: bool = True
    may_buy: str = Field("all", max_length=120)

    history: str | None = None
    orders_per_day: float | None = Field(None, ge=0, le=1_000_000)
    growth_per_month_share: float | None = Field(None, ge=-0.5, le=1)
    event_strength: float = Field(1.0, ge=0, le=3)
    events: str | None = Field(None, max_length=10_000)
    orders_per_month: str | None = Field(None, max_length=100_000)
    average_order_value: float = Field(100.0, gt=0, le=1_000_000)
    lines_per_order: float | None = Field(None, ge=1, le=500)
    units_per_line: float | None = Field(None, ge=1, le=10_000)
    pieces_handled_together: float = Field(1.0, ge=1, le=10_000)
    return_share: float = Field(..., ge=0, le=0.95)

    service_from_hour: int = Field(9, ge=0, le=23)
    service_until_hour: int = Field(22, ge=1, le=24)
    dedicated_desk: bool = False
    reply_target_seconds: float = Field(180, gt=0, le=86_400)
    reply_target_share: float = Field(0.8, gt=0, lt=1)
    chats_at_once: int = Field(3, ge=1, le=8)
    bot_deflection_share: float = Field(0.0, ge=0, le=0.95)
    outsourced_service_share: float = Field(0.0, ge=0, le=1)

    self_shipping: bool = True
    ship_rule: Literal["same_day", "24h", "48h"] = "24h"
    cutoff_hour: int = Field(16, ge=1, le=23)
    warehouse_from_hour: int = Field(9, ge=0, le=23)
    warehouse_until_hour: int = Field(18, ge=1, le=24)
    warehouse_days_per_week: int = Field(7, ge=1, le=7)
    temps_on_event_days: bool = True

    active_skus: int = Field(int(usual_activity("active_skus")), ge=0, le=1_000_000)
    new_skus_per_month: float = Field(usual_activity("new_skus_per_month"), ge=0, le=100_000)
    suppliers: int = Field(int(usual_activity("suppliers")), ge=0, le=100_000)
    purchase_orders_per_month: float = Field(usual_activity("purchase_orders_per_month"), ge=0, le=1_000_000)

    channels: int = Field(1, ge=1, le=100)
    campaigns_per_month: float = Field(usual_activity("campaigns_per_month"), ge=0, le=1000)
    event_applications_per_month: float = Field(usual_activity("event_applications_per_month"), ge=0, le=10_000)
    ad_accounts: int = Field(1, ge=0, le=1000)
    influencers_per_month: float = Field(0, ge=0, le=10_000)
    posts_per_month: float = Field(usual_activity("posts_per_month"), ge=0, le=100_000)
    videos_per_month: float = Field(usual_activity("videos_per_month"), ge=0, le=100_000)
    live_hours_per_month: float = Field(0, ge=0, le=10_000)

    own_technology: bool = False

    business_accounts: int = Field(0, ge=0, le=100_000)
    quotations_per_month: float = Field(0, ge=0, le=1_000_000)
    pallets_per_month: float = Field(0, ge=0, le=1_000_000)

    busy_day_quantile: float = Field(0.8, ge=0.5, le=0.99)

    @field_validator("*", mode="before")
    @classmethod
    def _no_boolean_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation is not bool:
            raise ValueError("true and false are no numbers")
        return value

    @field_validator("events", "orders_per_month", mode="before")
    @classmethod
    def _list_as_text(cls, value: Any, info: ValidationInfo) -> Any:
        between = "; " if info.field_name == "events" else ", "
        return between.join(map(str, value)) if isinstance(value, list | tuple) else value

    @field_validator("name", "history", "events", "orders_per_month")
    @classmethod
    def _can_be_read(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if info.field_name == "events":
            read_events(value)
        text = figures_text(value) if info.field_name == "orders_per_month" else value
        if any(unicodedata.category(character) in _CONTROL for character in text):
            raise InputError(f"{info.field_name} is {_shown(value)}; it must not hold control characters")
        if info.field_name == "name" and all(unicodedata.category(c) in _BLANK or c in _FILLERS for c in text):
            raise InputError(f"name is {_shown(value)}; it must hold a character that can be seen")
        return text

    @field_validator("start_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", value):
            raise ValueError("must be a month such as 2027-01")
        return value

    @field_validator("may_buy")
    @classmethod
    def _is_for_sale(cls, value: str) -> str:
        asked = [part.strip() for part in value.split(",")]
        if value not in ("all", "none") and (wrong := [part for part in asked if part not in FOR_SALE]):
            near = did_you_mean(wrong[0], FOR_SALE)
            raise InputError(
                f"may_buy has {_shown(wrong[0])}; it must be all, none, or some of {', '.join(FOR_SALE)}{near}"
            )
        return ", ".join(asked)

    # A field that is wrong itself is not in `info.data`; what depends on it is not checked then.
    @field_validator("orders_per_month")
    @classmethod
    def _can_be_known(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and all(info.data.get(field, "wrong") is None for field in ("history", "orders_per_day")):
            raise InputError("orders_per_day is missing; give orders a day, or a history to take them from")
        return value

    @field_validator("service_until_hour", "warehouse_until_hour")
    @classmethod
    def _closes_after_it_opens(cls, value: int, info: ValidationInfo) -> int:
        closes = str(info.field_name)
        opens = closes.replace("until", "from")
        if value <= info.data.get(opens, -1):
            names = {"closes": closes, "closes_name": Name(closes), "opens": opens, "opens_name": Name(opens)}
            raise InputError(Note("closes_before_it_opens", value=value, at=info.data[opens], **names))
        return value

    @field_validator("warehouse_until_hour")
    @classmethod
    def _ships_the_same_day(cls, value: int, info: ValidationInfo) -> int:
        known = info.data
        if known.get("ship_rule") == "same_day" and {"cutoff_hour", "warehouse_from_hour"} <= known.keys():
            cutoff, opens = known["cutoff_hour"], known["warehouse_from_hour"]
            if not opens < cutoff <= value:
                raise InputError(Note("cutoff_outside_hours", value=cutoff, opens=opens, until=value))
        return value

    # `self` is no name of a field, so it can be refused as one.
    def __init__(self, /, **values: Any) -> None:
        # NumPy's numbers become Python's: a sentence shows them as a person writes them.
        plain = {k: value.item() if isinstance(value, np.number | np.bool_) else value for k, value in values.items()}
        # A figure that cannot be one is refused below.
        with suppress(KeyError, TypeError, ValueError, OverflowError):
            orders = float(plain["orders_per_day"])
            plain = {field: usual_activity(field, orders) for field in ACTIVITIES} | plain
        try:
            super().__init__(**plain)
        except ValidationError as error:
            raise InputError([sentence for item in error.errors() for sentence in _sentences(item)]) from None

    def with_changes(self, /, **changes: Any) -> "Scenario":
        """The same shop with some fields changed, checked again; the original stays as it is."""
        return Scenario(**(self.model_dump() | changes))

    @property
    def place(self) -> str:
        """The payroll pack of the shop's city."""
        return PLACES[self.city]["place"]

    @property
    def region(self) -> str:
        """The region whose pay and cost rows apply: `cn` or `uk`."""
        return PLACES[self.city]["region"]

    @property
    def currency(self) -> str:
        """The currency of all amounts of this shop."""
        return PLACES[self.city]["currency"]

    def buys(self, key: str) -> bool:
        """Whether the shop may buy what an assumption prices, such as `bought_design_hour`; "" is nothing.

        >>> shop = Scenario(name="Tea", return_share=0.05, orders_per_day=60, may_buy="design, it")
        >>> shop.buys("bought_design_hour"), shop.buys("bought_legal_hour"), shop.buys("")
        (True, False, False)
        """
        return key != "" and (self.may_buy == "all" or key.split("_")[1] in self.may_buy.split(", "))

    @property
    def month_index(self) -> pd.PeriodIndex:
        """The months of the plan."""
        return pd.period_range(self.start_month, periods=self.months, freq="M", name="month")


def field_info(field: str) -> dict[str, Any]:
    """What a person must know of a field: its row of `FIELDS`, and its limits `low`, `high` and `choices`.

    >>> field_info("return_share")["unit"], field_info("return_share")["high"]
    ('return parcels per order', 0.95)
    """
    if field not in Scenario.model_fields:
        raise InputError(Note("no_field", name=field, near=did_you_mean(field, Scenario.model_fields)))
    definition = Scenario.model_fields[field]
    options = _options(field)
    low = options.get("minimum", options.get("exclusiveMinimum"))
    high = options.get("maximum", options.get("exclusiveMaximum"))
    return FIELDS[field] | {
        "low": low,
        "high": high,
        "choices": options.get("enum"),
        "type": options.get("type"),
        "default": None if definition.is_required() else definition.default,
        "required": definition.is_required(),
    }


def _sentences(item: Any) -> Sequence[str | Note]:
    """One pydantic error as sentences for a shop owner."""
    inner = item.get("ctx", {}).get("error")
    if isinstance(inner, InputError):
        return inner.mistakes
    field, value, kind = str(item["loc"][0]), item["input"], item["type"]
    if kind == "extra_forbidden":
        return [Note("no_field", name=field, near=did_you_mean(field, Scenario.model_fields))]
    if kind == "missing":
        return [f"{field} is missing; it must be {_allowed(field)}"]
    choices = field_info(field)["choices"] or []
    # Where none is near: the choices stand in the sentence already.
    near = did_you_mean(value, choices) if isinstance(value, str) and nearest(value, choices) else ""
    # nan and inf: no figure of the range says what is wrong with them.
    number = "a number, " if kind == "finite_number" and not _allowed(field).startswith("a whole number") else ""
    allowed = _allowed(field, beyond=kind.startswith("less_than"))
    return [f"{field} is {_shown(value)}; it must be {number}{allowed}{near}"]


def _shown(value: Any) -> str:
    """A wrong value as a person writes it, cut where it is long."""
    if value is None or isinstance(value, bool):
        return "empty" if value is None else str(value).lower()
    return str(value) if isinstance(value, date) else _SHORT.repr(value)


def _allowed(field: str, beyond: bool = False) -> str:
    """What a field may be, with its unit: '0 or more orders a day'. A far end is said to who is `beyond` it."""
    info = field_info(field)
    if info["must"]:
        return str(info["must"])
    if info["choices"]:
        return "one of " + ", ".join(map(str, info["choices"]))
    if info["type"] == "boolean":
        return "true or false"
    unit, low, high = info["unit"], info["low"], info["high"]
    whole = "a whole number, " if info["type"] == "integer" else ""
    options = _options(field)
    least = f"more than {low:g}" if "exclusiveMinimum" in options else f"{low:g} or more"
    most = f"less than {high:,}" if "exclusiveMaximum" in options else f"at most {high:,}"
    if high >= 1000:
        return f"{whole}{least} {unit}" + (f", {most}" if beyond or high < 1_000_000 else "")
    if {"minimum", "maximum"} <= options.keys():
        return f"{whole}{low:g} to {high:g} {unit}"
    return f"{whole}{least} and {most} {unit}"


def _options(field: str) -> dict[str, Any]:
    """The schema of what a field may be, apart from being unset."""
    return next((part for part in _SCHEMA[field].get("anyOf", []) if part.get("type") != "null"), _SCHEMA[field])


def _described() -> Iterator[str]:
    """Every field with its unit, range and meaning, as `help(Scenario)` says them."""
    for field in Scenario.model_fields:
        info = field_info(field)
        unset = "unset" if info["default"] is None else info["default"]
        usual = "must be given" if info["required"] else f"by default {unset}"
        if field in ACTIVITIES:
            usual += f" at {ACTIVITIES[field]['usual_at_orders_per_day']:g} orders a day; fewer below, more above"
        yield f"{field} : {_allowed(field, beyond=True)}; {usual}"
        yield f"    {info['en']}. {info['help_en']}".rstrip()


_SCHEMA: dict[str, dict[str, Any]] = Scenario.model_json_schema()["properties"]
Scenario.__doc__ = "\n".join([inspect.cleandoc(Scenario.__doc__ or ""), "", "Fields", "------", *_described()])
# Pydantic's own holds the limits of every field in one line of 4,000 characters.
Scenario.__signature__ = inspect.Signature(
    [p.replace(annotation=p.empty) for p in Scenario.__signature__.parameters.values()]
)

_CONTROL = ("Cc", "Zl", "Zp")
_BLANK = ("Zs", "Cf", "Mn")
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Characters that Unicode counts as letters or signs although nothing is seen of them."""

_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother, _SHORT.maxlong = 2, 120, 120, 60
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxdict = 4


def _names() -> Iterator[tuple[str, str, str]]:
    """The names of the fields and of the places."""
    yield from ((field, row["en"], row["zh"]) for field, row in FIELDS.items())
    yield from ((row["place"], row["en"], row["zh"]) for row in PLACES.values())


provide(_names)
