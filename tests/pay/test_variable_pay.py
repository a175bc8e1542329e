"""Posts and pay: the tables and what is said of wrong ones, the payout curve, the payroll simulator, post cards."""

import re
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.posts import read_posts
from ecteam.pay import payslip
from ecteam.pay.post_card import pay_band, post_card
from ecteam.pay.variable_pay import attainment, payout_share, simulate_payroll

POSTS = read_posts()
ASSUMED = load_assumptions()
ROLES = list(ASSUMED.roles.index)
JULY = date(2026, 7, 1)
HANGZHOU = {"place": "cn/hangzhou", "on": JULY}
PARTS = ["fixed_pay", "variable_pay", "top_up_pay", "contributions"]

attainments = st.floats(0, 3)
thresholds = st.floats(0, 0.99)
caps = st.floats(1, 3)
places = st.sampled_from(["cn/hangzhou", "cn/shanghai", "cn/kunming", "uk", "us", "de"])


def card(role, place="cn/hangzhou"):
    row = ASSUMED.rows(place.split("/")[0]).loc[f"pay_{role}"]
    pay = {f"{case}_per_month": float(row[case]) for case in ("low", "typical", "high")}
    return post_card(role, POSTS, ASSUMED.duties, place=place, **pay)


class TestTables:
    def test_limits_are_in_the_currency_that_the_payroll_pack_of_the_region_pays(self):
        for region, place in (("cn", "cn/hangzhou"), ("uk", "uk")):
            units = POSTS.authority.loc[POSTS.authority["region"] == region, "unit"]
            assert set(units) == {payslip.currency(place)}


@pytest.fixture
def folder(tmp_path):
    """A copy of `data/pay` and a way to change one piece of text in it, which must be there once."""
    copy = tmp_path / "pay"
    shutil.copytree(data_dir() / "pay", copy)

    def change(name, old, new):
        path = copy / f"{name}.csv"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")

    return copy, change


KPI = "picker,lines_per_hour,Order lines an hour,每小时拣货行数,up,0.4,60,80,120"
HOLD = "picker,hold_piece,cn,50,200,500,CNY"
WRONG = {
    "weights": (
        "kpis",
        KPI,
        KPI.replace("0.4,", "0.3,"),
        r"^kpis.csv rows \d+ to \d+, column weight: the weights of 'picker' add up to 0.9, not to 1$",
    ),
    "role": (
        "mix",
        "picker,cn,warehouse,",
        "piker,cn,warehouse,",
        r"^mix.csv row \d+, column role: 'piker' is not known; did you mean 'picker'\?\n"
        r"mix.csv row \d+, column region: 'piker' must have .* but has none for 'uk'\n"
        r"mix.csv row \d+, column region: 'picker' must have .* but has none for 'cn'$",
    ),
    "ladder": (
        "mix",
        "picker,cn,warehouse,",
        "picker,cn,warehose,",
        r"^mix.csv row \d+, column ladder: 'warehose' is not known; did you mean 'warehouse'\?$",
    ),
    "negative limit": (
        "authority",
        HOLD,
        HOLD.replace(",50,", ",-50,"),
        r"^authority.csv row \d+, .*: must be 0 or more CNY, but one is -50",
    ),
    "currency": (
        "authority",
        HOLD,
        HOLD.replace("CNY", "GBP"),
        r"^authority.csv row \d+, column unit: 'GBP' is not the currency of the rows of 'cn' before it, 'CNY'$",
    ),
    "region left out": (
        "authority",
        HOLD,
        HOLD.replace("hold_piece", "hold"),
        r"^authority.csv row \d+, column region: 'hold' of 'picker' must have one row for all regions, or one for each",
    ),
    "ladder falls": (
        "grades",
        "warehouse,2,Skilled,熟练工,0.9,1.1",
        "warehouse,2,Skilled,熟练工,0.7,1.1",
        r"factor_low, factor_high: those of 'warehouse' must rise from grade to grade",
    ),
    "threshold at target": (
        "payout",
        "live,cn,threshold,0.3,0.5,0.7",
        "live,cn,threshold,0.3,0.5,1",
        r"^payout.csv row \d+, .*threshold\[2\] is 1; it must be a share of the target, 0 or more and below 1",
    ),
    "half a curve": (
        "payout",
        "live,cn,cap,1.5,2,3",
        "lively,cn,cap,1.5,2,3",
        r"column group: 'lively' is not known; did you mean 'live'\?[\s\S]*'live' must have both a threshold and a cap",
    ),
}


class TestWrongTables:
    @pytest.mark.parametrize("what", WRONG)
    def test_a_mistake_is_named_with_file_row_and_column(self, folder, what):
        copy, change = folder
        name, old, new, told = WRONG[what]
        change(name, old, new)
        with pytest.raises(InputError) as error:
            read_posts(copy)
        assert re.search(told, str(error.value)), str(error.value)

    def test_a_role_that_the_roles_table_adds_needs_a_post(self, tmp_path):
        roles = data_dir() / "assumptions" / "roles.csv"
        text = roles.read_text(encoding="utf-8")
        picker = next(line for line in text.splitlines() if line.startswith("picker,"))
        added = tmp_path / "roles.csv"
        added.write_text(text + picker.replace("picker,", "robot_keeper,", 1) + "\n", encoding="utf-8")
        with pytest.raises(InputError) as error:
            read_posts(roles=added)
        assert error.value.mistakes == [
            f"{name}.csv has no row for the role 'robot_keeper'; it must have one"
            for name in ("kpis", "mix", "authority")
        ]

    def test_a_role_in_one_row_is_measured_and_paid_like_the_one_it_names(self, tmp_path):
        roles = data_dir() / "assumptions" / "roles.csv"
        added = tmp_path / "roles.csv"
        added.write_text(
            f"{roles.read_text(encoding='utf-8')}wrapper{',' * 13}Wrapper,包装师,packer\n", encoding="utf-8"
        )
        posts, usual = read_posts(roles=added), read_posts()
        for name in ("kpis", "authority"):
            own, packer = (
                getattr(posts, name).query("role == 'wrapper'"),
                getattr(usual, name).query("role == 'packer'"),
            )
            assert own.drop(columns="role").to_numpy().tolist() == packer.drop(columns="role").to_numpy().tolist()
        assert posts.terms_in("cn").loc["wrapper", "en"] == "Wrapper"


class TestPayout:
    @given(st.lists(attainments, min_size=2, max_size=20), thresholds, caps)
    def test_more_of_the_target_never_pays_less(self, reached, threshold, cap):
        paid = payout_share(np.sort(reached), threshold=threshold, cap=cap)
        assert (np.diff(paid) >= 0).all()
        assert ((paid >= 0) & (paid <= cap)).all()

    @given(thresholds, caps)
    def test_on_target_all_is_paid_exactly_and_at_the_threshold_nothing(self, threshold, cap):
        assert payout_share([threshold, 1], threshold=threshold, cap=cap).tolist() == [0, 1]

    @given(attainments, thresholds, thresholds, caps)
    def test_a_higher_threshold_never_pays_more(self, reached, one, other, cap):
        low, high = sorted([one, other])
        assert payout_share(reached, threshold=high, cap=cap) <= payout_share(reached, threshold=low, cap=cap) + 1e-12

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"threshold": 1}, "threshold is 1; it must be a share of the target, 0 or more and below 1"),
            ({"cap": 0.9}, "cap is 0.9; it must be 1 or more times the variable pay at target"),
            ({"attainment": [1, -0.1]}, "attainment[1] is -0.1; it must be 0 or more; 1 is the target"),
            ({"attainment": np.inf}, "attainment is inf; it must be 0 or more; 1 is the target"),
        ],
    )
    def test_impossible_figures_are_refused(self, wrong, told):
        with pytest.raises(InputError, match=re.escape(told)):
            payout_share(**{"attainment": 1, "threshold": 0.5, "cap": 1.2} | wrong)


PICKER = POSTS.kpis.query("role == 'picker'")
ON_TARGET = PICKER.set_index("kpi")["typical"].to_dict()


class TestAttainment:
    @pytest.mark.parametrize("role", ROLES)
    def test_every_post_can_reach_its_targets_and_then_has_reached_all(self, role):
        kpis = POSTS.kpis[POSTS.kpis["role"] == role]
        assert float(attainment(kpis.set_index("kpi")["typical"].to_dict(), kpis)) == pytest.approx(1)

    def test_a_picker_by_hand(self):
        """Weights 0.40, 0.35, 0.25; targets 80 lines an hour, 0.2 % errors, 98 % in time."""
        found = attainment({"lines_per_hour": 88, "pick_error": 0.003, "ship_on_time_48h": 0.98}, PICKER)
        assert float(found) == pytest.approx(0.40 * 1.1 + 0.35 * 0.5 + 0.25)

    def test_no_kpi_counts_below_nothing_or_above_the_most(self):
        wild = ON_TARGET | {"lines_per_hour": 8_000, "pick_error": 0.5}
        assert float(attainment(wild, PICKER)) == pytest.approx(0.40 * 1.5 + 0 + 0.25)
        assert float(attainment(ON_TARGET | {"pick_error": 0}, PICKER)) == pytest.approx(0.65 + 0.35 * 1.5)

    @given(st.floats(0, 200), st.floats(0, 0.01), st.floats(0, 1), st.sampled_from(list(ON_TARGET)))
    def test_better_never_counts_less(self, lines, errors, in_time, kpi):
        results = {"lines_per_hour": lines, "pick_error": errors, "ship_on_time_48h": in_time}
        better = results | {kpi: results[kpi] * (0.9 if kpi == "pick_error" else 1.1)}
        assert 0 <= attainment(results, PICKER) <= attainment(better, PICKER) + 1e-12 <= 1.5 + 1e-9

    def test_people_are_reckoned_together_as_one_by_one(self):
        people = pd.DataFrame({k: [v, 0.9 * v, 1.3 * v] for k, v in ON_TARGET.items()}, index=["a", "b", "c"])
        together = attainment(people, PICKER)
        assert together.tolist() == [float(attainment(row.to_dict(), PICKER)) for _, row in people.iterrows()]

    @pytest.mark.parametrize(
        ("results", "told"),
        [
            (ON_TARGET | {"pick_eror": 1}, "there is no KPI 'pick_eror' among those of the post; did you mean"),
            ({"lines_per_hour": 80, "pick_error": 0.002}, "results has no KPI 'ship_on_time_48h'"),
            (
                ON_TARGET | {"lines_per_hour": -1},
                "lines_per_hour is -1; it must be 0 or more in the unit of its target",
            ),
            (ON_TARGET | {"lines_per_hour": float("nan")}, "lines_per_hour is nan; it must be 0 or more"),
        ],
    )
    def test_impossible_results_are_refused(self, results, told):
        with pytest.raises(InputError, match=re.escape(told)):
            attainment(results, PICKER)

    def test_impossible_kpis_are_refused_all_at_once(self):
        wrong = PICKER.assign(weight=[0.4, 0.4, 0.4], typical=[80, 0, 0.98])
        with pytest.raises(InputError) as error:
            attainment(ON_TARGET, wrong)
        assert error.value.mistakes == [
            "the weights of the KPIs add up to 1.2, not to 1",
            "the target of 'pick_error' is 0; it must be more than 0",
        ]


@st.composite
def teams(draw):
    heads = draw(st.lists(st.integers(0, 40), min_size=1, max_size=4))
    roles = ROLES[: len(heads)]
    amounts = [draw(st.integers(0, 6_000_000)) / 100 for _ in roles]
    shares = [draw(st.floats(0, 1)) for _ in roles]
    return {
        "heads": dict(zip(roles, heads, strict=True)),
        "gross_typical_per_month": dict(zip(roles, amounts, strict=True)),
        "variable_share": dict(zip(roles, shares, strict=True)),
        "place": draw(places),
        # The last month of a year is where yearly caps have bitten.
        "on": draw(st.sampled_from([JULY, date(2026, 12, 1)])),
        "threshold": draw(thresholds),
        "cap": draw(caps),
    }


class TestSimulator:
    def test_a_service_agent_in_hangzhou_by_hand(self):
        """5,800 a month, 35 % variable (2,030), nothing below 60 %, July 2026; figures of cn/hangzhou.yaml.

        Insurance of the employer: pension 16, medical 9.5, unemployment 0.5, injury 0.4 % of a base from 4,986 to
        25,299, each half up to the fen; housing fund 12 % of pay from 2,660, half up to the yuan.
        60 %:  3,770: 797.76 + 473.67 + 24.93 + 19.94 on the floor, + 452 (452.40) = 1,768.30
        80 %:  4,785: the same 1,316.30 on the floor,                + 574 (574.20) = 1,890.30
        100 %: 5,800: 928.00 + 551.00 + 29.00 + 23.20 = 1,531.20,    + 696         = 2,227.20
        120 %: 6,206: 992.96 + 589.57 + 31.03 + 24.82 = 1,638.38,    + 745 (744.72) = 2,383.38
        """
        got = simulate_payroll({"cs_agent": 3}, 5800, 0.35, **HANGZHOU, threshold=0.6, cap=1.2)
        assert got["pay_per_head"].to_list() == [3770, 4785, 5800, 6206]
        assert got["gain_per_head"].to_list() == [-2030, -1015, 0, 406]
        assert got["contributions"].to_numpy() / 3 == pytest.approx([1768.30, 1890.30, 2227.20, 2383.38])
        assert got["employer_cost"].to_numpy() / 3 == pytest.approx([5538.30, 6675.30, 8027.20, 8589.38])
        assert got["change"].to_numpy() / 3 == pytest.approx([-2488.90, -1351.90, 0, 562.18])
        assert set(got["currency"]) == {"CNY"}

    def test_who_falls_below_the_minimum_wage_is_topped_up_to_it(self):
        """6,000 with 70 % variable leaves 1,800 fixed; Hangzhou's minimum wage of 2026-07 is 2,660."""
        got = simulate_payroll({"picker": 2}, 6000, 0.7, [0, 1], **HANGZHOU, threshold=0, cap=1.2)
        assert got["top_up_pay"].to_list() == [2 * 860, 0]
        assert got["pay_per_head"].to_list() == [2660, 6000]

    def test_pay_below_the_minimum_wage_shows_what_is_missing_even_on_target(self):
        got = simulate_payroll({"picker": 1}, 2000, 0.5, [1], **HANGZHOU, threshold=0, cap=1.2)
        assert got[["fixed_pay", "variable_pay", "top_up_pay"]].to_numpy().tolist() == [[1000, 1000, 660]]

    @settings(max_examples=60)
    @given(teams(), st.lists(attainments, min_size=2, max_size=6))
    # 7,000 a year, the cap of the US unemployment tax, is passed before April at the higher levels only.
    @example(
        {
            "heads": {"owner": 1},
            "gross_typical_per_month": 2200,
            "variable_share": 1,
            "place": "us",
            "on": date(2026, 4, 1),
            "threshold": 0,
            "cap": 3,
        },
        [0.9, 1.0, 1.1, 1.3],
    )
    def test_more_of_the_target_never_costs_less(self, team, reached):
        got = simulate_payroll(**team, attainment=sorted(reached))
        for _, rows in got.groupby("role"):
            assert (np.diff(rows["employer_cost"]) >= 0).all()
            assert (np.diff(rows["gain_per_head"]) >= 0).all()

    @settings(max_examples=60)
    @given(teams())
    def test_on_target_everybody_is_paid_the_typical_pay_exactly(self, team):
        got = simulate_payroll(**team, attainment=[1]).set_index("role")
        gross = pd.Series(team["gross_typical_per_month"], dtype=float)
        least = float(payslip.minimum_wage(team["place"], team["on"]))
        paid = got["pay_per_head"]
        assert (paid == gross.where((gross == 0) | (gross >= least), least)).all()
        heads = pd.Series(team["heads"], dtype=float)
        assert (got["fixed_pay"] + got["variable_pay"]).to_numpy() == pytest.approx(
            (gross * heads).to_numpy(), abs=1e-6
        )
        assert (got["change"] == 0).all()
        assert (got["gain_per_head"] == 0).all()

    @settings(max_examples=60)
    @given(teams(), st.lists(attainments, min_size=1, max_size=4))
    def test_the_parts_add_up_and_are_what_payroll_says_of_that_pay(self, team, reached):
        got = simulate_payroll(**team, attainment=reached)
        assert got[PARTS].sum(axis=1).to_numpy() == pytest.approx(got["employer_cost"].to_numpy(), rel=1e-12, abs=1e-9)
        pay = got["pay_per_head"].to_numpy()
        one = pay + payslip.employer_extra(pay, team["place"], team["on"])
        assert (one * got["heads"]).to_numpy() == pytest.approx(got["employer_cost"].to_numpy(), rel=1e-12, abs=1e-9)

    @given(teams())
    @settings(max_examples=20)
    def test_every_role_costs_together_what_it_costs_alone(self, team):
        together = simulate_payroll(**team)
        alone = [simulate_payroll(**team | {"heads": {role: n}}) for role, n in team["heads"].items()]
        pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))

    def test_no_team_has_no_rows(self):
        got = simulate_payroll({}, 5800, 0.35, **HANGZHOU, threshold=0.6, cap=1.2)
        assert got.empty
        assert {"role", "attainment", *PARTS, "employer_cost", "change", "gain_per_head"} <= set(got.columns)


class TestBands:
    pay = st.lists(st.floats(0, 1e6), min_size=3, max_size=3).map(sorted)

    @given(pay, st.sampled_from(sorted(set(POSTS.grades["ladder"]))))
    def test_bands_rise_and_stay_inside_the_pay_table(self, pay, ladder):
        bands = pay_band(*pay, POSTS.grades[POSTS.grades["ladder"] == ladder])
        assert (bands["pay_low"] <= bands["pay_high"]).all()
        assert bands[["pay_low", "pay_high"]].to_numpy().min() >= pay[0]
        assert bands[["pay_low", "pay_high"]].to_numpy().max() <= pay[2]
        assert bands["pay_low"].is_monotonic_increasing
        assert bands["pay_high"].is_monotonic_increasing

    def test_a_narrow_pay_table_cuts_bands_off_and_says_so(self):
        """40 hours in the UK: 2,210 (the minimum wage) to 2,510 around 2,270 leave no room for a shift lead."""
        bands = pay_band(2210, 2270, 2510, POSTS.grades[POSTS.grades["ladder"] == "warehouse"])
        assert bands[["pay_low", "pay_high"]].round(1).to_numpy().tolist() == [
            [2210, 2210],
            [2210, 2497],
            [2497, 2510],
            [2510, 2510],
        ]
        assert bands["cut"].all()


class TestCards:
    @pytest.mark.parametrize("place", ["cn/hangzhou", "uk"])
    @pytest.mark.parametrize("role", ROLES)
    def test_every_role_has_a_card(self, role, place):
        got = card(role, place)
        assert (got.role, got.currency) == (role, payslip.currency(place))
        assert got.kpis["weight"].sum() == pytest.approx(1)
        assert len(got.duties) > 0
        assert len(got.authority) > 0
        assert got.authority["decision"].is_unique
        assert set(got.authority["unit"]) & {"CNY", "GBP"} <= {got.currency}
        assert got.ladder.empty == (role == "owner")
        parts = got.pay.set_index("part")
        assert (parts.loc["fixed"] + parts.loc["variable"]).to_numpy() == pytest.approx(parts.loc["total"].to_numpy())
        ladder = got.ladder
        for end in ("low", "high"):
            both = ladder[f"fixed_{end}"] + ladder[f"variable_{end}"]
            assert both.to_numpy() == pytest.approx(ladder[f"pay_{end}"].to_numpy())

    def test_a_card_holds_what_its_role_does_and_nobody_elses(self):
        got = card("aftersale_agent")
        assert got.duties["duty"].to_list() == ["answer_after_sale", "settle_refunds"]
        assert (got.en, got.zh, got.department) == ("After-sales agent", "售后客服", "after_sales")
        assert got.authority["decision"].to_list() == ["refund", "compensation"]
        assert (got.variable_share, got.threshold, got.cap) == (0.2, 0.6, 1.2)
        assert got.ladder["en"].to_list() == ["Trainee", "Agent", "Senior agent", "Team lead"]

    def test_all_duties_are_on_one_card_each(self):
        listed = pd.concat([card(role).duties for role in ROLES])["duty"]
        assert sorted(listed) == sorted(ASSUMED.duties.index)
