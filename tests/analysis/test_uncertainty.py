"""How sure: draws against single plans, laws of quantiles and chances, calibration on shops whose truth is known."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ecteam.analysis import uncertainty
from ecteam.analysis.sensitivity import ORDERS, cash_cost, explained_share
from ecteam.analysis.uncertainty import TOTAL, Uncertainty, how_sure, orders_times_of, quantile
from ecteam.inputs.assumptions import Assumptions, load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import load_scenario
from ecteam.inputs.words import Name, month_in_words, use
from ecteam.plan.plan import Plan, make_plan
from ecteam.plan.prepare import prepare, values_of
from ecteam.plan.solve import solve
from ecteam.staffing.forecast import forecast_spread
from ecteam.view import team
from ecteam.view import uncertainty as uncertainty_view

SHOPS = ["tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk"]
SPREADS = {"orders_level_spread": 0.0, "orders_month_spread": 0.0}


@cache
def plan_of(name: str = "tea_shop_growth", months: int = 3) -> Plan:
    return make_plan(load_scenario(name, months=months))


@cache
def sure_of(name: str = "tea_shop_growth", months: int = 3, draws: int = 120) -> Uncertainty:
    return how_sure(plan_of(name, months), draws, seed=3)


def with_range(world: Assumptions, key: str, low: float, typical: float, high: float) -> Assumptions:
    """The same tables with another range for one row."""
    numbers = world.numbers.copy()
    numbers.loc[numbers["key"] == key, ["low", "typical", "high"]] = low, typical, high
    return replace(world, numbers=numbers, draws=numbers[["typical"]].to_numpy(float))


# The same input, the same bytes


def arrays(sure: Uncertainty) -> dict[str, np.ndarray]:
    return {f"{name} {key}": values for name in ("heads", "cost") for key, values in getattr(sure, name).items()}


def test_the_same_seed_gives_the_same_draws_however_many_are_solved_at_once(monkeypatch):
    first = how_sure(plan_of(), 60, seed=3)
    monkeypatch.setattr(uncertainty, "_CELLS_AT_ONCE", 51)
    again, other = arrays(how_sure(plan_of(), 60, seed=3)), arrays(how_sure(plan_of(), 60, seed=4))
    for name, values in arrays(first).items():
        np.testing.assert_array_equal(values, again[name], err_msg=name)
    assert not np.array_equal(again["cost total"], other["cost total"])


# Draws are plans


@pytest.mark.parametrize("name", SHOPS)
def test_a_draw_is_the_plan_of_its_own_figures(name):
    plan = plan_of(name, 3)
    sure = how_sure(plan, 12, seed=5)
    drawn = plan.assumptions.draw(12, 5)
    times, _ = orders_times_of(values_of(replace(plan.inputs, assumptions=drawn)), sure.spread, 12, 3, 5)
    for i in (0, 7, 11):
        holds = drawn.numbers["region"].isin(["all", plan.scenario.region])
        figures = dict(zip(drawn.numbers.loc[holds, "key"], drawn.draws[holds, i], strict=True))
        # The calendar of the plan says it in every draw; a figure that is set would take its place.
        del figures["working_days_per_month"]
        inputs = prepare(plan.scenario, load_assumptions().with_values(**figures))
        # The season of a history is fitted towards typical lifts in every draw.
        inputs = replace(inputs, profile=plan.inputs.profile, orders_times=times[i : i + 1])
        # Who wears which hats is decided once, at typical figures.
        inputs = replace(inputs, duties=plan.inputs.duties, hats_settled=True)
        alone = solve(inputs, values_of(inputs)).results
        assert {role: sure.heads[role][i].tolist() for role in alone.roles} == dict(
            zip(alone.roles, alone.heads[:, 0].tolist(), strict=True)
        )
        assert sure.cost[TOTAL][i].sum() == pytest.approx(cash_cost(alone)[0], rel=1e-12)
        np.testing.assert_allclose(sure.orders[i], alone.demand.orders[0], rtol=1e-12)


@pytest.mark.parametrize("name", SHOPS)
def test_where_all_is_known_the_plan_is_certain(name):
    world, shop = load_assumptions(), load_scenario(name, months=3)
    known = {key: value for key, value in world.region(shop.region).items() if key not in SPREADS}
    sure = how_sure(make_plan(shop, world.with_values(**known, **SPREADS)), 10)
    for frame in (sure.heads_by_month, sure.cost_by_month, sure.totals):
        for level in ("p10", "p50", "p90"):
            np.testing.assert_allclose(frame[level], frame["plan"], rtol=1e-12)
    assert (sure.totals["share_above_plan"] == 0).all()
    assert (sure.chance["chance"] == 1).all()
    assert sure.tornado.empty
    assert sure.worth_measuring.empty


def test_totals_of_parts_are_the_total():
    sure = sure_of()
    for parts in (sure.heads, sure.cost):
        np.testing.assert_allclose(sum(v for k, v in parts.items() if k != TOTAL), parts[TOTAL], rtol=1e-12)
    plan = sure.cost_by_month[sure.cost_by_month["role"] == TOTAL]["plan"].sum()
    assert plan == pytest.approx(sure.plan.totals["cost_total"], rel=1e-12)


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.inf), min_size=1, max_size=50), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_a_value_that_the_right_share_does_not_exceed(values, share):
    found = float(quantile(values, share))
    assert found in values
    assert np.mean(np.array(values) <= found) >= share - 1e-9
    assert np.mean(np.array(values) < found) < share


# Is this team enough?


@pytest.mark.parametrize("name", SHOPS)
def test_targets_come_before_other_duties_and_all_roles_make_the_whole(name):
    sure = sure_of(name, 3, 60)
    every = sure.kept["every_duty"]
    assert np.array_equal(every, np.logical_and.reduce([sure.enough[role] for role in sure.enough]))
    for good in sure.kept.values():
        assert (good | ~every).all()
    assert (sure.chance["chance"] <= sure.chance["chance_in_worst_month"] + 1e-12).all()
    assert ("reply_target" in sure.kept) == sure.plan.scenario.dedicated_desk


def test_a_team_is_enough_in_the_first_month_where_the_draw_asks_for_no_more():
    sure = sure_of()
    plan, caused = sure.plan, sure.plan.assumptions.drivers_of_people
    mine = dict(zip(plan.results.roles, plan.results.heads[:, 0], strict=True))
    duties = plan.inputs.duties
    of_people = set(duties.loc[duties["driver"].isin(caused), "worn_by"])
    seen = 0
    for role, good in sure.enough.items():
        if role not in of_people | {"owner", "shop_manager"}:
            assert not (good[:, 0] & (sure.heads[role][:, 0] > mine[role][0])).any(), role
            seen += 0 < good[:, 0].mean() < 1
    assert seen >= 3


def test_one_head_more_is_enough_more_often():
    plan = plan_of()
    role = plan.results.roles.index("cs_agent")
    more_of_them = {name: getattr(plan.results, name).copy() for name in ("heads", "employed_fte")}
    for people in more_of_them.values():
        people[role] += 1
    more = how_sure(replace(plan, results=replace(plan.results, **more_of_them)), 120, seed=3)
    before, after = (s.chance.set_index("name")["chance"] for s in (sure_of(), more))
    assert after["cs_agent"] > before["cs_agent"]
    assert after["reply_target"] > before["reply_target"]


# Headcount that does not converge


def test_a_draw_that_does_not_settle_is_counted_and_spoils_no_other():
    world = with_range(load_assumptions(), "leading_hours_per_head", 4, 4, 400)
    shop = load_scenario("tea_shop_startup", months=2)
    sure = how_sure(make_plan(shop, world), 100, seed=2)
    drawn = world.draw(100, 2).draws[(world.numbers["key"] == "leading_hours_per_head").to_numpy()][0]
    assert 0.1 < sure.unsettled_share < 0.9
    assert drawn[~sure.settled].min() > 100
    assert np.isinf(sure.heads[TOTAL][~sure.settled]).all()
    assert np.isfinite(sure.heads[TOTAL][sure.settled]).all()
    others = how_sure(make_plan(shop, with_range(world, "leading_hours_per_head", 2, 4, 8)), 100, seed=2)
    assert others.settled.all()
    assert sure.totals.set_index("figure").loc["heads_last_month", "p90"] == np.inf
    assert "does not converge" in uncertainty_view.held_fixed(sure)
    assert sure.tornado.iloc[0][["key", "swing"]].tolist() == ["leading_hours_per_head", np.inf]
    for table in (uncertainty_view.totals(sure), uncertainty_view.tornado_table(sure)):
        assert not re.search(r">\s*(nan|inf)", table.to_html())
    for chart in (uncertainty_view.heads_fan, uncertainty_view.cost_fan, uncertainty_view.tornado):
        assert team.picture(chart, sure).png


def test_where_no_draw_settles_it_is_said():
    world = with_range(load_assumptions(), "leading_hours_per_head", 4, 4, 1e7)
    with pytest.raises(InputError, match="in none of 10 draws does the headcount converge"):
        how_sure(make_plan(load_scenario("tea_shop_startup", months=1), world), 10)


# Orders


def test_orders_are_the_forecast_times_level_and_month():
    values = {"orders_level_spread": 0.2, "orders_month_spread": 0.1}
    times, level = orders_times_of(values, (None, None), 20_000, 3, 1)
    # Six standard errors of a mean and of a standard deviation.
    assert times.mean(axis=0) == pytest.approx(np.ones(3), abs=6 * 0.225 / 20_000**0.5)
    assert level.std() == pytest.approx(0.2, rel=0.04)
    assert (times / level).std(axis=0) == pytest.approx(np.full(3, 0.1), rel=0.04)
    common = np.log1p(0.2**2) / (np.log1p(0.2**2) + np.log1p(0.1**2))
    assert np.corrcoef(np.log(times).T)[0, 1] == pytest.approx(common, abs=0.02)
    # More draws leave the first ones as they are; the spread of a history takes the place of the assumption.
    assert np.array_equal(orders_times_of(values, (None, None), 50, 3, 1)[0], times[:50])
    assert (orders_times_of(values, (0.0, 0.0), 50, 3, 1)[0] == 1).all()


def test_the_spread_of_a_forecast_is_found_again():
    rng = np.random.default_rng(4)
    level, month = 0.25 * rng.standard_normal((800, 1)), 0.1 * rng.standard_normal((800, 12))
    found = [
        forecast_spread(pd.DataFrame({"orders": 1000 * np.exp(miss), "forecast": 1000.0})) for miss in level + month
    ]
    both = np.array(found)
    assert np.sqrt((both**2).mean(axis=0)) == pytest.approx([0.25, 0.1], rel=0.08)
    assert forecast_spread(pd.DataFrame({"orders": [10.0, 12.0], "forecast": [11.0, 11.0]})) is None
    assert forecast_spread(pd.DataFrame({"orders": [0.0, 0, 0, 5], "forecast": 5.0})) is None
    assert forecast_spread(pd.DataFrame({"orders": [5.0, 5, 5], "forecast": 5.0})) == (0.0, 0.0)


def test_a_history_says_how_far_its_forecast_misses_but_the_shop_has_the_last_word():
    plan = plan_of("online_retail_uk", 3)
    assert sure_of("online_retail_uk", 3, 60).spread == forecast_spread(plan.forecast_error)
    own = make_plan(plan.scenario, load_assumptions().with_values(**SPREADS))
    known = how_sure(own, 10)
    assert known.spread == (None, None)
    assert (known.orders == plan.results.demand.orders).all()
    assert sure_of("tea_shop_growth").spread == (None, None)


# What moves the cost, and what to measure


def test_the_tornado_is_what_two_plans_differ_by():
    # Draws hold who wears which hats; so do plans whose scenario says it.
    sure = how_sure(make_plan(load_scenario("tea_shop_growth", months=3, hats="departments")), 120, seed=3)
    rows = sure.tornado.head(6)
    assert ORDERS in set(rows["key"])
    assert sure.tornado["swing"].is_monotonic_decreasing
    for row in rows.itertuples():
        for figure, paid in ((row.p10, row.cost_p10), (row.p90, row.cost_p90)):
            if row.key == ORDERS:
                shop = sure.plan.scenario
                other = make_plan(shop.with_changes(orders_per_day=shop.orders_per_day * figure))
            else:
                other = make_plan(sure.plan.scenario, load_assumptions().with_values(**{row.key: figure}))
            assert other.totals["cost_total"] == pytest.approx(paid, rel=1e-9), row.key


def test_explained_shares_by_hand():
    rng = np.random.default_rng(1)
    drawn = rng.standard_normal((5, 4000))
    # Variances 9, 1 and 2 (of a square): 75 %, 8.3 % and 16.7 %; two rows do nothing.
    found = explained_share(drawn, 3 * drawn[0] - drawn[1] + drawn[2] ** 2 + 40)
    assert found == pytest.approx([0.75, 1 / 12, 1 / 6, 0, 0], abs=0.03)
    assert explained_share(drawn, np.full(4000, 7.0)).tolist() == [0] * 5
    assert explained_share(np.ones((1, 100)), drawn[0, :100]).tolist() == [0]


def test_measuring_what_is_most_worth_it_brings_the_quantiles_closer():
    before = how_sure(plan_of(months=2), 600, seed=1)
    worth = before.worth_measuring
    assert len(worth) == 3
    assert (worth["kind"] == "planning assumption").all()
    assert (worth["measure"] != "").all()
    assert worth["range_saved"].is_monotonic_decreasing
    first = worth.iloc[0]
    typical = before.plan.assumptions.region("cn")[first["key"]]
    known = make_plan(before.plan.scenario, load_assumptions().with_values(**{first["key"]: typical}))
    after = how_sure(known, 600, seed=1)
    was, now = (sure.cost[TOTAL].sum(axis=1).var() for sure in (before, after))
    assert first["variance_share"] / 3 < 1 - now / was < 3 * first["variance_share"]
    assert first["key"] not in set(after.explained["key"])


def test_what_cannot_be_measured_this_week_is_not_on_the_list():
    found = sure_of().explained.set_index("key")["measure"]
    assert found[ORDERS] == found["event_1111"] == found["orders_level_spread"] == ""
    assert found["presale_minutes_per_chat"] == "time_some"
    assert found["pay_cs_agent"] == "look_up"
    assert found["chat_elapsed_minutes"] == "count_in_records"
    for way in set(found) - {""}:
        assert re.search(r"[\u4e00-\u9fff]", Name(way).in_language("zh"))


# Bad input


@pytest.mark.parametrize(
    ("given_values", "mistakes"),
    [
        *(
            (
                {"draws": draws},
                [f"draws is {draws}; it must be a whole number, 10 to 20,000, since P10 needs ten draws"],
            )
            for draws in (0, 9, 20_001, 100.5, True)
        ),
        ({"seed": -1}, ["seed is -1; it must be a whole number, 0 or more"]),
        (
            {"draws": -5, "seed": "one"},
            [
                "draws is -5; it must be a whole number, 10 to 20,000, since P10 needs ten draws",
                "seed is 'one'; it must be a whole number, 0 or more",
            ],
        ),
    ],
)
def test_wrong_draws_and_seeds_are_refused_at_once(given_values, mistakes):
    with pytest.raises(InputError) as refused:
        how_sure(plan_of(), **given_values)
    assert refused.value.mistakes == mistakes


# Faces


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pictures_and_tables_say_what_the_frames_hold(lang):
    use(lang)
    sure = sure_of()
    total = sure.totals.set_index("figure")
    assert (
        uncertainty_view.rough(total.loc["cost_per_month", "p90"]) in team.picture(uncertainty_view.cost_fan, sure).alt
    )
    assert f"{total.loc['heads_last_month', 'p90']:.0f}" in team.picture(uncertainty_view.heads_fan, sure).alt
    weakest = sure.chance[sure.chance["kind"] == "role"]["chance"].min()
    height = uncertainty_view.grid_height(sure)
    assert f"{weakest:.0%}" in team.picture(uncertainty_view.chance_grid, sure, height=height).alt
    first = sure.tornado.iloc[0]
    assert first[lang] in team.picture(uncertainty_view.tornado, sure).alt
    assert first[lang] in uncertainty_view.tornado_table(sure).to_html()
    assert f"{total.loc['cost_total', 'p50']:,.0f}" in uncertainty_view.totals(sure).to_html()
    assert f"{weakest:.0%}" in uncertainty_view.chance(sure).to_html()
    for words in sure.worth_measuring[lang]:
        assert words in uncertainty_view.worth_measuring(sure).to_html()
    months = uncertainty_view.by_month(sure).to_html()
    assert all(month_in_words(month) in months for month in sure.plan.months)


# Calibration: shops whose truth is known


def squeezed(world: Assumptions, share: float) -> Assumptions:
    """Ranges drawn together towards their typical figures: a shop that believes to know more than it does."""
    numbers = world.numbers.copy()
    for end in ("low", "high"):
        numbers[end] = numbers["typical"] + share * (numbers[end] - numbers["typical"])
    return replace(world, numbers=numbers)


def true_plan(shop: Scenario, rng: np.random.Generator) -> Plan:
    """What the shop turns out to be: figures by the inverse of their distribution, and orders that came otherwise."""
    world = load_assumptions()
    table = world.rows(shop.region)
    spans = table[table["high"] > table["low"]]
    low, mean, high = (spans[c].to_numpy(float) for c in ("low", "typical", "high"))
    rate = spans["basis"].str.startswith("units_per_").to_numpy() & (low > 0)
    low, mean, high = np.where(rate, 1 / np.maximum([high, mean, low], 1e-12), [low, mean, high])
    at = (mean - low) / (high - low)
    inside = (at > 0) & (at < 1)
    alpha, beta = np.where(inside, [6 * at, 6 * (1 - at)], [1 + 4 * at, 5 - 4 * at])
    least = np.minimum(np.minimum(alpha, beta), 1)
    drawn = np.clip(stats.beta.ppf(rng.random(len(at)), alpha / least, beta / least, low, high - low), low, high)
    truth = dict(zip(spans.index, np.where(rate, 1 / np.maximum(drawn, 1e-12), drawn), strict=True))
    variance = sum(np.log1p(truth[f"orders_{part}_spread"] ** 2) for part in ("level", "month"))
    times = np.exp(np.sqrt(variance) * rng.standard_normal() - variance / 2)
    return make_plan(shop.with_changes(orders_per_day=shop.orders_per_day * times), world.with_values(**truth))


def ranks_of_the_truth(shops: int, model: Assumptions, draws_of_each: int = 99) -> np.ndarray:
    """For each shop the share of its draws that cost less than it turns out to cost: even over 0 to 1 if calibrated."""
    rng, ranks = np.random.default_rng(11), []
    for i in range(shops):
        shop = load_scenario(
            "tea_shop_growth" if i % 4 == 0 else "tea_shop_startup",
            months=1,
            start_month=f"2027-{1 + i % 12:02d}",
            orders_per_day=float(10 ** rng.uniform(1.3, 2.8)),
            active_skus=int(rng.integers(10, 300)),
            return_share=float(rng.uniform(0.02, 0.3)),
        )
        sure = how_sure(make_plan(shop, model), draws_of_each, seed=i)
        paid = true_plan(shop, rng).totals["cost_total"]
        ranks.append((sure.cost[TOTAL].sum(axis=1) < paid).mean())
    return np.array(ranks)


def is_calibrated(ranks: np.ndarray) -> bool:
    """Whether one truth in ten lies above P90, one in ten below P10, and all between evenly: at a chance of 0.1 % each
    of calling a good model bad."""
    above, below = int((ranks >= 0.9).sum()), int((ranks < 0.1).sum())
    tails = [stats.binomtest(count, len(ranks), 0.1).pvalue for count in (above, below)]
    return min(*tails, stats.kstest(ranks, "uniform").pvalue) > 0.001


def test_one_truth_in_ten_lies_above_p90():
    assert is_calibrated(ranks_of_the_truth(40, load_assumptions()))


@pytest.mark.slow
def test_a_model_that_believes_to_know_too_much_is_found_out():
    ranks = ranks_of_the_truth(32, squeezed(load_assumptions(), 0.15))
    assert not is_calibrated(ranks)
    assert (ranks >= 0.9).mean() > 0.2


@pytest.mark.slow
def test_one_truth_in_ten_lies_above_p90_in_many_shops():
    ranks = ranks_of_the_truth(400, load_assumptions(), 199)
    assert is_calibrated(ranks)
    assert (ranks >= 0.9).mean() == pytest.approx(0.1, abs=0.05)
    assert (ranks < 0.1).mean() == pytest.approx(0.1, abs=0.05)
