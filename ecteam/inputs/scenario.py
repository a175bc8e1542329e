"""What a shop is and what it chooses: one flat, frozen record, checked before anything runs.

The same fields are a YAML file, a spreadsheet row, a set of sliders and a papermill parameters cell. Each field
carries its unit, range, help and label in two languages; errors, controls and reports take them from there.
"""

import inspect
import re
import reprlib
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from ecteam.inputs.checks import InputError, did_you_mean, nearest
from ecteam.inputs.events import read_events
from ecteam.inputs.files import data_dir
from ecteam.inputs.own_forecast import figures_text
from ecteam.inputs.tables import read_activities, read_places
from ecteam.inputs.words import Name, Note, provide

PLACES: dict[str, dict[str, str]] = {
    str(row["city"]): row for row in read_places(data_dir() / "assumptions" / "places.csv").to_dict("records")
}

ACTIVITIES: dict[str, dict[str, Any]] = {
    str(row["field"]): row for row in read_activities(data_dir() / "assumptions" / "activities.csv").to_dict("records")
}
"""What a shop does whatever it sells: field -> usual, least, full_from_orders_per_day."""


FOR_SALE = ("design", "photography", "bookkeeping", "payroll", "legal", "it")
"""Work that can be bought by the hour: NAME of the assumptions `bought_NAME_hour`."""


def quantity(
    default: Any,
    unit: str,
    en: str,
    zh: str,
    *,
    group: str,
    help_en: str = "",
    help_zh: str = "",
    step: float | None = None,
    log: bool = False,
    top: float | None = None,
    **limits: Any,
) -> Any:
    """A field with what a person must know of it; `top` is where a slider ends when the range has no end."""
    people: dict[str, Any] = {
        "unit": unit, "en": en, "zh": zh, "group": group, "help_en": help_en, "help_zh": help_zh,
        "step": step, "log": log, "top": top,
    }  # fmt: skip
    return Field(default, description=en, json_schema_extra=people, **limits)


def usual_activity(field: str, orders_per_day: float | None = None) -> float:
    """How much of an activity a shop has that does not say so: the usual, and below so many orders a day in proportion.

    >>> usual_activity("active_skus"), usual_activity("active_skus", 60.0), usual_activity("posts_per_month", 8)
    (60, 36, 1)
    """
    of = ACTIVITIES[field]
    share = 1.0 if orders_per_day is None else min(orders_per_day / of["full_from_orders_per_day"], 1.0)
    return max(round(of["usual"] * share), round(of["least"]))


# The fields read as a table: one line, or a few, for each.
# fmt: off
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

    name: str = quantity(..., "", "Shop", "店铺", group="shop", min_length=1, max_length=80)
    stage: Literal["startup", "growth", "maturity"] = quantity(
        "startup", "", "Stage", "阶段", group="shop",
        help_en="Start-up asks what to sell and how; growth standardises; maturity defends.",
        help_zh="起步期问卖什么、怎么卖；成长期求规范；成熟期重防守。")
    hats: Literal["two_posts", "five_posts", "departments", "specialists"] | None = quantity(
        None, "", "Who combines posts", "岗位合并方式", group="shop",
        help_en="How many posts one person may hold; unset, a trade that fills a person has its own, and smaller ones are combined.",
        help_zh="一人可兼几岗；不填则工作量满一人的岗位单设，其余合并。")
    city: Literal[tuple(PLACES)] = quantity(  # type: ignore[valid-type]
        "hangzhou", "", "City (China) or country", "城市或国家", group="shop",
        help_en="Decides currency, pay level, contributions and public holidays.",
        help_zh="决定币种、薪资水平、社保公积金与节假日。")
    start_month: str = quantity("2027-01", "YYYY-MM", "First month", "起始月份", group="shop")
    months: int = quantity(12, "months", "Months to plan", "规划月数", group="shop", ge=1, le=36)
    team_in_place: bool = quantity(
        True, "", "Team already in place", "团队已就位", group="shop",
        help_en="If not, everybody is hired in the first month and counted as a hire.",
        help_zh="若否，首月全部人员按新招计算。")
    part_time: bool = quantity(
        True, "", "People may work part-time", "可用非全日制员工", group="shop",
        help_en="Off: what is left of a role's work takes a whole head or bought hours.",
        help_zh="关：岗位的零头工作量只能招满员或外购工时。")
    may_buy: str = quantity(
        "all", "", "Work that may be bought by the hour", "可外购的工作", group="shop", max_length=120,
        help_en="all, none, or some of design, photography, bookkeeping, payroll, legal, it, with commas between.",
        help_zh="填 all、none，或 design、photography、bookkeeping、payroll、legal、it 中的几项，用逗号隔开。")

    history: str | None = quantity(None, "", "Order history", "订单历史", group="orders",
        help_en="A file in data/history, or a path to a CSV of order times or hourly counts.",
        help_zh="data/history 中的文件名，或订单时间/小时计数 CSV 的路径。")
    orders_per_day: float | None = quantity(
        None, "orders a day", "Orders per day", "日均订单", group="orders", ge=0, le=1_000_000, log=True, top=10_000,
        help_en="Average over an ordinary year; unset takes the level of the order history.",
        help_zh="平常年份的日均；不填则取订单历史的水平。")
    growth_per_month_share: float | None = quantity(
        None, "share a month", "Growth per month", "月增长率", group="orders", ge=-0.5, le=1, step=0.005, top=0.2,
        help_en="Unset takes the trend of the order history, damped; without a history there is no growth.",
        help_zh="不填则延续订单历史的趋势（逐渐减弱）；无历史则不增长。")
    event_strength: float = quantity(
        1.0, "times the usual lift", "Strength of sales events", "大促力度", group="orders", ge=0, le=3, step=0.1,
        help_en="0: events do nothing; 1: the usual lift of 618, 11.11 and the like.",
        help_zh="0 为无影响；1 为 618、双 11 等的通常倍数。")
    events: str | None = quantity(
        None, "", "Own sales events", "自有大促", group="orders", max_length=10_000,
        help_en="Days, ranges or rules, with x and a factor: 2027-03-08 x 2.5; 06-16..06-18 x 3; "
        "fourth Thursday of November +1. Without a factor it is learnt from the order history.",
        help_zh="日期、区间或规则，可加 x 倍数：2027-03-08 x 2.5; 06-16..06-18 x 3; "
        "fourth Thursday of November +1。不写倍数则从订单历史中学习。")
    orders_per_month: str | None = quantity(
        None, "", "Own forecast", "自有预测", group="orders", max_length=100_000,
        help_en="12 monthly figures from the first month on, or a csv or xlsx file of monthly or daily figures; "
        "takes the place of level, trend and season.",
        help_zh="自起始月份起的 12 个月度数值，或月度/每日数值的 csv、xlsx 文件；取代水平、趋势与季节。")
    average_order_value: float = quantity(
        100.0, "currency units an order", "Average order value", "客单价", group="orders", gt=0, le=1_000_000,
        log=True, top=10_000)
    lines_per_order: float | None = quantity(
        None, "lines an order", "Lines per order", "每单行数", group="orders", ge=1, le=500, step=0.1, top=30,
        help_en="Unset takes the order history's own figure, or the planning assumption.",
        help_zh="不填则取订单历史，否则取规划假设。")
    units_per_line: float | None = quantity(
        None, "pieces a line", "Pieces per line", "每行件数", group="orders", ge=1, le=10_000, step=0.1, top=20)
    pieces_handled_together: float = quantity(
        1.0, "pieces a pack", "Pieces handled together", "整包件数", group="orders", ge=1, le=10_000, step=1, top=48,
        help_en="Pieces in the pack or carton that is received and counted as one; 1 for single goods.",
        help_zh="收货盘点时整包（箱）计一次的件数；单件商品填 1。")
    return_share: float = quantity(
        ..., "return parcels per order", "Returns", "退货率", group="orders", ge=0, le=0.95, step=0.01,
        help_en="Real values run from 2 % (gifts) to over 60 % (livestreamed womenswear): give your own.",
        help_zh="实际从 2%（礼品）到 60% 以上（直播女装）：请填写自家数据。")

    service_from_hour: int = quantity(9, "o'clock", "Service starts", "客服开始", group="service", ge=0, le=23)
    service_until_hour: int = quantity(22, "o'clock", "Service ends", "客服结束", group="service", ge=1, le=24)
    dedicated_desk: bool = quantity(
        False, "", "Staffed service desk", "专职客服席", group="service",
        help_en="On: seats are filled for the reply target through all service hours. "
        "Off: chats are answered between other tasks.",
        help_zh="开：服务时段内按响应目标配席；关：在其他工作间隙接待。")
    reply_target_seconds: float = quantity(
        180, "seconds", "Reply within", "响应时限", group="service", gt=0, le=86_400, step=10, top=600)
    reply_target_share: float = quantity(
        0.8, "share of chats", "Share replied in time", "时限内响应占比", group="service", gt=0, lt=1, step=0.01)
    chats_at_once: int = quantity(3, "chats", "Chats at once", "同时接待数", group="service", ge=1, le=8)
    bot_deflection_share: float = quantity(
        0.0, "share of chats", "Chats a bot settles", "机器人解决占比", group="service", ge=0, le=0.95, step=0.01)
    outsourced_service_share: float = quantity(
        0.0, "share of chats", "Chats an outside desk answers", "外包客服接待占比", group="service", ge=0, le=1, step=0.05,
        help_en="Of the chats that no bot settles; the provider asks a price for each whole seat.",
        help_zh="机器人之外的会话中由外包客服接待的占比；按整席位计费。")

    self_shipping: bool = quantity(
        True, "", "Ships itself", "自发货", group="warehouse",
        help_en="Off: a logistics company picks, packs and takes back returns for a fee per order.",
        help_zh="关：由第三方仓按单收费代发并处理退货。")
    ship_rule: Literal["same_day", "24h", "48h"] = quantity(
        "24h", "", "Ships within", "发货时限", group="warehouse")
    cutoff_hour: int = quantity(16, "o'clock", "Same-day cut-off", "当日发货截单", group="warehouse", ge=1, le=23)
    warehouse_from_hour: int = quantity(9, "o'clock", "Warehouse opens", "仓库开始", group="warehouse", ge=0, le=23)
    warehouse_until_hour: int = quantity(18, "o'clock", "Warehouse closes", "仓库结束", group="warehouse", ge=1, le=24)
    warehouse_days_per_week: int = quantity(
        7, "days a week", "Warehouse days per week", "仓库每周天数", group="warehouse", ge=1, le=7)
    temps_on_event_days: bool = quantity(
        True, "", "Temps on event days", "大促用临时工", group="warehouse",
        help_en="Work above an ordinary day is done by temps in warehouse and service.",
        help_zh="超出平日的仓储与客服工作由临时工完成。")

    active_skus: int = quantity(usual_activity("active_skus"), "SKUs", "Active SKUs", "在售 SKU", group="catalogue", ge=0, le=1_000_000, log=True, top=10_000)
    new_skus_per_month: float = quantity(usual_activity("new_skus_per_month"), "SKUs a month", "New SKUs per month", "月上新", group="catalogue", ge=0, le=100_000, step=1, top=300)
    suppliers: int = quantity(usual_activity("suppliers"), "suppliers", "Suppliers", "供应商", group="catalogue", ge=0, le=100_000, step=1, top=300)
    purchase_orders_per_month: float = quantity(
        usual_activity("purchase_orders_per_month"), "purchase orders a month", "Purchase orders per month", "月采购单", group="catalogue", ge=0, le=1_000_000, step=1, top=1_000)

    channels: int = quantity(1, "channels", "Sales channels", "销售渠道", group="promotion", ge=1, le=100, top=12)
    campaigns_per_month: float = quantity(usual_activity("campaigns_per_month"), "campaigns a month", "Campaigns per month", "月活动数", group="promotion", ge=0, le=1_000, step=1, top=40)
    event_applications_per_month: float = quantity(
        usual_activity("event_applications_per_month"), "applications a month", "Event applications per month", "月活动报名", group="promotion", ge=0, le=10_000, step=1, top=200)
    ad_accounts: int = quantity(1, "accounts", "Paid-search accounts", "付费推广账户", group="promotion", ge=0, le=1_000, top=20)
    influencers_per_month: float = quantity(0, "cooperations a month", "Influencer cooperations per month", "月达人合作", group="promotion", ge=0, le=10_000, step=1, top=200)
    posts_per_month: float = quantity(usual_activity("posts_per_month"), "posts a month", "Content posts per month", "月内容发布", group="promotion", ge=0, le=100_000, step=1, top=300)
    videos_per_month: float = quantity(usual_activity("videos_per_month"), "clips a month", "Video clips per month", "月短视频", group="promotion", ge=0, le=100_000, step=1, top=300)
    live_hours_per_month: float = quantity(0, "hours a month", "Live hours per month", "月直播小时", group="promotion", ge=0, le=10_000, step=10, top=600)

    own_technology: bool = quantity(
        False, "", "Own technology team", "自建技术", group="technology",
        help_en="Off: a bought shop system; on: own systems and connections as well.",
        help_zh="关：使用商城 SaaS；开：另有自研系统与对接。")
    business_accounts: int = quantity(0, "accounts", "Business customers (B2B)", "企业客户", group="b2b", ge=0, le=100_000, step=1, top=500)
    quotations_per_month: float = quantity(0, "quotations a month", "Quotations per month (B2B)", "月报价单", group="b2b", ge=0, le=1_000_000, step=1, top=1_000)
    pallets_per_month: float = quantity(0, "pallets a month", "Pallets per month (B2B)", "月托盘", group="b2b", ge=0, le=1_000_000, step=1, top=2_000)

    busy_day_quantile: float = quantity(
        0.8, "share of days", "Busy-day quantile", "忙日分位", group="safety", ge=0.5, le=0.99, step=0.01,
        help_en="Service and warehouse are sized for a day busier than this share of ordinary days.",
        help_zh="客服与仓库按超过此比例平日的忙日配置。")

    # fmt: on

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

    @field_validator("events")
    @classmethod
    def _events_can_be_read(cls, value: str | None) -> str | None:
        if value is not None:
            read_events(value)
        return value

    @field_validator("orders_per_month")
    @classmethod
    def _figures_can_be_read(cls, value: str | None) -> str | None:
        return None if value is None else figures_text(value)

    @field_validator("name", "history", "events", "orders_per_month")
    @classmethod
    def _can_be_printed(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and any(unicodedata.category(character) in _CONTROL for character in value):
            raise InputError(f"{info.field_name} is {_shown(value)}; it must not hold control characters")
        return value

    @field_validator("name")
    @classmethod
    def _can_be_seen(cls, value: str) -> str:
        if all(unicodedata.category(c) in _BLANK or c in _FILLERS for c in value):
            raise InputError(f"name is {_shown(value)}; it must hold a character that can be seen")
        return value

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
            raise InputError(f"may_buy has {_shown(wrong[0])}; it must be all, none, or some of {', '.join(FOR_SALE)}{near}")
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
            raise InputError(
                Note(
                    "closes_before_it_opens",
                    closes=closes,
                    closes_name=Name(closes),
                    value=value,
                    opens=opens,
                    opens_name=Name(opens),
                    at=info.data[opens],
                )
            )
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
    """What a person must know of a field: unit, en, zh, group, help, and its limits `low`, `high` and `choices`.

    >>> field_info("return_share")["unit"], field_info("return_share")["high"]
    ('return parcels per order', 0.95)
    """
    if field not in Scenario.model_fields:
        raise InputError(Note("no_field", name=field, near=did_you_mean(field, Scenario.model_fields)))
    definition = Scenario.model_fields[field]
    options = _options(field)
    low = options.get("minimum", options.get("exclusiveMinimum"))
    high = options.get("maximum", options.get("exclusiveMaximum"))
    extra = definition.json_schema_extra
    return (extra if isinstance(extra, dict) else {}) | {
        "low": low, "high": high, "choices": options.get("enum"), "type": options.get("type"),
        "default": None if definition.is_required() else definition.default, "required": definition.is_required(),
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
    if info["choices"]:
        return "one of " + ", ".join(map(str, info["choices"]))
    if info["type"] == "boolean":
        return "true or false"
    if field == "history":
        return "the name of a file in data/history, or a path"
    if field == "events":
        return "days such as 2027-03-08 x 2.5, with semicolons between them"
    if field == "orders_per_month":
        return "12 figures with commas between them, or the path of a csv or xlsx file"
    if info["type"] == "string":
        return "a month such as 2027-01" if field == "start_month" else "a text of 1 to 80 characters"
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
            usual += f", in proportion below {ACTIVITIES[field]['full_from_orders_per_day']:g} orders a day"
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
    yield from ((field, field_info(field)["en"], field_info(field)["zh"]) for field in Scenario.model_fields)
    yield from ((row["place"], row["place"], row["zh"]) for row in PLACES.values())


provide(_names)
