"""Tax tables asked directly, and an annual bonus taxed apart from the wage or together with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.pay.country_pack import BonusRule, Pack, Rounding
from ecteam.pay.payroll import Choices, YearSoFar, bonus_tax, exact, major, minor, rounded
from ecteam.pay.payroll import table_tax as engine_table_tax
from ecteam.pay.payroll_place import DEFAULT_MONTH, as_pack, known_day
from ecteam.pay.payroll_year import case_of


def bonus_rule(pack: Pack, day: date, person: str) -> BonusRule:
    """How a bonus is taxed apart from the wage, refused where or when the law knows no such thing."""
    rule = pack.bonus.get(pack.persons[person].tax)
    if rule is None:
        raise InputError(f"{pack.place} has no bonus taxed apart from the wage; use bonus instead of bonus_separate")
    if rule.until and day > rule.until:
        raise InputError(f"a bonus is taxed apart until {rule.until} only, and the month asked for is {day:%Y-%m}")
    return rule


def table_tax(taxable: ArrayLike, place: str | Pack, table: str, on: date = DEFAULT_MONTH) -> NDArray[np.float64]:
    """What tax does one of a place's tables ask of taxable amounts?

    Parameters: `taxable`, amounts in the table's own period (a year, or a month for "iit_monthly"); `table`,
    its name in the pack. Formula: tax due at the band's start + rate x what lies above it. Raises InputError
    for an unknown table.

    >>> table_tax([36_000, 144_000], "cn/shanghai", "iit_annual").tolist()
    [1080.0, 11880.0]
    """
    pack = as_pack(place)
    if table not in pack.bands:
        raise InputError(f"table is {table!r}{did_you_mean(table, pack.bands)}")
    due = engine_table_tax(pack, pack.table(table, known_day(pack, on)), minor(pack, "taxable", taxable))
    return major(pack, rounded(due, Rounding(), pack))


@dataclass(frozen=True)
class BonusChoice:
    """Tax of a bonus both ways; a smaller one, `cliff_at`, may leave the employee `cliff_loss` more."""

    bonus: Decimal
    tax_separate: Decimal
    tax_merged: Decimal
    better: Literal["separate", "merged"]
    cliff_at: Decimal | None
    cliff_loss: Decimal


def bonus_choice(
    bonus: float | Decimal,
    gross_per_month: float | Decimal,
    place: str | Pack = "cn/shanghai",
    on: date = DEFAULT_MONTH,
    *,
    special_deductions: Mapping[str, float] | None = None,
    base_per_month: Any = None,
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> BonusChoice:
    """Is an annual bonus better taxed apart from the wage or with it, and is it just above a cliff?

    Parameters: `bonus` of a year; the rest as in `payslip`. Formula: separate is the bonus times the rate of
    a twelfth of it, less one month's quick deduction; merged is table(12 months' taxable wage + bonus) -
    table(12 months' taxable wage), the year taken as twelve months like the asked one. Ties go to merged,
    which needs no election.
    Raises InputError where the law knows no bonus taxed apart. Source: MOF/STA 2023 No.30.

    >>> bonus_choice(36_001, 20_000, "cn/shanghai", date(2026, 1, 1))
    BonusChoice(bonus=Decimal('36001.00'), tax_separate=Decimal('3390.10'), tax_merged=Decimal('6600.20'),
                better='separate', cliff_at=Decimal('36000.00'), cliff_loss=Decimal('2309.10'))
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    settled = Choices("employee", choices or {}, tuple(without))
    case = case_of(pack, day, float(gross_per_month), base_per_month, special_deductions, settled)
    rule = bonus_rule(pack, day, settled.person)
    amount = minor(pack, "bonus", float(bonus))
    apart = bonus_tax(pack, rule, day, amount)
    nothing = case.wage * 0
    so_far = YearSoFar(nothing, nothing, nothing, nothing)
    for _ in range(12 - 1):
        so_far = case.month(day, case.wage, nothing, nothing, so_far)[2]
    without_bonus = case.month(day, case.wage, nothing, nothing, so_far)[1]
    merged = case.month(day, case.wage, amount, nothing, so_far)[1] - without_bonus
    limits = np.array(
        [int(row.above * pack.minor_units) * rule.parts for row in pack.table(rule.bands, day).rows],
        dtype=np.int64,
    )
    below = limits[limits < amount]
    kept = below - bonus_tax(pack, rule, day, below)
    loss = int(kept.max() - (amount - apart)) if below.size else 0
    return BonusChoice(
        exact(pack, amount),
        exact(pack, apart),
        exact(pack, merged),
        "separate" if apart < merged else "merged",
        exact(pack, below[kept.argmax()]) if loss > 0 else None,
        exact(pack, max(loss, 0)),
    )
