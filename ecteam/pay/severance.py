"""What does it cost to end an employment, and what must be put aside for it? By the country pack's rule."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.pay.country_pack import Pack, Rounding, SeveranceRule
from ecteam.pay.payroll import as_pack, exact, half_up, known_day, minor, rounded, table_tax

_ALLOWED = {
    "gross_per_month": Allowed("0 or more a month", at_least=0, below=np.inf),
    "leavers_per_year": Allowed("0 or more leavers per head and year", at_least=0, below=np.inf),
    "owed_share": Allowed("a share of leavers, 0 to 1", at_least=0, at_most=1),
}
_STEP = {"whole_years": 1.0, "half_years_up": 0.5, "exact": 0.0}


def severance_reserve(
    gross_per_month: ArrayLike, leavers_per_year: ArrayLike, owed_share: ArrayLike, place: str | Pack, on: Any
) -> Floats:
    """How much must be put aside each month, for each head, for leavers who are owed severance? Arrays broadcast.

    gross_per_month : average pay of a month, variable and year-end pay included, in the place's currency
    leavers_per_year : leavers per head and year; the same chance in every month of a stay
    owed_share : share of the leavers who are owed severance, 0 to 1; the others resign
    place, on : payroll pack, and months (datetime64) whose figures hold

    Formula: (1) reserve = leavers_per_year / 12 x owed_share x months of pay per year of service x E[years] x counted
    pay.
    Pay is cut at the pack's cap. With a leavers a year a stay lasts T, exponential with mean 1/a; the pack counts T in
    half years upwards (China), whole years (United Kingdom) or exactly, nothing below its least years and no more than
    its most years. For steps of s years, the least L, the most M and o = s - 1 in whole, -1/2 in half years:
    (2) E = L S(L + o) + s (S(L + s + o) - S(M + s + o)) / (1 - exp(-a s)) with S(t) = exp(-a t),
    and without steps L S(L) + (S(L) - S(M)) / a. Where nobody leaves, nothing is put aside.
    Raises InputError for a place whose pack has no rule, a month outside the pack. Source: the pack's severance rule.

    >>> float(severance_reserve(6_000, 0.4, 0.5, "cn/hangzhou", np.datetime64("2026-08")).round(2)) * 12
    3309.96
    """
    given = checked(_ALLOWED, gross_per_month=gross_per_month, leavers_per_year=leavers_per_year, owed_share=owed_share)
    pack = as_pack(place)
    rule = _rule(pack)
    months = np.asarray(on, dtype="datetime64[M]")
    figures = _figures(pack, rule, months)
    pay, leavers = given["gross_per_month"], given["leavers_per_year"]
    capped = pay > figures["cap"]
    most = np.where(capped, np.minimum(figures["most"], figures["most_if_capped"]), figures["most"])
    years = _years_counted(leavers, _STEP[rule.counting], figures["least"], most)
    # Eq. 1
    owed = figures["months_per_year"] * years * np.minimum(pay, figures["cap"])
    return np.asarray(leavers / MONTHS_PER_YEAR * given["owed_share"] * owed)


def _years_counted(leavers: Floats, step: float, least: Floats, most: Floats) -> Floats:
    """Mean years that count for a leaver, Eq. 2; 0 where nobody leaves."""
    rate = np.where(leavers > 0, leavers, 1.0)

    def stays(years: Floats) -> Floats:
        return np.exp(-rate * np.maximum(years, 0))

    if step:
        # So long must somebody have been there for `c` years to count: c itself in whole years, c - 1/2 in half years.
        offset = step - 1
        steps = (stays(least + step + offset) - stays(most + step + offset)) / -np.expm1(-rate * step)
        years = np.where(least > 0, least * stays(least + offset), 0) + step * steps
    else:
        years = least * stays(least) + (stays(least) - stays(most)) / rate
    return np.where(leavers > 0, years, 0.0)


def severance_figures(place: str | Pack, on: Any) -> dict[str, Floats]:
    """The figures of Eq. 1 and 2 in each of some months: months_per_year, cap, least, most, most_if_capped, step.

    Infinite where the rule sets no limit; `step` is 0 where a stay is counted exactly.

    >>> float(severance_figures("uk", np.array(["2026-08"], dtype="datetime64[M]"))["cap"][0])
    3254.33
    """
    pack = as_pack(place)
    rule, months = _rule(pack), np.asarray(on, dtype="datetime64[M]")
    return _figures(pack, rule, months) | {"step": np.full(months.shape, _STEP[rule.counting])}


def _rule(pack: Pack) -> SeveranceRule:
    if pack.severance is None:
        raise InputError(f"the pack of {pack.place} says nothing of severance")
    return pack.severance


def _figures(pack: Pack, rule: SeveranceRule, months: NDArray[np.datetime64]) -> dict[str, Floats]:
    """The rule's limits in each month, in the shape of `months`."""
    kinds, which = np.unique(months, return_inverse=True)
    limits = [_limits(pack, rule, known_day(pack, month.astype("datetime64[D]").item())) for month in kinds]
    by_name = {name: np.array([float(each[name]) for each in limits]) for name in limits[0]}
    return {name: values[which].reshape(months.shape) for name, values in by_name.items()}


def _limits(pack: Pack, rule: SeveranceRule, day: date) -> dict[str, Decimal]:
    """The rule's figures on a day; infinite where it sets no limit."""

    def value(name: str | None, without: str = "Infinity") -> Decimal:
        return pack.value(name, day) if name else Decimal(without)

    cap = value(rule.wage_cap)
    if rule.average_wage and rule.wage_cap_of_average:
        cap = value(rule.average_wage) * value(rule.wage_cap_of_average)
    return {
        "months_per_year": value(rule.months_per_year),
        "cap": cap,
        "least": value(rule.least_years, "0"),
        "most": value(rule.most_years),
        "most_if_capped": value(rule.years_if_capped),
    }


@dataclass(frozen=True)
class Severance:
    """What an ending costs: `amount` is compensation and pay for notice; `income_tax` falls on what is not exempt."""

    compensation: Decimal
    amount: Decimal
    capped: bool
    income_tax: Decimal


def severance(
    gross_per_month: float | Decimal,
    place: str | Pack,
    on: date,
    years_of_service: float,
    *,
    ending: str | None = None,
    last_gross_per_month: float | Decimal | None = None,
) -> Severance:
    """What does it cost to end an employment?

    `gross_per_month`, average of the last twelve months with all variable pay; `ending`, in China "N", "N+1" (without
    notice) or "2N" (unlawful), by default the first the pack knows; `last_gross_per_month` pays the notice (the average
    when None).
    Formula: months per year x years counted x wage, the wage and then the years capped (China: three times
    the local average wage, then twelve years), x times of the ending, + notice months x last month's wage. In
    China what exceeds three local yearly wages is taxed on the annual table.
    Raises InputError for an unknown ending, negative pay or years. Source: Labour Contract Law arts.40, 47,
    87; 财税〔2018〕164号; the pack's `figures`.

    >>> severance(43_500, "cn/shanghai", date(2026, 3, 13), 0.28).compensation
    Decimal('18865.50')
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    rule = _rule(pack)
    ending = next(iter(rule.endings)) if ending is None else ending
    if ending not in rule.endings:
        raise InputError(f"ending is {ending!r}{did_you_mean(ending, rule.endings)}")
    if years_of_service < 0:
        raise InputError(f"years_of_service is {years_of_service}; it must be 0 or more years")

    wage = exact(pack, minor(pack, "gross_per_month", float(gross_per_month)))
    last = wage
    if last_gross_per_month is not None:
        last = exact(pack, minor(pack, "last_gross_per_month", float(last_gross_per_month)))
    limits = _limits(pack, rule, day)
    capped = wage > limits["cap"]
    years = _years_paid(Decimal(str(years_of_service)), rule.counting)
    if years < limits["least"]:
        years = Decimal(0)
    years = min(years, limits["most"], limits["most_if_capped"] if capped else limits["most"])
    times, notice_months = (
        pack.value(name, day) if (name := rule.endings[ending].get(part)) else Decimal(0)
        for part in ("times", "notice_months")
    )
    compensation = half_up(pack, limits["months_per_year"] * years * min(wage, limits["cap"]) * times)
    amount = compensation + half_up(pack, last * notice_months)
    tax = Decimal(0)
    if rule.average_wage and rule.bands and rule.exempt_annual_averages:
        exempt = 12 * pack.value(rule.average_wage, day) * pack.value(rule.exempt_annual_averages, day)
        taxable = np.array(int(max(amount - exempt, Decimal(0)) * pack.minor_units), dtype=np.int64)
        tax = exact(pack, rounded(table_tax(pack, pack.table(rule.bands, day), taxable), Rounding(), pack))
    return Severance(compensation, amount, capped, tax)


def _years_paid(years: Decimal, counting: str) -> Decimal:
    if counting == "exact":
        return years
    whole = years // 1
    rest = years - whole
    if counting == "whole_years" or rest == 0:
        return whole
    return whole + (Decimal("0.5") if rest < Decimal("0.5") else 1)
