"""What the columns and states of an order file mean: by the platform that wrote it, or by the headers that are usual.

All of it is data in `data/orders`: `dialects.yaml` (an entry a platform), `states.csv`, `not_orders.yaml` (what else
people drop by mistake) and `usual_columns.yaml`. A new platform is an entry there.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecteam.inputs.checks import InputError, Mistakes, did_you_mean, nearest
from ecteam.inputs.files import data_dir
from ecteam.inputs.order_files import OrderTable
from ecteam.inputs.order_times import NONE, has_date, read_clock, read_moments
from ecteam.inputs.outside import guarded, read_yaml
from ecteam.inputs.tables import load, plain
from ecteam.inputs.words import Language, Name, Note

PAID, UNPAID, CANCELLED, REFUNDED, SHIPPED, RETURNED, PART_REFUNDED = (1 << bit for bit in range(7))
RETURN_EVENT = 1 << 7
MEANINGS = {
    "paid": PAID, "unpaid": UNPAID, "cancelled": CANCELLED, "refunded": REFUNDED, "shipped": SHIPPED,
    "returned": RETURNED, "part_refunded": PART_REFUNDED,
}  # fmt: skip
MAPPED = {
    "time": "time", "clock": "clock", "orders": "orders", "number": "number", "status": "state", "lines": "lines",
    "cancelled_at": "cancelled_at", "units": "quantity", "value": "value", "returns": "returns",
}  # fmt: skip
"""What a datasheet or the command line calls a column (`time_column`, `--column time=...`) -> its role here."""
SAMPLE_ROWS = 200


@dataclass(frozen=True)
class PlatformName(Name):
    """The name of a platform or of an export in both languages; `key` is the English one."""

    zh: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.key


class Platform(BaseModel):
    """The name of an export in both languages, and the sets of headers that identify it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: dict[Language, str]
    identified_by: list[list[str]]
    without_times: list[list[str]] = []

    @property
    def shown(self) -> PlatformName:
        """Its name, to stand in a sentence."""
        return PlatformName(self.name["en"], self.name["zh"])


class Dialect(Platform):
    """What the columns and states of a platform's export mean; see the head of `dialects.yaml`."""

    key: str
    order: list[str] = []
    orders: list[str] = []
    cancelled_prefix: list[str] = []
    time: list[str]
    blank_time: Literal["next", "unpaid"] = "next"
    clock: list[str] = []
    skip: list[str] = []
    return_events: list[str] = []
    state: list[str] = []
    paid: list[str] = []
    unpaid: list[str] = []
    cancelled: list[str] = []
    refunded: list[str] = []
    shipped: list[str] = []
    cancelled_at: list[str] = []
    returned_quantity: list[str] = []
    quantity: list[str] = []
    order_total: list[str] = []
    line_total: list[str] = []
    unit_price: list[str] = []
    currency: list[str] = []
    item: list[str] = []
    time_zone: str = "shop"
    day_first: bool | None = None
    personal: list[str] = []
    seen: list[str]


def normal(text: Any) -> str:
    """A header as it is compared: composed, trimmed, one blank for _ and blanks, small letters, no mark, no quotes."""
    composed = unicodedata.normalize("NFC", str(text)).strip('\ufeff\t "').replace("_", " ")
    return " ".join(composed.casefold().split())


def usual_word(header: str) -> str:
    """A header as usual ones are compared: its words in English and in the order of the alphabet, each once.

    >>> usual_word("Order.Date"), usual_word("Fecha del pedido")
    ('date_order', 'date_order')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[.()/:]|(?=#)", " ", header)
    words = [header_words().get(word, word) for word in _bare(spaced).split("_")]
    return "_".join(sorted(set("_".join(words).split("_")) - {""})) or _bare(header)


def _bare(text: str) -> str:
    """A text as `plain`, and without accents."""
    return plain("".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)))


@cache
def header_words(folder: Path | None = None) -> dict[str, str]:
    """A word of a header -> the English word that it stands for; "" where it says nothing."""
    entries = _entries("header_words", folder, lambda word, others: [_bare(str(other)) for other in others])
    return {other: "" if word == "nothing" else word for word, others in entries.items() for other in others}


@cache
def dialects(folder: Path | None = None) -> dict[str, Dialect]:
    """The platforms that are known, by key; `folder` as `data/orders`."""
    return _entries("dialects", folder, lambda key, entry: Dialect.model_validate({"key": key, **entry}))


@cache
def not_orders(folder: Path | None = None) -> dict[str, Platform]:
    """Exports that are no orders, by key."""
    return _entries("not_orders", folder, lambda key, entry: Platform.model_validate(entry))


@cache
def usual_columns(folder: Path | None = None) -> dict[str, dict[str, str]]:
    """Role -> header as it is compared -> header as it is usually written."""

    def words(role: str, headers: Any) -> dict[str, str]:
        flat = [word for entry in headers for word in (entry if isinstance(entry, list) else [entry])]
        return {usual_word(word): word for word in flat}

    return _entries("usual_columns", folder, words)


@cache
def states(folder: Path | None = None) -> dict[str, int]:
    """State -> what it says of an order, whatever the platform."""
    path = (folder or data_dir() / "orders") / "states.csv"
    table = load(path, _StateRow)
    rows = [
        (_variants(state), MEANINGS[meaning]) for state, meaning in zip(table["state"], table["meaning"], strict=True)
    ]
    # "wc-pending" says more than "pending", which means this or that.
    return {
        state: flag for states, flag in rows for state in states if states[0].startswith("wc-") <= (state == states[0])
    }


class _StateRow(BaseModel):
    language: str
    state: str = Field(min_length=1)
    meaning: Literal[tuple(MEANINGS)]  # type: ignore[valid-type]


def _entries(name: str, folder: Path | None, read: Callable[[str, Any], Any]) -> dict[str, Any]:
    path = (folder or data_dir() / "orders") / f"{name}.yaml"
    content = read_yaml(path, such_as="name: entry")[0]
    if not content:
        raise InputError(f"{path.name} is empty")
    found = {}
    for key, entry in content.items():
        with guarded(path.name, f"{path.name}: the entry {key!r} is not as it must be; compare it with the others"):
            found[key] = read(key, entry)
    return found


@cache
def _sets() -> list[tuple[frozenset[str], str, bool]]:
    """Every set of headers that identifies something: the set, the key of what it is, whether it holds orders.

    A platform writes its headers in one way; other lists are also known in the words of people who copy them.
    """
    known: list[tuple[Mapping[str, Platform], bool]] = [(dialects(), True), (not_orders(), False)]
    return [
        (frozenset(map(normal if orders else usual_word, headers)), key, orders)
        for entries, orders in known
        for key, platform in entries.items()
        for headers in platform.identified_by
    ]


def recognised(headers: Collection[str]) -> tuple[str, bool, int]:
    """Which export has these headers: its key ("" for none), whether it holds orders, and how many headers told it."""
    there = {True: set(map(normal, headers)), False: set(map(usual_word, headers))}
    found = [(len(known), orders, key) for known, key, orders in _sets() if known <= there[orders]]
    # The first of several that are as long, as the file lists them.
    size, orders, key = max(found, key=lambda one: one[:2], default=(0, True, ""))
    return key, orders, size


def looks_like_header(cells: Sequence[str], named: Collection[str] = ()) -> float:
    """How much a row looks like the header of an order file; `named` are headers that the owner names."""
    words = [word for cell in cells if (word := str(cell).strip())]
    usual = {header for role, headers in usual_columns().items() if role != "totals" for header in headers}
    sure = recognised(words)[2] + sum(normal(word) in named for word in words)
    return 100 * sure + sum(usual_word(word) in usual for word in words)


def _variants(state: str) -> list[str]:
    """A state as it is compared, and without WooCommerce's prefix, hyphens and underscores."""
    text = " ".join(unicodedata.normalize("NFKC", state).casefold().split())
    return list(
        dict.fromkeys([text, text.removeprefix("wc-"), re.sub(r"[_-]+", " ", text.removeprefix("wc-")).strip()])
    )


def meaning(state: str, dialect: Dialect | None) -> int:
    """What a state says, as a sum of `PAID`, `UNPAID` ...; 0 for a state that is not known.

    A state that is not known as a whole is read by its parts, such as 已发货，退款成功.

    >>> meaning("Storniert", None) == CANCELLED, meaning("wc-refunded", None) == REFUNDED, meaning("??", None)
    (True, True, 0)
    """
    own = _own_states(dialect.key) if dialect else {}
    for word in _variants(state):
        if found := own.get(word, 0) | (states().get(word, 0) & (SHIPPED if word in own else -1)):
            return found
    if (undated := re.sub(r"\s(?:el|em|on|am|le)\s\d{1,2}\s(?:de\s)?[^\W\d]+$", "", state)) != state:
        return meaning(undated, dialect)  # entregado el 3 de septiembre
    parts = [part for part in re.split(r"[,;/|()\n]+|\s-\s", unicodedata.normalize("NFKC", state)) if part.strip()]
    if len(parts) < 2 and parts == [unicodedata.normalize("NFKC", state)]:
        return 0
    found = 0
    for part in parts:
        found |= meaning(part.strip(), dialect)
    return found


@cache
def _own_states(key: str) -> dict[str, int]:
    lists = {
        name: getattr(dialects()[key], name) for name in ("paid", "unpaid", "cancelled", "refunded", "return_events")
    }
    flags = MEANINGS | {"return_events": RETURN_EVENT}
    return {word: flags[name] for name, states in lists.items() for state in states for word in _variants(state)[:2]}


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are for: role -> places, and the platform, if it is known."""

    places: Mapping[str, tuple[int, ...]]
    dialect: Dialect | None

    def one(self, role: str) -> int | None:
        """The place of the first column of a role, None where there is none."""
        return self.places[role][0] if self.places.get(role) else None


def find_columns(table: OrderTable, datasheet: Mapping[str, Any]) -> Columns:
    """What the columns of a table are for: as the datasheet says, by the platform, or by usual headers.

    Raises `InputError`, with all that is missing at once, where times are not found, or nothing shows that a row is an
    order; and with the name of an export that holds no orders.
    """
    key, orders, _ = recognised(table.headers)
    named = _named(table, datasheet)
    if not orders and "time" not in named:
        raise InputError(Note("not_orders", file=table.name, what=not_orders()[key].shown))
    dialect = dialects()[key] if key and orders else None
    places = (_of_dialect(table, dialect) if dialect else _usual(table)) | named
    if "value" in places:
        value = places.pop("value")
        places = {role: at for role, at in places.items() if role not in ("order_total", "line_total", "unit_price")}
        places[_kind_of_value(table, dialect, value[0])] = value
    if dialect and dialect.blank_time == "unpaid" and (times := _found(table.headers, dialect.time)):
        places["paid"] = times[:1]
    _refuse_what_is_missing(table, places, dialect, named)
    return Columns(_date_and_clock(table, places, dialect, named), dialect)


def _named(table: OrderTable, datasheet: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The columns that the datasheet names; a sentence for each that the file lacks."""
    there = {normal(header): at for at, header in reversed(list(enumerate(table.headers)))}
    named: dict[str, tuple[int, ...]] = {}
    mistakes = Mistakes()
    for word, role in MAPPED.items():
        header = datasheet.get(f"{word}_column")
        if header and normal(header) not in there:
            near = did_you_mean(header, table.headers)
            mistakes.append(
                Note("order_no_such_column", file=table.name, column=header, role=f"{word}_column", near=near)
            )
        elif header:
            named[role] = (there[normal(header)],)
    mistakes.refuse()
    return named


def _found(headers: Sequence[str], candidates: Sequence[str]) -> tuple[int, ...]:
    """The places of the candidates that are there, best first."""
    there = {normal(header): at for at, header in reversed(list(enumerate(headers)))}
    return tuple(dict.fromkeys(there[normal(word)] for word in candidates if normal(word) in there))


def _of_dialect(table: OrderTable, dialect: Dialect) -> dict[str, tuple[int, ...]]:
    every = ("time", "state", "shipped", "cancelled_at", "item")
    roles = {"order": "number", "returned_quantity": "returned"}
    first = ("order", "orders", "clock", "returned_quantity", "quantity", "order_total", "line_total", "unit_price")
    found = {
        roles.get(role, role): _found(table.headers, getattr(dialect, role)) for role in (*every, *first, "currency")
    }
    usual = _usual(table)
    found["lines"] = usual.get("lines", ())
    if not found["time"]:  # An analyst has renamed it.
        found["time"], found["clock"] = usual.get("time", ()), usual.get("clock", ())
    return {role: places if role in every else places[:1] for role, places in found.items() if places}


def _usual(table: OrderTable) -> dict[str, tuple[int, ...]]:
    there = {usual_word(header): at for at, header in reversed(list(enumerate(table.headers)))}
    found = {role: tuple(there[word] for word in headers if word in there) for role, headers in usual_columns().items()}
    times = usual_columns()["order_time"].keys() | usual_columns()["any_time"].keys()
    # "Created (UTC)" is a moment under another name.
    zoned = tuple(at for word, at in there.items() if re.sub(r"_?(?:gmt|utc)(?=_|$)", "", word).strip("_") in times)
    found["time"] = tuple(dict.fromkeys(found.pop("order_time") + found.pop("any_time") + zoned))
    if found["orders"]:
        for role in ("number", "state", "cancelled_at"):  # Rows are hours or days; a state is that of the shop.
            found[role] = ()
    several = ("time", "clock", "state", "shipped", "item")
    found.pop("totals")
    return {role: places if role in several else places[:1] for role, places in found.items() if places}


def _kind_of_value(table: OrderTable, dialect: Dialect | None, place: int) -> str:
    """Whether a column of value holds totals of orders or of lines; "value" where its header does not say."""
    header = table.headers[place]
    for role in ("order_total", "line_total"):
        own = getattr(dialect, role) if dialect else []
        if normal(header) in map(normal, own) or usual_word(header) in usual_columns()[role]:
            return role
    return "value"


def _refuse_what_is_missing(
    table: OrderTable, places: Mapping[str, Any], dialect: Dialect | None, named: Collection[str]
) -> None:
    headers = shown_headers(table.headers)
    if not places.get("time"):
        there = set(map(usual_word, table.headers))
        for other in (
            () if {"number", "quantity", "order_total", "line_total"} & places.keys() else not_orders().values()
        ):
            if any(there.issuperset(map(usual_word, words)) for words in other.without_times):
                raise InputError(Note("not_orders", file=table.name, what=other.shown))
        usual = list(usual_columns()["order_time"].values())
        raise InputError(Note("no_time_column", file=table.name, columns=headers, usual=[*usual[:3], "支付时间"]))
    time = table.headers[places["time"][0]]
    used = {at for role in places.values() for at in role}
    counts = ["orders", "order_count", "订单数", "订单量"]
    others = [header for at, header in enumerate(table.headers) if at not in used and len(table.headers) < 6]
    near = next((did_you_mean(word, others) for word in counts if nearest(word, others)), "")
    if usual_word(time) == "hour_start" and not places.get("orders"):
        raise InputError(Note("order_no_counts", file=table.name, column=time, usual=counts, near=near))
    number = places.get("number")
    # Anything has an "id"; what has a price or a quantity as well is sold.
    sold = any(places.get(role) for role in ("quantity", "order_total", "line_total", "unit_price"))
    shows_orders = (
        dialect or places.get("orders") or named or (number and (sold or usual_word(table.headers[number[0]]) != "id"))
    )
    if not shows_orders and usual_word(time) not in usual_columns()["order_time"] and len(table.headers) > 1:
        usual = list(usual_columns()["number"].values())[:3]
        raise InputError(Note("order_no_number", file=table.name, column=time, columns=headers, usual=usual, near=near))
    twice = [header for at, header in enumerate(table.headers) if header and header in table.headers[:at]]
    if twice and not dialect and any(table.headers[at] == twice[0] for at in used):
        raise InputError(Note("order_column_twice", file=table.name, column=twice[0]))


@cache
def _personal_headers() -> frozenset[str]:
    return frozenset(normal(header) for dialect in dialects().values() for header in dialect.personal)


def may_be_personal(header: str) -> bool:
    """Whether a header is of a column about a customer, or no header but a customer's own words."""
    no_header = re.search(r"@|^\W*\d[\d\W]*$", header) is not None
    return no_header or normal(header) in _personal_headers() or _PERSON.search(header) is not None


_PERSON = re.compile(
    r"name|mail|phone|address|street|zip|postal|buyer|customer|client|recipient|contact|receiver|姓名|收货|收件|买家|电话|手机|地址"
    r"|邮箱|客户|会员|联系|氏名|住所|고객|수취인|주소", re.IGNORECASE,
)  # fmt: skip


def shown_headers(headers: Sequence[str]) -> list[str]:
    """Headers for a sentence: none of a file without a header, whose first row may be a customer's."""
    if any(re.search(r"@|^\W*\d[\d\W]*$", header) for header in headers):
        return ["–"]
    return [header for header in headers if header][:8]


def _date_and_clock(
    table: OrderTable, places: dict[str, tuple[int, ...]], dialect: Dialect | None, named: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """The columns with a time of day apart from its date, where a file has them: told by their first cells."""
    clocks = tuple(dict.fromkeys((*places.get("clock", ()), *places["time"])))
    asked = list(dict.fromkeys((*places["time"], *clocks)))
    chosen = dict(places)
    chosen.pop("clock", None)
    sample = table.sample(asked, SAMPLE_ROWS).apply(lambda cells: cells.str.strip())
    only_clock, only_date = set(), set()
    for at in asked:
        cells = sample[at][sample[at] != ""]
        moments = read_moments(cells)
        dated = has_date(moments)
        if len(cells) and not dated.any() and (read_clock(cells) != NONE).mean() > 0.5:
            only_clock.add(at)
        elif dated.any() and (moments.loc[dated, "second"] == NONE).all():
            only_date.add(at)
    times = tuple(at for at in places["time"] if at not in only_clock)
    if not times:
        return chosen
    many = dialect is not None and "time" not in named
    chosen["time"] = times if many else times[:1]
    if chosen["time"][0] in only_date and (apart := [at for at in clocks if at in only_clock]):
        chosen["clock"] = (apart[0],)
    return chosen
