"""Questions to a place's pack before anybody is paid: currency, known months, age, minimum wage."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from ecteam.inputs.checks import InputError
from ecteam.inputs.words import Name, Note
from ecteam.pay.country_pack import Pack
from ecteam.pay.payroll_pack import load_pack

ONE_DAY = timedelta(days=1)
DEFAULT_MONTH = date(2026, 7, 1)


def as_pack(place: str | Pack) -> Pack:
    """A pack from its place's name; a pack stays what it is."""
    return place if isinstance(place, Pack) else load_pack(place)


def month_ends(on: date) -> tuple[date, date]:
    """The first and the last day of the month of a day."""
    first = on.replace(day=1)
    return first, (first + 31 * ONE_DAY).replace(day=1) - ONE_DAY


def known_day(pack: Pack, on: date) -> date:
    """The day whose figures a month's pay follows, its last one; refused outside the pack's range."""
    last = month_ends(on)[1]
    if last < pack.known.first or (pack.known.last and last > pack.known.last):
        until = f"to {pack.known.last}" if pack.known.last else "on"
        raise InputError(
            f"on is {on:%Y-%m}; the figures of {pack.place} are known from {pack.known.first} {until} "
            "and are not carried beyond"
        )
    return last


def currency(place: str | Pack) -> str:
    """In which currency does a place pay? Its ISO code.

    >>> currency("uk")
    'GBP'
    """
    return as_pack(place).currency


def known_range(place: str | Pack) -> tuple[date, date | None]:
    """For which months are figures known? First day of the first, last day of the last (None: still open).

    >>> known_range("uk")
    (datetime.date(2025, 4, 1), datetime.date(2027, 3, 31))
    """
    known = as_pack(place).known
    if known.last is None:
        return known.first.replace(day=1), None
    end = month_ends(known.last)[1]
    return known.first.replace(day=1), end if end == known.last else known.last.replace(day=1) - ONE_DAY


def _renewed(pack: Pack, on: date) -> dict[str, date]:
    """Since when the figures that are renewed every year have held; the pack's first day if none is."""
    day = max(month_ends(on)[1], pack.known.first)
    own = {name: figure for name, figure in pack.figures.items() if not isinstance(figure, str)}
    yearly = {name: figure.at(day).effective for name, figure in own.items() if figure.yearly}
    return yearly or {"figures": pack.known.first}


def pack_age_months(place: str | Pack, on: date) -> int:
    """How many months ago did the oldest of the figures that are renewed every year begin to hold?

    >>> pack_age_months("cn/shanghai", date(2026, 12, 1))
    5
    """
    oldest = min(_renewed(as_pack(place), on).values())
    return (on.year - oldest.year) * 12 + on.month - oldest.month


def stale_note(place: str | Pack, on: date) -> Note | None:
    """Is a pack older than 12 months on the asked day? The note to show, or None.

    >>> stale_note("cn/shanghai", date(2026, 12, 1))
    >>> print(stale_note("cn/hangzhou", date(2026, 12, 1)))
    cn/hangzhou uses pension_cap, pension_floor of 2025-01, 23 months old in 2026-12; look for newer ones
    """
    pack = as_pack(place)
    age = pack_age_months(pack, on)
    if age <= 12:
        return None
    since = _renewed(pack, on)
    oldest = min(since.values())
    return Note(
        "payroll_figures_old",
        place=Name(pack.place),
        figures=[Name(name) for name in sorted(name for name, day in since.items() if day == oldest)],
        since=f"{oldest:%Y-%m}",
        age=age,
        on=f"{on:%Y-%m}",
    )


def minimum_wage(place: str | Pack, on: date, *, choices: Mapping[str, float] | None = None) -> Decimal | None:
    """What is the least a full-time month may pay, in the place's currency? None where no figure is known.

    An hourly minimum is multiplied by the pack's hours a month. In Shanghai it is what is left after the
    employee's own insurance and fund.

    >>> minimum_wage("cn/shanghai", date(2026, 7, 1))
    Decimal('2740')
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    rule = pack.minimum_wage
    if rule is None or pack.figure(rule.figure).values[0].effective > day:
        return None
    chosen = {} if choices is None else choices
    least, hours = (
        (Decimal(str(chosen[name])) if name in chosen else pack.value(name, day)) if name else None
        for name in (rule.figure, rule.hours_per_month)
    )
    assert least is not None
    return least if hours is None else (least * hours).quantize(Decimal(1) / pack.minor_units)
