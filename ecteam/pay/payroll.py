"""How a pack's rules act on pay: whole numbers of the currency's smallest unit, for many people at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.words import Name, Note
from ecteam.pay.country_pack import Bands, BonusRule, Charge, Item, Pack, Regime, Rounding, Side, load_pack

Whole = NDArray[np.int64]
Days = NDArray[np.datetime64]

# Rates are whole multiples of this part; a year of amounts up to LARGEST times it stays inside 64 bits.
PART = 10**8
LARGEST = 5 * 10**9


class Choices(NamedTuple):
    """What is known of a person beyond pay: the kind, figures chosen inside their range, items left out."""

    person: str = "employee"
    figures: Mapping[str, float] = {}
    without: Collection[str] = ()


class YearSoFar(NamedTuple):
    """What counts of the tax year so far, in the smallest unit; deductions and tax where it is withheld on the year."""

    income: Whole
    deducted: Whole
    tax: Whole


def minor(pack: Pack, name: str, amount: ArrayLike) -> Whole:
    """Amounts as whole numbers of the smallest unit, half up; negative or unreal ones are refused."""
    values = np.asarray(amount, dtype=float)
    scaled = values * pack.minor_units
    wrong = ~(np.isfinite(scaled) & (scaled >= 0) & (scaled <= LARGEST))
    if wrong.any():
        most = f"{LARGEST // pack.minor_units:,}"
        raise InputError(f"{name} is {values[wrong].flat[0]:g}; it must be 0 to {most} {pack.currency} a month")
    # 1.005 is 100.49999... in binary: within a ten-thousandth of a half, the half is what was meant.
    return np.floor(np.round(scaled, 4) + 0.5).astype(np.int64)


def major(pack: Pack, amount: Whole) -> NDArray[np.float64]:
    """Whole numbers of the smallest unit as amounts of the currency."""
    return amount / pack.minor_units


def exact(pack: Pack, amount: Any) -> Decimal:
    """One amount as an exact decimal number of the currency."""
    return (Decimal(int(amount)) / pack.minor_units).quantize(Decimal(1) / pack.minor_units)


def half_up(pack: Pack, amount: Decimal) -> Decimal:
    """A decimal amount to the smallest unit, half up."""
    return amount.quantize(Decimal(1) / pack.minor_units, ROUND_HALF_UP)


def rounded(scaled: Whole, rounding: Rounding, pack: Pack) -> Whole:
    """Smallest units times PART, rounded as the law says, in smallest units."""
    step = int(rounding.to * pack.minor_units)
    unit = step * PART
    shift = {"half_up": unit // 2, "half_down": unit // 2 - 1, "down": 0, "up": unit - 1}[rounding.mode]
    return (scaled + shift) // unit * step


def check_choices(pack: Pack, choices: Choices, days: Days) -> None:
    """Every mistake in what was chosen, with the nearest right name or the allowed range."""
    wrong = []
    if choices.person not in pack.persons:
        wrong.append(f"person is {choices.person!r}{did_you_mean(choices.person, pack.persons)}")
    # A person can stay out of an item, or of all items of a declared base.
    items = [*dict.fromkeys([*pack.items, *pack.declared_groups])]
    for name in choices.without:
        if name not in items:
            wrong.append(f"without has {name!r}, no contribution of {pack.place}{did_you_mean(name, items)}")
    for name, value in choices.figures.items():
        if name not in pack.figures:
            open_ones = sorted(key for key in pack.figures if _range(pack, key, days) is not None)
            wrong.append(f"choices has {name!r}, no figure of {pack.place}{did_you_mean(name, open_ones)}")
            continue
        allowed = _range(pack, name, days)
        if allowed is None:
            wrong.append(f"choices has {name!r}; in {pack.place} it is fixed and not to be chosen")
        elif not allowed[0] <= Decimal(str(value)) <= allowed[1]:
            wrong.append(f"choices[{name!r}] is {value}; {pack.place} allows {allowed[0]} to {allowed[1]}")
    if wrong:
        raise InputError(wrong)


def declared_bases(pack: Pack, base_per_month: Any) -> dict[str, Whole]:
    """Declared bases by group: one amount stands for every group of the pack."""
    groups = pack.declared_groups
    if base_per_month is None:
        return {}
    if not isinstance(base_per_month, Mapping):
        return {group: minor(pack, "base_per_month", base_per_month) for group in groups}
    for name in base_per_month:
        if name not in groups:
            raise InputError(f"base_per_month has {name!r}{did_you_mean(name, groups)}")
    return {name: minor(pack, f"base_per_month of {name}", base) for name, base in base_per_month.items()}


def _range(pack: Pack, name: str, days: Days) -> tuple[Decimal, Decimal] | None:
    """The lowest low and highest high of a figure over some days; None where it is not open to choice."""
    figure = pack.figure(name)
    at = np.unique(np.searchsorted(figure.days, days, side="right") - 1)
    ranges = [figure.values[max(i, 0)].range for i in at]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    return (low, high) if low < high else None


def _series(pack: Pack, name: str, days: Days, scale: int, choices: Choices) -> Whole:
    """A figure on each of some days, times `scale`, as whole numbers; a choice goes before the typical."""
    key = pack.resolve(name)
    for chosen, value in choices.figures.items():
        if pack.resolve(chosen) == key:
            return np.full(days.shape, int(Decimal(str(value)) * scale), dtype=np.int64)
    figure = pack.figure(key)
    values = np.array([int(value.typical * scale) for value in figure.values], dtype=np.int64)
    return values[np.searchsorted(figure.days, days, side="right") - 1]


def _charge(pack: Pack, item: Item, charge: Charge, days: Days, base: Whole, before: Whole, choices: Choices) -> Whole:
    money = {
        limit: _series(pack, name, days, pack.minor_units, choices)
        for limit, name in charge.model_dump(exclude={"rate"}).items()
        if name
    }
    scaled = np.zeros(np.broadcast_shapes(base.shape, days.shape, before.shape), dtype=np.int64)
    if charge.rate:
        subject = np.maximum(base, money["floor"]) if "floor" in money else base

        def counted(amount: Whole) -> Whole:
            capped = np.minimum(amount, money["cap"]) if "cap" in money else amount
            return np.maximum(capped - money["threshold"], 0) if "threshold" in money else capped

        yearly = item.period == "year"
        part = counted(before + subject) - counted(before) if yearly else counted(subject)
        scaled = scaled + part * _series(pack, charge.rate, days, PART, choices)
    fixed = money.get("amount", np.zeros((), dtype=np.int64))
    return rounded(scaled + fixed * PART, item.rounding, pack)


def contributions(
    pack: Pack,
    days: Days,
    wage: Whole,
    paid: Whole,
    bases: Mapping[str, Whole],
    before: Whole,
    choices: Choices,
    sides: Collection[Side] = ("employee", "employer"),
) -> dict[tuple[str, Side], Whole]:
    """What every item asks of each side in a month, in smallest units; nothing where the wage is 0.

    `wage` is the contract's, `paid` what the month pays, `bases` the declared bases where they differ from
    the wage, `before` what was paid earlier in the tax year; all broadcast with `days`.
    """
    left_out = {*choices.without, *pack.persons[choices.person].without}
    chosen = {pack.resolve(name) for name in choices.figures}
    due: dict[tuple[str, Side], Whole] = {}
    for key, item in pack.items.items():
        asked = item.employer + item.employee
        unasked = item.optional and not chosen & {pack.resolve(charge.rate) for charge in asked if charge.rate}
        if unasked or left_out & {key, item.base}:
            continue
        base = paid if item.base == "paid" else bases.get(item.base, wage)
        memo: dict[Charge, Whole] = {}
        for side in sides:
            charges = item.employer if side == "employer" else item.employee
            if not charges:
                continue
            asked_of_side = np.zeros((), dtype=np.int64)
            for charge in charges:
                if charge not in memo:
                    memo[charge] = _charge(pack, item, charge, days, base, before, choices)
                asked_of_side = asked_of_side + memo[charge]
            due[key, side] = np.where(wage > 0, asked_of_side, 0)
    return due


def _rows(table: Bands, pack: Pack, times: int = 1) -> tuple[Whole, Whole, Whole, Whole]:
    """Limits, tax due at them, rates and rises of a table whose limits and sums are taken `times` over."""
    above = np.array([int(row.above * pack.minor_units) * times for row in table.rows], dtype=np.int64)
    start = np.array([int(due * pack.minor_units * PART) * times for due in table.tax_at_start], dtype=np.int64)
    rate = np.array([int(row.rate * PART) for row in table.rows], dtype=np.int64)
    rise = np.array([int(row.rise * pack.minor_units * PART) for row in table.rows], dtype=np.int64)
    return above, start, rate, rise


def side_total(due: Mapping[tuple[str, Side], Whole], side: Side, shape: tuple[int, ...] = ()) -> Whole:
    """The sum of one side's contributions."""
    return sum((amount for (_, payer), amount in due.items() if payer == side), np.zeros(shape, dtype=np.int64))


def table_tax(pack: Pack, table: Bands, taxable: Whole, times: int = 1) -> Whole:
    """Tax of a table, times PART and not yet rounded: start + over * rate + rise * over squared."""
    above, start, rate, rise = _rows(table, pack, times)
    row = np.maximum(np.searchsorted(above, taxable, side="left") - 1, 0)
    over = taxable - above[row]
    whole = over // pack.minor_units
    return start[row] + over * rate[row] + whole * whole * rise[row]


def bonus_tax(pack: Pack, rule: BonusRule, day: date, bonus: Whole) -> Whole:
    """Tax on a bonus taxed apart from the wage, in smallest units."""
    table = pack.table(rule.bands, day)
    if rule.method == "sum_of_parts":
        return rounded(table_tax(pack, table, bonus, times=rule.parts), Rounding(), pack)
    above, start, rate, _ = _rows(table, pack)
    row = np.maximum(np.searchsorted(above * rule.parts, bonus, side="left") - 1, 0)
    # The whole bonus bears the rate of one part but only one part's quick deduction: hence the cliffs.
    quick = above[row] * rate[row] - start[row]
    return rounded(bonus * rate[row] - quick, Rounding(), pack)


def _allowance(pack: Pack, regime: Regime, day: Days, yearly_income: Whole, choices: Choices) -> Whole:
    allowance = _series(pack, regime.allowance, day, pack.minor_units, choices)
    if regime.taper is None:
        return allowance
    above = _series(pack, regime.taper.above, day, pack.minor_units, choices)
    share = _series(pack, regime.taper.share, day, PART, choices)
    lost = np.maximum(yearly_income - above, 0) * share // PART
    return np.maximum(allowance - lost, 0)


def income_tax(
    pack: Pack,
    day: Days,
    regular: Whole,
    extra: Whole,
    deductible: Whole,
    special: Whole,
    so_far: YearSoFar,
    choices: Choices,
) -> tuple[Whole, YearSoFar]:
    """Tax to withhold from one month's pay (`regular` wage and `extra` pay), and the year so far after it.

    cumulative: table(year's income - deducted) - tax withheld; month: table(month's income - allowance);
    annualised: table(12 x regular) / 12, plus what the extra pay adds to the year's tax.
    """
    regime = pack.income_tax[pack.persons[choices.person].tax]
    table = pack.table(regime.bands, day.astype(object).item())
    income = regular + extra

    def year_tax(taxable: Whole) -> Whole:
        taxable = np.maximum(taxable, 0)
        if regime.round_taxable:
            taxable = rounded(taxable * PART, regime.round_taxable, pack)
        return rounded(table_tax(pack, table, taxable), regime.round_year or Rounding(), pack)

    if regime.method == "annualised":
        share_of_regular = deductible * regular // np.maximum(income, 1)
        year = 12 * (regular - share_of_regular)
        whole = year + extra - (deductible - share_of_regular)
        level = year_tax(year - _allowance(pack, regime, day, 12 * regular, choices))
        with_extra = year_tax(whole - _allowance(pack, regime, day, 12 * regular + extra, choices))
        tax = rounded(level * PART // 12, regime.rounding, pack) + with_extra - level
        return tax, so_far._replace(income=so_far.income + income)
    allowance = _allowance(pack, regime, day, income, choices)
    if regime.method == "month":
        tax = rounded(table_tax(pack, table, np.maximum(income - allowance, 0)), regime.rounding, pack)
        return tax, so_far._replace(income=so_far.income + income)
    deducted = so_far.deducted + deductible + special + allowance
    total = so_far.income + income
    due = rounded(table_tax(pack, table, np.maximum(total - deducted, 0)), regime.rounding, pack)
    tax = np.maximum(due - so_far.tax, 0)
    return tax, YearSoFar(total, deducted, so_far.tax + tax)


ONE_DAY = timedelta(days=1)
DEFAULT_MONTH = date(2026, 7, 1)


def as_pack(place: str | Pack) -> Pack:
    """The pack of a place's name."""
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


def stale_note(place: str | Pack, on: date) -> Note | None:
    """Are figures that are renewed every year older than 12 months on a day? The note to show, or None.

    >>> import ecteam.inputs.scenario  # which names the places
    >>> print(stale_note("cn/hangzhou", date(2026, 12, 1)))
    Hangzhou uses Pension cap, Pension floor of 2025-01, 23 months old in 2026-12; look for newer ones
    """
    pack = as_pack(place)
    day = max(month_ends(on)[1], pack.known.first)
    own = {name: figure for name, figure in pack.figures.items() if not isinstance(figure, str)}
    since = {name: figure.at(day).effective for name, figure in own.items() if figure.yearly}
    oldest = min(since.values(), default=on)
    age = (on.year - oldest.year) * 12 + on.month - oldest.month
    if age <= 12:
        return None
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


def year_begins(pack: Pack, day: date) -> date:
    """The first day of the tax year, by whole months, that a day lies in."""
    start = pack.tax_year_starts_month
    return date(day.year - (day.month < start), start, 1)


@dataclass(frozen=True)
class PayCase:
    """Whose month: the pack, the wage, declared bases, special deductions a month, and what was chosen."""

    pack: Pack
    wage: Whole
    bases: dict[str, Whole]
    special: Whole
    settled: Choices

    def month(
        self, day: date, extra: Whole, apart: Whole, so_far: YearSoFar
    ) -> tuple[dict[tuple[str, Side], Whole], Whole, YearSoFar]:
        """Contributions, tax and the year so far after a month of wage, extra and separately taxed pay."""
        pack, days = self.pack, np.array(day, dtype="datetime64[D]")
        paid = self.wage + extra + apart
        due = contributions(pack, days, self.wage, paid, self.bases, so_far.income, self.settled)
        deducts = pack.income_tax[pack.persons[self.settled.person].tax].deducts
        deductible = side_total(
            {key: amount for key, amount in due.items() if key[0] in deducts}, "employee", paid.shape
        )
        tax, after = income_tax(pack, days, self.wage, extra, deductible, self.special, so_far, self.settled)
        return due, tax, after

    def year_before(self, day: date, since: date | None) -> YearSoFar:
        """The tax year up to a month, at one wage since it began, or since the first month at this employer."""
        pack, nothing = self.pack, self.wage * 0
        so_far = YearSoFar(nothing, nothing, nothing)
        cumulative = pack.income_tax[pack.persons[self.settled.person].tax].method == "cumulative"
        first = max(year_begins(pack, day), since.replace(day=1) if since else date.min)
        for month in np.arange(np.datetime64(first, "M"), np.datetime64(day, "M")):
            if not cumulative:
                so_far = so_far._replace(income=so_far.income + self.wage)
                continue
            try:
                last = known_day(pack, month.astype("datetime64[D]").item())
            except InputError as error:
                raise InputError(f"tax of {day:%Y-%m} counts the year so far; {error}; say since=") from None
            so_far = self.month(last, nothing, nothing, so_far)[2]
        return so_far


def case_of(
    pack: Pack, day: date, gross: ArrayLike, bases: Any, special: Mapping[str, float] | None, settled: Choices
) -> PayCase:
    """The case of some gross pay, after checking every choice."""
    check_choices(pack, settled, np.array([day], dtype="datetime64[D]"))
    total = Decimal(0)
    for name, times in (special or {}).items():
        if name not in pack.special_deductions:
            near = did_you_mean(name, pack.special_deductions) if pack.special_deductions else ""
            raise InputError(f"special_deductions has {name!r}, which {pack.place} does not know{near}")
        if times < 0:
            raise InputError(f"special_deductions[{name!r}] is {times}; it must be 0 or more")
        total += pack.value(name, day) * Decimal(str(times))
    monthly = minor(pack, "special_deductions", float(total))
    return PayCase(pack, minor(pack, "gross_per_month", gross), declared_bases(pack, bases), monthly, settled)


FIGURES = ("rate", "floor", "cap", "threshold", "amount")


def employer_charges(place: str | Pack, on: Any) -> pd.DataFrame:
    """What does each contribution take of an employer, in each of some months (datetime64)?

    A row for every month and charge that is not a matter of choice: month, item, en, zh, base, period, rate, floor,
    cap, threshold, amount (NaN where the law sets none), to (the unit of the currency it is rounded to) and mode. A
    charge is max(min(max(pay, floor), cap) - threshold, 0) x rate + amount, rounded.

    >>> table = employer_charges("cn/hangzhou", np.array(["2026-08"], dtype="datetime64[M]"))
    >>> table.set_index("item").loc["pension", ["rate", "floor", "cap"]].tolist()
    [0.16, 4986.0, 25299.0]
    """
    pack = as_pack(place)
    rows = []
    for month in np.unique(np.asarray(on, dtype="datetime64[M]")):
        day = known_day(pack, month.astype("datetime64[D]").item())
        for key, item in pack.items.items():
            for charge in () if item.optional else item.employer:
                names = charge.model_dump()
                figures = {f: float(pack.value(names[f], day)) if names[f] else np.nan for f in FIGURES}
                about = {"month": month, "item": key, "en": item.name["en"], "zh": item.name["zh"]}
                about |= {"base": item.base, "period": item.period}
                rows.append(about | figures | {"to": float(item.rounding.to), "mode": item.rounding.mode})
    return pd.DataFrame(rows)
