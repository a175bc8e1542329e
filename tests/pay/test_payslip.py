"""Payroll: published and hand-worked payslips to the fen, laws, errors, and the packs themselves."""

import csv
import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import PLACES
from ecteam.pay import payroll, payslip
from ecteam.pay.country_pack import Figure, Rounding
from ecteam.pay.payroll import DEFAULT_MONTH

TABLE = (Path(__file__).parents[1] / "data" / "payroll_cases.csv").read_text(encoding="utf-8")
CASES = {row["id"]: row for row in csv.DictReader(TABLE.splitlines())}
PAYSLIPS = [key for key, row in CASES.items() if row["inputs"]]
DATES = ("on", "since")
CITIES = [place for place in payslip.places() if place.startswith("cn/")]
CLASS_1 = {"injury_employer_rate": 0.002}


def case(key: str) -> tuple[dict, dict]:
    row = CASES[key]
    inputs = json.loads(row["inputs"] or "{}")
    return {k: date.fromisoformat(v) if k in DATES else v for k, v in inputs.items()}, json.loads(row["expected"])


def fen(amount: object) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def tax_by_table(taxable: object, place: str, table: str, on: date = DEFAULT_MONTH) -> np.ndarray:
    """The tax that a table of a place asks of amounts in the table's own period."""
    pack = payslip.load_pack(place)
    due = payroll.table_tax(pack, pack.table(table, payroll.known_day(pack, on)), payroll.minor(pack, "x", taxable))
    return payroll.major(pack, payroll.rounded(due, Rounding(), pack))


# References: each case names its origin in the column `source` of tests/data/payroll_cases.csv.


@pytest.mark.parametrize("key", PAYSLIPS)
def test_payslip_comes_out_to_the_fen(key: str) -> None:
    inputs, expected = case(key)
    slip = payslip.payslip(**inputs)
    got = {
        "net": slip.net,
        "iit": slip.income_tax,
        "bonus_tax": slip.bonus_tax,
        "employer_extra": slip.employer_extra,
    }
    assert {name: got[name] for name in expected} == {name: fen(value) for name, value in expected.items()}
    assert slip.gross - slip.employee_contributions - slip.income_tax - slip.bonus_tax == slip.net


@pytest.mark.parametrize("key", [key for key in CASES if key.startswith("CN-IIT")])
def test_tax_tables(key: str) -> None:
    _, kind, taxable = key.split("-")
    table = {"IIT": "iit_annual", "IITM": "iit_monthly"}[kind]
    assert fen(tax_by_table(float(taxable), "cn/shanghai", table)) == fen(case(key)[1]["tax"])


def test_every_payroll_case_is_used() -> None:
    used = {*PAYSLIPS, *(key for key in CASES if key.startswith(("CN-IIT", "US-SS-")))}
    assert set(CASES) == used | {"US-FUTA", "UK-2500", "UK-30000", "GOV-SH-HF-5"}


def social_security_of_a_year(pack: payslip.Pack, gross: float) -> Decimal:
    slips = [payslip.payslip(gross, pack, date(2026, month, 1)) for month in range(1, 13)]
    assert all(slip.contributions["social_security"]["employee"] >= 0 for slip in slips)
    return sum((slip.contributions["social_security"]["employee"] for slip in slips), Decimal(0))


@pytest.mark.parametrize("year", [2018, 2022, 2025, 2026])
def test_highest_social_security_of_a_year(year: int) -> None:
    """The caps of 2025 and 2026 are the pack's own; those of 2018 and 2022 are put into the pack of 2026."""
    row = CASES[f"US-SS-{year}"]
    us = payslip.load_pack("us")
    cap = Decimal(row["what"].split(" x ")[1].replace(",", ""))
    if year >= 2025:
        assert us.value("oasdi_cap", date(year, 12, 31)) == cap
    figure = Figure.model_validate(
        {"unit": "USD/year", "values": [{"from": date(2026, 1, 1), "typical": cap, "source": "ssa_2026"}]}
    )
    pack = us.model_copy(update={"figures": {**us.figures, "oasdi_cap": figure}})
    assert social_security_of_a_year(pack, 20_000) == fen(json.loads(row["expected"])["v"])


def test_federal_unemployment_tax() -> None:
    others = [item for item in payslip.load_pack("us").items if item != "futa"]
    year = np.arange("2026-01", "2027-01", dtype="datetime64[M]")
    team = payslip.employer_extra(np.full((100, 1), 50_000 / 12), "us", year, without=others)
    expected = case("US-FUTA")[1]
    assert team[0].sum().round(2) == expected["one"]
    assert team.sum().round(2) == expected["hundred"]


def test_uk_employer_national_insurance() -> None:
    month = payslip.payslip(2500, "uk", date(2025, 6, 1)).contributions["national_insurance"]["employer"]
    assert month == fen(case("UK-2500")[1]["v"])
    assert int(12 * month) == case("UK-30000")[1]["v"]


def test_published_limits_of_the_shanghai_fund_at_5_percent() -> None:
    """Both sides together at floor and cap, as the government prints them; 7 % gives 384 and 5,282."""
    for rate, low, high in ((0.05, *case("GOV-SH-HF-5")[1].values()), (0.07, 384, 5282)):
        for gross, limit in ((2740, low), (40_000, high)):
            slip = payslip.payslip(gross, "cn/shanghai", date(2026, 7, 1), choices={"housing_fund_rate": rate})
            assert sum(slip.contributions["housing_fund"].values()) == limit


# The checks of the reference's country_packs.yaml.

BURDENS_AT_8000 = [
    ("hangzhou", 0.05, 0.314),
    ("hangzhou", 0.12, 0.384),
    ("shanghai", 0.07, 0.329),
    ("beijing", 0.12, 0.387),
    ("shenzhen", 0.05, 0.287),
    ("guangzhou", 0.05, 0.290),
    ("chengdu", 0.05, 0.303),
]


@pytest.mark.parametrize(("city", "fund", "burden"), BURDENS_AT_8000)
def test_employer_burden_at_8000(city: str, fund: float, burden: float) -> None:
    """Guangzhou's exact sum is 29.05 %, which the reference prints as 0.290: hence half of its last digit."""
    extra = payslip.employer_extra(8000, f"cn/{city}", "2026-12", choices={"housing_fund_rate": fund})
    assert float(extra) / 8000 == pytest.approx(burden, abs=0.00051)


@pytest.mark.parametrize(("city", "burden"), [("shanghai", 0.396), ("beijing", 0.444)])
def test_the_floor_lifts_the_burden_at_6000(city: str, burden: float) -> None:
    assert float(payslip.employer_extra(6000, f"cn/{city}", "2026-07")) / 6000 == pytest.approx(burden, abs=0.0005)


def test_us_check_at_50000_a_year() -> None:
    year = np.arange("2026-01", "2027-01", dtype="datetime64[M]")
    options = {"choices": {"suta_cap": 7000}, "without": ("workers_comp", "health_benefit")}
    assert payslip.employer_extra(50_000 / 12, "us", year, **options).sum().round(2) == 4056.00
    fica = payslip.employer_extra(50_000 / 12, "us", year, without=("futa", "suta", *options["without"]))
    assert fica.sum().round(2) == 3825.00


def test_uk_check_at_30000_a_year_is_yearly_arithmetic() -> None:
    """Yearly thresholds make 3,750.00 and 1,394.40; a monthly payroll pays 3,749.40 and 1,393.92.

    The monthly thresholds are the yearly ones / 12 rounded up to the pound, so twelve of them leave 4 and 6
    pounds free.
    """
    pack, day = payslip.load_pack("uk"), date(2026, 6, 30)
    slips = [payslip.payslip(2500, "uk", date(2026, month, 1), without=["pension"]) for month in range(4, 13)]
    sides = {tuple(slip.contributions["national_insurance"].values()) for slip in slips}
    assert sides == {(fen("116.16"), fen("312.45"))}
    employer = (30_000 - pack.value("ni_secondary_threshold_year", day)) * pack.value("ni_employer_rate", day)
    employee = (30_000 - pack.value("ni_primary_threshold_year", day)) * pack.value("ni_employee_rate", day)
    assert (employer, employee) == (Decimal("3750"), Decimal("1394.40"))
    assert 12 * slips[0].income_tax == Decimal("3486.00")
    assert 12 * slips[0].income_tax + employee + Decimal("25119.60") == 30_000
    pension = payslip.payslip(2500, "uk", date(2026, 6, 1)).contributions["pension"]["employer"]
    assert 12 * pension == Decimal("712.80")


def test_german_checks() -> None:
    without = ("levies", "accident")
    assert float(payslip.employer_extra(20_000, "de", "2026-03", without=without)) == 1508.92
    assert float(payslip.employer_extra(4000, "de", "2026-03", without=without)) == 846.00


def test_tax_tables_join_as_the_law_prints_them() -> None:
    """Chinese quick deductions follow from the bands; section 32a EStG leaves steps of some cents."""
    china = payslip.load_pack("cn/shanghai")
    for name in ("iit_annual", "iit_monthly"):
        rows = china.table(name, date(2026, 1, 1)).rows
        quick = Decimal(0)
        for row, following in pairwise(rows):
            quick += following.above * (following.rate - row.rate)
            assert following.quick == quick
    germany = payslip.load_pack("de").table("tariff", date(2026, 1, 1))
    assert germany.tax_at_start[2] == Decimal("1034.87")
    tax = tax_by_table([12_348, 17_799, 69_878, 69_879, 277_826], "de", "tariff")
    assert tax.tolist() == pytest.approx([0, 1034.87, 18_213.07, 18_213.55, 105_551.32], abs=0.01)


def test_income_tax_of_level_pay_abroad() -> None:
    """Hand-worked. UK: 120,000 a year leaves 2,570 of the allowance: 7,540 + 79,730 x 40 % = 39,432, a twelfth each
    month. US: 50,000 - 16,100 = 33,900: 1,240 + 21,500 x 12 % = 3,820."""
    assert payslip.payslip(10_000, "uk", date(2026, 6, 1)).income_tax == Decimal("3286.00")
    assert payslip.payslip(20_000, "uk", date(2026, 6, 1)).income_tax == fen(
        (37_700 * 0.2 + 87_440 * 0.4 + 114_860 * 0.45) / 12
    )
    assert payslip.payslip(50_000 / 12, "us", date(2026, 6, 1)).income_tax == fen(3820 / 12)


def test_german_estimate_follows_the_text_of_the_tariff() -> None:
    """4,000 a month less 818 of contributions and 1,266 a year; a bonus of 1,000 less 204.50 bears what it adds."""

    def tariff(taxable: float) -> int:
        z = (int(taxable) - 17_799) / 10_000
        return int((173.10 * z + 2397) * z + 1034.87)

    plain, paid = (payslip.payslip(4000, "de", date(2026, 6, 1), bonus=bonus) for bonus in (0, 1000))
    year = 12 * (4000 - 818) - 1266
    assert plain.income_tax == fen(tariff(year) / 12)
    assert paid.income_tax - plain.income_tax == tariff(year + 1000 - 204.5) - tariff(year)


def test_a_pensioner_stays_out_of_insurance_and_fund_everywhere_in_china() -> None:
    for city in CITIES:
        assert payslip.employer_extra(10_000, city, "2026-08", person="pensioner") == 0


# Published errors: each would give another number than the law's.


def test_tk_supplement_of_2_45_is_a_typing_error() -> None:
    """Half of the 2.9 % average is 1.45 %; with the TK page's 2.45 % the check of 846.00 becomes 886.00."""
    de = payslip.load_pack("de")
    assert de.value("health_supplement_rate", date(2026, 6, 1)) == Decimal("0.029") / 2
    wrong = Figure.model_validate(
        {"unit": "share", "values": [{"from": date(2026, 1, 1), "typical": "0.0245", "source": "tk"}]}
    )
    pack = de.model_copy(update={"figures": {**de.figures, "health_supplement_rate": wrong}})
    assert float(payslip.employer_extra(4000, pack, "2026-03", without=("levies", "accident"))) == 886.00
    with pytest.raises(InputError, match=r"allows 0\.009 to 0\.022"):
        payslip.employer_extra(4000, "de", "2026-03", choices={"health_supplement_rate": 0.0245})


def test_beijing_medical_rate_already_holds_maternity() -> None:
    """9 + 0.8 = 9.8 %, and no maternity item beside it; 0.8 % again would make 0.395 of the checked 0.387."""
    beijing = payslip.load_pack("cn/beijing")
    assert beijing.value("medical_employer_rate", date(2026, 9, 30)) == Decimal("0.090") + Decimal("0.008")
    assert "maternity" not in beijing.items
    burden = float(payslip.employer_extra(8000, "cn/beijing", "2026-09")) / 8000
    assert burden == pytest.approx(0.387, abs=0.0005)
    assert burden + 0.008 != pytest.approx(0.387, abs=0.0005)


def test_standard_deduction_of_2025_is_not_15000() -> None:
    us = payslip.load_pack("us")
    assert us.value("standard_deduction", date(2025, 12, 31)) == 15_750
    assert us.value("standard_deduction", date(2026, 1, 1)) == 16_100
    assert any("15,000" in remark for remark in us.remarks)


def test_statutory_figures_of_the_cities() -> None:
    """The parameters which the reference states in words."""
    shanghai = payslip.load_pack("cn/shanghai")
    for day, floor, fund_floor, cap in (
        (date(2026, 6, 30), 7460, 2690, 37_302),
        (date(2026, 7, 1), 7546, 2740, 37_731),
    ):
        assert [shanghai.value(name, day) for name in ("pension_floor", "housing_fund_floor", "medical_cap")] == [
            floor,
            fund_floor,
            cap,
        ]
    kunming = payslip.load_pack("cn/kunming")
    assert [kunming.value("medical_cap", date(2026, month, 1)) for month in (8, 9)] == [21_789, 22_017]
    assert [kunming.value("unemployment_cap", date(year, 12, 31)) for year in (2025, 2026)] == [
        21_789,
        22_017,
    ]
    assert payslip.load_pack("cn/beijing").figure("housing_fund_cap").at(date(2026, 7, 1)).range == (
        35_811,
        36_348,
    )


# Laws


def slow_extra(pack: payslip.Pack, gross: Decimal, month: date, months_before: int) -> Decimal:
    """The employer's contributions in decimals, one figure after another, straight from the pack."""
    day = (pd.Period(month, "M").end_time).date()
    total = Decimal(0)
    for item in pack.items.values():
        if item.optional:
            continue
        for charge in item.employer:

            def limit(name: str | None) -> Decimal | None:
                return pack.value(name, day) if name else None

            def within(amount: Decimal, charge=charge, limit=limit) -> Decimal:
                amount = min(amount, limit(charge.cap)) if charge.cap else amount
                return max(amount - (limit(charge.threshold) or 0), Decimal(0))

            base = max(gross, limit(charge.floor) or gross)
            before = gross * months_before if item.period == "year" else Decimal(0)
            part = within(before + base) - within(before)
            due = part * (limit(charge.rate) or 0) + (limit(charge.amount) or 0)
            step = item.rounding.to
            exact = due / step
            whole = exact.to_integral_value(ROUND_HALF_UP)
            if item.rounding.mode == "half_down" and abs(whole - exact) == Decimal("0.5"):
                whole -= 1
            total += whole * step
    return total


MONTHS = {"uk": date(2026, 4, 1), "us": date(2026, 1, 1), "de": date(2026, 1, 1)}


@settings(max_examples=150)
@given(place=st.sampled_from(payslip.places()), fens=st.integers(1, 12_000_000), month=st.integers(0, 8))
def test_three_ways_to_the_same_employer_cost(place: str, fens: int, month: int) -> None:
    """Payslip, the vectorised team and plain decimal arithmetic agree to the fen, in every place."""
    start = MONTHS.get(place, date(2026, 1, 1))
    on = (pd.Period(start, "M") + month).to_timestamp().date()
    gross = Decimal(fens) / 100
    team = payslip.employer_extra([float(gross), 0.0], place, on)
    pack = payslip.load_pack(place)
    assert fen(team[0]) == slow_extra(pack, gross, on, month)
    assert team[1] == 0
    slip = payslip.payslip(gross, place, on)
    assert (slip.employer_extra, slip.employer_cost) == (fen(team[0]), gross + fen(team[0]))
    by_item = [
        slip.contributions[item].get(side, Decimal(0))
        for item in slip.contributions
        for side in ("employee", "employer")
    ]
    assert sum(by_item) == slip.employee_contributions + slip.employer_extra
    assert slip.gross == slip.net + slip.employee_contributions + slip.income_tax


@settings(max_examples=60)
@given(place=st.sampled_from(payslip.places()), low=st.integers(0, 9_000_000), step=st.integers(0, 2_000_000))
def test_more_gross_never_costs_less(place: str, low: int, step: int) -> None:
    gross = np.array([low / 100, (low + step) / 100])
    cost = gross + payslip.employer_extra(gross, place, "2026-08")
    assert cost[0] <= cost[1]


@settings(max_examples=30)
@given(gross=st.integers(300_000, 8_000_000), place=st.sampled_from(CITIES))
def test_cumulative_tax_ends_at_the_tax_of_the_year(gross: int, place: str) -> None:
    """Twelve withholdings add up to the annual table on the year's taxable income, though bases change.

    Nothing is paid back within the year: where rising contributions leave less due than was withheld, that stays.
    """
    months = [date(2026, month, 1) for month in range(1, 13)]
    slips = [payslip.payslip(gross / 100, place, month) for month in months]
    so_far = accumulate(slip.gross - slip.employee_contributions - 5000 for slip in slips)
    due = [fen(tax_by_table(max(float(taxable), 0), place, "iit_annual", months[-1])) for taxable in so_far]
    assert sum(slip.income_tax for slip in slips) == max(due)


def test_team_and_months_broadcast_and_follow_the_months() -> None:
    months = pd.date_range("2026-05-01", periods=4, freq="MS")
    cost = payslip.employer_extra(np.array([[5000.0], [20_000.0], [60_000.0]]), "cn/shanghai", months)
    assert cost.shape == (3, 4)
    single = [
        [float(payslip.employer_extra(g, "cn/shanghai", m.date())) for m in months] for g in (5000, 20_000, 60_000)
    ]
    assert cost.tolist() == single
    assert cost[0, 1] < cost[0, 2]
    assert cost[1, 1] == cost[1, 2]
    assert (
        payslip.employer_extra(5000, "cn/shanghai", pd.period_range("2026-05", periods=4, freq="M")).tolist()
        == single[0]
    )


def test_a_year_cap_counts_from_the_joining_month() -> None:
    """FUTA of a joiner in November starts anew; of somebody there since January nothing is left."""
    november = date(2026, 11, 1)
    joiner = payslip.payslip(4000, "us", november, since=november)
    assert joiner.contributions["futa"]["employer"] == Decimal("24.00")
    assert payslip.payslip(4000, "us", november).contributions["futa"]["employer"] == 0
    december = payslip.payslip(4000, "us", date(2026, 12, 1), since=november)
    assert december.contributions["futa"]["employer"] == Decimal("18.00")


def test_a_bonus_moves_no_declared_base_but_counts_where_pay_is_the_base() -> None:
    plain, paid = (payslip.payslip(20_000, "cn/beijing", date(2026, 3, 1), bonus=b) for b in (0, 30_000))
    assert plain.contributions == paid.contributions
    assert paid.employer_cost == plain.employer_cost + 30_000
    uk, uk_bonus = (payslip.payslip(3000, "uk", date(2026, 6, 1), bonus=b) for b in (0, 1000))
    assert uk_bonus.employer_extra - uk.employer_extra == Decimal("150.00") + Decimal("30.00")
    assert uk_bonus.income_tax - uk.income_tax == Decimal("200.00")


def test_special_deductions_lower_the_tax_of_the_year_so_far() -> None:
    """June at 30,000: 6 x (2 children 4,000 + rent 1,500) come off the taxable income of the year so far."""
    on, family = date(2026, 6, 1), {"child_education": 2, "rent": 1}
    for special, each in ((None, 0), (family, 5500)):
        slip = payslip.payslip(30_000, "cn/shanghai", on, special_deductions=special)
        taxable = 30_000 - float(slip.employee_contributions) - 5000 - each
        before, with_june = tax_by_table([5 * taxable, 6 * taxable], "cn/shanghai", "iit_annual")
        assert slip.income_tax == fen(with_june) - fen(before)


# Bonus, severance


def test_bonus_cliff() -> None:
    """36,000 -> 1,080.00 and 36,001 -> 3,390.10 (MODELS.md): one yuan more leaves 2,309.10 less."""
    at, above = (payslip.bonus_choice(b, 60_000, "cn/shanghai", date(2026, 1, 1)) for b in (36_000, 36_001))
    assert (at.tax_separate, above.tax_separate) == (Decimal("1080.00"), Decimal("3390.10"))
    assert (at.better, above.better) == ("separate", "separate")
    assert at.cliff_at is None
    assert (above.cliff_at, above.cliff_loss) == (Decimal("36000.00"), Decimal("2309.10"))
    end = [payslip.bonus_choice(b, 60_000, "cn/shanghai", date(2026, 1, 1)).cliff_at for b in (38_566.66, 38_566.67)]
    assert end == [Decimal("36000.00"), None]


def test_bonus_cliffs_are_the_published_ranges() -> None:
    """The six ranges that Chinese payroll tables print; by hand, (36,000 - 1,080 - 210) / 0.9 = 38,566.67."""
    published = {36_000: "38566.67", 144_000: "160500", 300_000: "318333.33", 420_000: "447500", 660_000: "706538.46"}
    published[960_000] = "1120000"
    cliffs = payslip.bonus_cliffs("cn/shanghai", date(2026, 1, 1))
    assert cliffs == [(Decimal(start), Decimal(end)) for start, end in published.items()]
    for start, end in cliffs:
        inside = payslip.bonus_choice(float(end) - 1, 60_000, "cn/shanghai", date(2026, 1, 1))
        assert (inside.cliff_at, inside.cliff_loss > 0) == (start, True)
        assert payslip.bonus_choice(float(end) + 1, 60_000, "cn/shanghai", date(2026, 1, 1)).cliff_at is None


def test_small_wages_take_the_bonus_merged() -> None:
    """At 4,000 a month the allowance is unused: 12,000 merged is untaxed, taxed apart it costs 3 %."""
    choice = payslip.bonus_choice(12_000, 4000, "cn/shanghai", date(2026, 1, 1))
    assert (choice.better, choice.tax_merged, choice.tax_separate) == (
        "merged",
        Decimal("0.00"),
        Decimal("360.00"),
    )


def test_separate_bonus_only_where_law_knows_it() -> None:
    with pytest.raises(InputError, match="uk has no bonus taxed apart"):
        payslip.payslip(3000, "uk", date(2026, 6, 1), bonus_separate=1000)
    shanghai = payslip.load_pack("cn/shanghai")
    rule = shanghai.bonus["standard"].model_copy(update={"until": date(2026, 6, 30)})
    ended = shanghai.model_copy(update={"bonus": {"standard": rule}})
    with pytest.raises(InputError, match=r"until 2026-06-30 only"):
        payslip.payslip(20_000, ended, date(2026, 7, 1), bonus_separate=1000)


def test_severance_of_published_leavers() -> None:
    """Half a month at three times 12,577, and half of 21,750: CN-SH50-1 and CN-KM-WP09-2 of the cases."""
    shanghai = payslip.severance(43_500, "cn/shanghai", date(2026, 3, 13), 103 / 365)
    assert (shanghai.compensation, shanghai.capped, shanghai.income_tax) == (Decimal("18865.50"), True, 0)
    kunming = payslip.severance(21_750, "cn/kunming", date(2026, 1, 16), 12 / 365)
    assert (kunming.compensation, kunming.capped, kunming.amount) == (
        Decimal("10875.00"),
        False,
        Decimal("10875.00"),
    )


@pytest.mark.parametrize(
    ("years", "ending", "gross", "amount"),
    [
        (3, "N", 10_000, 30_000),
        (3.2, "N", 10_000, 35_000),
        (3.5, "N", 10_000, 40_000),
        (3, "N+1", 10_000, 40_000),
        (3, "2N", 10_000, 60_000),
        (20, "N", 10_000, 200_000),
        (20, "N", 50_000, 12 * 37_731),
        (20, "2N", 50_000, 24 * 37_731),
    ],
)
def test_severance_n_n_plus_1_and_2n(years: float, ending: str, gross: float, amount: float) -> None:
    """Hand-worked on art.47: half a month below half a year, then a full one; two caps for high wages."""
    assert payslip.severance(gross, "cn/shanghai", date(2026, 7, 1), years, ending=ending).amount == amount


def test_severance_above_three_yearly_wages_is_taxed() -> None:
    """24 x 37,731 = 905,544, less 36 x 12,577 = 452,772: 452,772 x 30 % - 52,920 = 82,911.60."""
    assert payslip.severance(50_000, "cn/shanghai", date(2026, 7, 1), 20, ending="2N").income_tax == Decimal("82911.60")


def test_redundancy_in_the_uk_needs_two_years_and_has_caps() -> None:
    assert payslip.severance(3000, "uk", date(2025, 6, 1), 1.9).amount == 0
    thirty_years = payslip.severance(9000, "uk", date(2025, 6, 1), 30)
    assert float(thirty_years.amount) == pytest.approx(20 * 719, abs=0.5)


# The packs


@pytest.mark.parametrize("place", payslip.places())
def test_pack_is_whole_and_sourced(place: str) -> None:
    pack = payslip.load_pack(place)
    table = payslip.figures(place)
    assert (table["low"] <= table["typical"]).all()
    assert (table["typical"] <= table["high"]).all()
    assert table["source"].str.len().min() >= 3
    assert set(table["kind"]) <= {"sourced", "planning assumption"}
    unsourced = table["source"].str.contains("no source found|planning assumption of the analyst")
    assert set(table.loc[unsourced, "kind"]) <= {"planning assumption"}
    assert {"en", "zh"} <= set(pack.name)
    assert all({"en", "zh"} <= set(item.name) for item in pack.items.values())
    shares = table[table["unit"] == "share"]
    assert shares["high"].max() <= 1


INVENTED = """
name: {en: Freedonia, zh: 弗里多尼亚}
currency: FRD
minor_units: 1
tax_year_starts_month: 1
known: {from: 2026-01-01}
sources: {gazette: {cite: the Gazette of Freedonia, as_of: "2026"}}
figures:
  rate: {unit: share, values: [{from: 2026-01-01, low: 0.05, typical: 0.1, high: 0.2, source: gazette}]}
  cap: {unit: FRD/year, values: [{from: 2026-01-01, typical: 2500, source: gazette}]}
  stamp: {unit: FRD/month, values: [{from: 2026-01-01, typical: 7, source: gazette}]}
  allowance: {unit: FRD/month, values: [{from: 2026-01-01, typical: 100, source: gazette}]}
bands: {flat: [{from: 2026-01-01, source: gazette, rows: [{above: 0, rate: 0.2}]}]}
items:
  pension:
    name: {en: pension, zh: 养老}
    period: year
    rounding: {to: 1, mode: up}
    employer: [{rate: rate, cap: cap}, {amount: stamp}]
    employee: [{rate: rate, cap: cap}]
income_tax: {standard: {method: month, bands: flat, allowance: allowance, rounding: {to: 1, mode: down}}}
persons: {employee: {name: {en: employee, zh: 员工}, source: gazette}}
"""


def test_a_new_country_is_a_new_file(tmp_path: Path) -> None:
    """Freedonia: 10 % up to 2,500 a year, rounded up, a stamp of 7; 20 % tax above 100, rounded down."""
    (tmp_path / "freedonia.yaml").write_text(INVENTED, encoding="utf-8")
    assert payslip.places(tmp_path) == ["freedonia"]
    pack = payslip.load_pack("freedonia", tmp_path)
    slip = payslip.payslip(1001, pack, date(2026, 1, 1))
    assert (slip.net, slip.income_tax, slip.employer_extra) == (1001 - 101 - 180, 180, 101 + 7)
    year = payslip.employer_extra(1001, pack, np.arange("2026-01", "2026-05", dtype="datetime64[M]"))
    assert year.tolist() == [108, 108, 57, 7]
    assert payslip.payslip(1001, pack, date(2026, 1, 1), choices={"rate": 0.2}).employer_extra == 201 + 7
    assert payslip.known_range(pack) == (date(2026, 1, 1), None)


def test_mistakes_of_a_pack_are_said_all_at_once(tmp_path: Path) -> None:
    broken = INVENTED.replace("cap: cap}, {amount", "cap: kap}, {amount").replace("low: 0.05", "low: 0.15")
    (tmp_path / "broken.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        payslip.load_pack("broken", tmp_path)
    assert len(caught.value.mistakes) == 2
    assert "items.pension.employer.0.cap: 'kap' is none of its figures; did you mean 'cap'?" in str(caught.value)
    assert "figures.rate.figure.values.0: low <= typical <= high does not hold from 2026-01-01" in str(caught.value)
    (tmp_path / "typo.yaml").write_text(INVENTED.replace("period: year", "period: yearly"), encoding="utf-8")
    with pytest.raises(InputError, match=r"typo\.yaml, items\.pension\.period: Input should be 'month' or 'year'"):
        payslip.load_pack("typo", tmp_path)


# Bad input and what is only warned of


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: payslip.payslip(9000, "cn/shangai"), "did you mean 'cn/shanghai'?"),
        (lambda: payslip.payslip(9000, "shanghai"), "did you mean 'cn/shanghai'?"),
        (lambda: payslip.payslip(-5), "gross_per_month is -5; it must be 0 to 50,000,000 CNY a month"),
        (lambda: payslip.employer_extra([5000, -1]), "gross_per_month is -1; it must be 0 to"),
        (lambda: payslip.employer_extra(float("nan")), "gross_per_month is nan"),
        (lambda: payslip.payslip(9000, on=date(2025, 6, 1)), "known from 2025-07-01 to 2027-06-30"),
        (lambda: payslip.employer_extra(9000, on=["2027-06", "2027-07"]), "on is 2027-07"),
        (lambda: payslip.payslip(9000, "uk", date(2027, 4, 1)), "known from 2025-04-06 to 2027-04-05"),
        (lambda: payslip.payslip(9000, on=date(2025, 12, 1)), "say since="),
        (
            lambda: payslip.payslip(9000, choices={"housing_fund_rate": 0.12}),
            "cn/shanghai allows 0.05 to 0.07",
        ),
        (
            lambda: payslip.payslip(9000, choices={"housing_fund_rat": 0.05}),
            "did you mean 'housing_fund_rate'?",
        ),
        (lambda: payslip.payslip(9000, choices={"pension_floor": 1}), "it is fixed and not to be chosen"),
        (lambda: payslip.payslip(9000, without=["pensions"]), "did you mean 'pension'?"),
        (lambda: payslip.payslip(9000, person="pensionist"), "did you mean 'pensioner'?"),
        (lambda: payslip.payslip(9000, base_per_month={"fund": 1}), "base_per_month has 'fund'"),
        (lambda: payslip.payslip(9000, special_deductions={"rents": 1}), "did you mean 'rent'?"),
        (
            lambda: payslip.payslip(9000, "uk", special_deductions={"rent": 1}),
            "'rent', which uk does not know",
        ),
        (lambda: payslip.payslip(9000, since=date(2026, 8, 3)), "since is 2026-08-03, after 2026-07"),
        (
            lambda: payslip.severance(9000, "cn/shanghai", date(2026, 7, 1), 2, ending="N+2"),
            "did you mean 'N+1'?",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_below_the_minimum_wage_is_warned_of_and_computed() -> None:
    slip = payslip.payslip(3000, "cn/hangzhou", date(2026, 1, 1), choices={"housing_fund_rate": 0.05})
    assert not [note for note in slip.notes if "minimum" in str(note)]
    low = payslip.payslip(2600, "cn/hangzhou", date(2026, 1, 1))
    assert (
        str(low.notes[0])
        == f"gross_per_month of 2,600.00, below the {PLACES['hangzhou']['en']} minimum wage of 2,660 CNY"
    )
    # Shanghai's 2,740 is what must be left after the employee's own contributions: 4,100 leaves 3,020.67.
    assert not payslip.payslip(4100, "cn/shanghai", date(2026, 7, 1)).notes
    short = payslip.payslip(3700, "cn/shanghai", date(2026, 7, 1)).notes
    assert [str(note) for note in short] == [
        "gross_per_month of 3,700.00 less contributions leaves 2,648.67, "
        f"below the {PLACES['shanghai']['en']} minimum wage of 2,740 CNY",
    ]
    assert "minimum wage of 2,065.38 GBP" in payslip.payslip(2000, "uk", date(2026, 4, 1)).notes[0].in_language("en")
    assert not payslip.payslip(0, "uk", date(2026, 4, 1)).notes


def test_an_old_pack_is_said_to_be_old() -> None:
    assert payslip.stale_note("cn/shanghai", date(2027, 6, 1)) is None
    assert str(payslip.stale_note("cn/shanghai", date(2027, 8, 1))) == (
        f"{PLACES['shanghai']['en']} uses Housing fund cap, Housing fund floor, Pension cap, Pension floor of 2026-07, "
        "13 months old in 2027-08; look for newer ones"
    )
    slip = payslip.payslip(8000, "cn/yiwu", date(2026, 12, 1))
    assert "Pension floor of 2025-01, 23 months old" in str(slip.notes[-1])


def test_known_range_can_be_asked_for_at_both_ends() -> None:
    for place in payslip.places():
        first, last = payslip.known_range(place)
        assert last is not None
        assert payslip.employer_extra(8000, place, [first, last]).min() > 0
        with pytest.raises(InputError):
            payslip.employer_extra(8000, place, last + (date(2026, 1, 2) - date(2026, 1, 1)))
