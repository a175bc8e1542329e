"""Defenders and inspection: check values of the founding papers, laws, the sampling tables, and what is asked for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecteam.analysis import defenders
from ecteam.analysis.defenders import advice_saving, break_even, inspection_cost, review_value, sampling_plan
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir

shares = st.floats(0, 1)
REVIEW = {"bad_share": 0.18, "catch_share": 0.8, "false_reject_share": 0.05, "margin_per_order": 30}
LEGAL = {"cut_share": 0.5, "fine_per_year_share": 0.03, "fine": 200_000, "fine_cut_share": 0.6}
LOT = {"inspection_cost": 1.2, "defect_cost": 24}


class TestCheckValues:
    """`expected_loss` of the founding papers (formulas.yaml, 2026-11-23)."""

    def test_anti_fraud(self):
        capacity = 1650 * 60 / 7
        assert capacity == pytest.approx(14142.86, abs=0.01)
        for loss, value, reviews, pays in ((80, 10.29, 16521, False), (100, 13.17, 12909, True)):
            found = review_value(**REVIEW, loss_per_bad_order=loss)
            assert found == pytest.approx(value, abs=0.005)
            # The papers' break-evens are reckoned with the unrounded value for 80 and 100 alike.
            assert break_even(170_000, found).item() == pytest.approx(reviews, abs=1)
            assert (break_even(170_000, found).item() <= capacity) == pays

    @pytest.mark.parametrize(
        ("share", "accepted"),
        [(0.01, 1.0), (0.025, 0.9874), (0.04, 0.82), (0.06, 0.3407), (0.08, 0.0691), (0.10, 0.0081)],
    )
    def test_accepted_lots(self, share, accepted):
        # Where a piece costs nothing to inspect, defects reach customers in the lots that are accepted.
        _, sampled = inspection_cost(
            4000, 200, 10, defect_share=share, inspection_cost=0, defect_cost=1 / (3800 * share)
        )
        assert sampled == pytest.approx(accepted, abs=5e-5)

    @pytest.mark.parametrize(("share", "cost"), [(0.01, 1152), (0.025, 2549), (0.05, 4800), (0.08, 4989), (0.10, 4837)])
    def test_cost_of_a_sampled_lot(self, share, cost):
        assert inspection_cost(4000, 200, 10, defect_share=share, **LOT)[1] == pytest.approx(cost, abs=0.5)

    def test_cost_of_no_and_of_full_inspection(self):
        assert inspection_cost(4000, 200, 10, defect_share=0.025, **LOT)[0] == pytest.approx(2400)
        assert inspection_cost(4000, 4000, 0, defect_share=0.025, **LOT)[1] == pytest.approx(4800)

    def test_legal(self):
        left = 40_000 - advice_saving(0, 2000, **LEGAL)
        assert break_even(left, 2000 * LEGAL["cut_share"]).item() == pytest.approx(36.4)

    @pytest.mark.parametrize(
        ("lot", "aql", "level", "sample", "accept"),
        [
            # Above 500,000 pieces level III has the letter R, which had no plan; then up the arrow of 1.0 to Q.
            (600_000, 0.10, "III", 2000, 5), (600_000, 0.65, "III", 2000, 21), (600_000, 1.0, "III", 1250, 21),
            # Arrows of ISO 2859-1, table 2-A, down (D at 4.0, E at 2.5, K at 0.25) and up (J at 0.25, P at 2.5).
            (40, 4.0, "II", 13, 1), (60, 2.5, "II", 20, 1), (2000, 0.25, "II", 200, 1), (1000, 0.25, "II", 50, 0),
            (400_000, 2.5, "II", 500, 21), (4000, 2.5, "I", 80, 5), (20_000, 0.65, "S-3", 20, 0),
        ],
    )  # fmt: skip
    def test_letters_and_arrows_of_the_standard(self, lot, aql, level, sample, accept):
        plan = sampling_plan(lot, aql, level)
        assert (plan.sample, plan.accept) == (sample, accept)

    def test_sampling_plan(self):
        plan = sampling_plan(4000, 2.5)
        assert (plan.letter, plan.sample, plan.accept, plan.everything) == ("L", 200, 10, False)


class TestLaws:
    @given(st.floats(0, 1e5), st.floats(1, 1e5))
    def test_at_the_break_even_claims_advice_saves_its_fee(self, fee, award):
        claims = break_even(max(fee - advice_saving(0, award, **LEGAL), 0), award * LEGAL["cut_share"]).item()
        if claims > 0:
            assert advice_saving(claims, award, **LEGAL) == pytest.approx(fee)

    @given(share=shares, lot=st.integers(2, 20_000))
    def test_sampling_lies_between_the_best_and_the_worst_of_its_parts(self, share, lot):
        plan = sampling_plan(lot, 2.5)
        none, sampled = inspection_cost(lot, plan.sample, plan.accept, defect_share=share, **LOT)
        whole_lot = inspection_cost(lot, lot, 0, defect_share=share, **LOT)[1]
        assert whole_lot == pytest.approx(lot * LOT["inspection_cost"])
        low, high = sorted((none, whole_lot))
        assert low - 1e-6 <= sampled <= high + 1e-6
        if plan.everything:
            assert sampled == pytest.approx(whole_lot)

    @given(shares)
    def test_all_or_none_flips_at_the_threshold(self, share):
        none, sampled = inspection_cost(4000, 4000, 0, defect_share=share, **LOT)
        if abs(share - 0.05) > 1e-9:
            assert (sampled < none) == (share > LOT["inspection_cost"] / LOT["defect_cost"])

    def test_a_review_that_is_worth_nothing_never_pays(self):
        assert break_even(1000, np.array([-5.0, 0.0])).tolist() == [np.inf, np.inf]


class TestSamplingTables:
    def test_sample_sizes_are_those_of_the_code_letters(self):
        # ISO 2859-1, code letters A to R.
        sizes = dict(
            zip("ABCDEFGHJKLMNPQR", (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000), strict=True)
        )
        plans = pd.read_csv(data_dir() / "quality" / "aql_single_normal.csv")
        # Arrows lead to the plan of another letter, never to a sample size that no letter has.
        columns = [name for name in plans.columns if name.endswith("_n")]
        assert set(np.unique(plans[columns])) <= set(sizes.values())
        assert plans.loc[plans["level_II_letter"] == "L", "AQL_2.5_n"].item() == sizes["L"]

    def test_a_row_is_no_shift_of_the_right_one(self):
        # The diagonal at code letter L: acceptance numbers 3, 5, 7, 10, 14, 21 stand at AQL 0.65 to 6.5.
        found = [sampling_plan(4000, aql).accept for aql in (0.65, 1.0, 1.5, 2.5, 4.0, 6.5)]
        assert found == [3, 5, 7, 10, 14, 21]

    @given(st.integers(2, 1_000_000))
    def test_a_sample_is_never_more_than_the_lot(self, lot):
        plan = sampling_plan(lot, 2.5)
        assert plan.sample <= lot
        assert plan.everything == (plan.sample == lot)

    def test_a_small_lot_is_inspected_whole(self):
        assert sampling_plan(60, 0.10) == defenders.SamplingPlan("E", 60, 0, True)

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (lambda: sampling_plan(1, 2.5), "lot is 1; it must be a whole number of pieces, 2 or more"),
            (lambda: sampling_plan(4000, 3), "aql is 3; it must be one of 0.10, .* 6.5"),
            (lambda: sampling_plan(10.5, 2.5), "lot is 10.5"),
            (lambda: sampling_plan(4000, 2.5, "IV"), "level is IV; it must be one of S-1, .* III"),
        ],
    )
    def test_what_the_tables_do_not_have_is_refused(self, call, sentence):
        with pytest.raises(InputError, match=sentence):
            call()
