"""The laws of a plan (DESIGN.md), over shops of all kinds; draws against single cases; one snapshot per stage."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.assumptions import Assumptions, load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import load_scenario
from ecteam.inputs.tables import STAGES
from ecteam.pay import loaded_cost, payslip
from ecteam.pay.severance import severance_reserve
from ecteam.plan.plan import Plan, compare, make_plan, plan_shop
from ecteam.plan.prepare import Inputs, prepare, stage_duties, values_of
from ecteam.plan.solution import Results
from ecteam.plan.solve import solve

SNAPSHOTS = Path(__file__).parent / "snapshots"
SHOPS = ["tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk"]
LAW = settings(max_examples=25, derandomize=True)


@cache
def plan_of(name: str, **changes: Any) -> Plan:
    return make_plan(load_scenario(name, **changes))


@st.composite
def shops(draw: Any, **fixed: Any) -> Scenario:
    """Shops of every stage, size and way of working; six months at most, to be quick."""
    base = load_scenario(draw(st.sampled_from(SHOPS[:3])))
    opens, closes = draw(st.sampled_from([(9, 18), (8, 20), (6, 22)]))
    fields = {
        "city": draw(st.sampled_from(["hangzhou", "shanghai", "uk"])),
        "stage": draw(st.sampled_from(["startup", "growth", "maturity"])),
        "hats": draw(st.sampled_from([None, "two_posts", "five_posts", "departments", "specialists"])),
        "start_month": draw(st.sampled_from(["2026-08", "2026-10", "2027-01"])),
        "months": draw(st.integers(1, 6)),
        "team_in_place": draw(st.booleans()),
        "orders_per_day": draw(st.floats(0, 4)) and 10 ** draw(st.floats(0, 3.8)),
        "growth_per_month_share": draw(st.sampled_from([-0.1, 0.0, 0.02, 0.15])),
        "event_strength": draw(st.sampled_from([0.0, 1.0, 2.5])),
        "return_share": draw(st.sampled_from([0.0, 0.05, 0.6])),
        "dedicated_desk": draw(st.booleans()),
        "chats_at_once": draw(st.integers(1, 6)),
        "outsourced_service_share": draw(st.sampled_from([0.0, 0.0, 0.4, 1.0])),
        "self_shipping": draw(st.booleans()),
        "own_technology": draw(st.booleans()),
        "temps_on_event_days": draw(st.booleans()),
        "ship_rule": draw(st.sampled_from(["same_day", "24h", "48h"])),
        "warehouse_from_hour": opens,
        "warehouse_until_hour": closes,
        "warehouse_days_per_week": draw(st.integers(4, 7)),
        "busy_day_quantile": draw(st.sampled_from([0.5, 0.8, 0.95])),
        "new_skus_per_month": draw(st.sampled_from([0.0, 6.0, 60.0])),
    }
    return base.with_changes(**(fields | fixed))


def solved(scenario: Scenario, assumptions: Assumptions | None = None) -> tuple[Inputs, Results]:
    inputs = prepare(scenario, assumptions or load_assumptions())
    return inputs, solve(inputs, values_of(inputs)).results


# Law 1: hours are conserved, parts add up


@LAW
@given(shop=shops())
def test_hours_are_conserved(shop):
    plan = make_plan(shop)
    asked, given_out = plan.workload, plan.headcount
    np.testing.assert_array_equal(asked["hours"], given_out["hours"])
    # What a duty asks for is its driver times its minutes.
    by_hand = asked["amount"] * asked["minutes_per_unit"] / 60
    np.testing.assert_allclose(asked["hours"], by_hand, rtol=1e-9, atol=1e-9)
    # Every hour is worked: by temps, or by people who are there at least as long.
    left = given_out["hours"] - given_out["temp_hours"]
    assert (given_out["temp_hours"] >= 0).all()
    assert (given_out["staffed_hours"] >= left * (1 - 1e-9) - 1e-9).all()
    volume = given_out["duty"].map(plan.inputs.duties["method"]) == "volume"
    np.testing.assert_allclose(given_out["staffed_hours"][volume], left[volume], rtol=1e-9, atol=1e-9)


@LAW
@given(shop=shops())
def test_hours_of_a_role_are_the_hours_of_its_people(shop):
    plan = make_plan(shop)
    result, roles = plan.results, plan.results.roles
    shrinkage = np.array([plan.values[plan.assumptions.roles.loc[role, "shrinkage"]] for role in roles])
    hours_of_a_head = result.paid_hours * (1 - shrinkage[:, None])
    answering = (
        result.answering_hours[:, 0] / hours_of_a_head + plan.values["hat_loss_share"] * result.answering_posts[:, 0]
    )
    fte = (result.fte - result.changing_fte)[:, 0] - answering
    worked = fte * hours_of_a_head
    asked = plan.headcount.pivot_table(index="role", columns="month", values="staffed_hours", aggfunc="sum")
    asked = asked.reindex(roles).fillna(0).to_numpy().copy()
    # There is one owner, and what is too much for one is the work of the operations head: of both together.
    head = roles.index("shop_manager")
    if "owner" in roles:
        owner = roles.index("owner")
        assert (result.fte[owner] <= plan.values["owner_most_fte"] + 1e-12).all()
        for hours in (worked, asked):
            hours[head] += hours[owner]
            hours[owner] = 0
    # Each further post that a role wears costs its share of a head's month.
    posts = plan.headcount[plan.headcount["staffed_hours"] > 0].assign(
        post=lambda f: f["duty"].map(plan.inputs.duties["post"])
    )
    worn = posts.pivot_table(index="role", columns="month", values="post", aggfunc="nunique").reindex(roles)
    np.testing.assert_allclose(
        result.changing_fte[:, 0], (worn.fillna(1) - 1) * plan.values["hat_loss_share"], atol=1e-12
    )
    np.testing.assert_allclose(worked, asked, rtol=1e-9, atol=1e-9)
    by_duty = plan.headcount.groupby("month")["fte"].sum().to_numpy()
    np.testing.assert_allclose(by_duty, fte.sum(axis=0), rtol=1e-9)
    # Temps do at their own speed what is theirs; at a desk they also wait for chats, up to the occupancy limit.
    waits = plan.headcount["duty"].isin(plan.inputs.duties.index[plan.inputs.duties["method"] == "queue"])
    np.testing.assert_allclose(
        plan.team["temp_hours"].sum() * plan.values["temp_productivity"],
        (plan.headcount["temp_hours"] / np.where(waits, plan.values["service_occupancy_max"], 1)).sum(),
        rtol=1e-9,
        atol=1e-9,
    )


@LAW
@given(shop=shops())
def test_parts_add_up_to_the_totals_shown(shop):
    plan = make_plan(shop)
    totals, result = plan.totals, plan.results
    everything = sum(float(amounts.sum()) for amounts in result.items.values())
    assert plan.cost["amount"].sum() == pytest.approx(totals["cost_total"], rel=1e-9)
    assert plan.owner_time["amount"].sum() == pytest.approx(totals["owner_time_total"], rel=1e-9)
    assert totals["cost_total"] + totals["owner_time_total"] == pytest.approx(everything, rel=1e-9)
    assert totals["cost_per_month"] * shop.months == pytest.approx(totals["cost_total"], rel=1e-9)
    assert totals["orders_total"] == pytest.approx(plan.days["orders"].sum(), rel=1e-9, abs=1e-9)
    drivers = plan.drivers.set_index("driver")["amount"]
    assert drivers.loc[["orders"]].sum() == pytest.approx(totals["orders_total"], rel=1e-9, abs=1e-9)
    heads = plan.team.groupby("month", sort=False)["heads"].sum()
    assert [totals["heads_first_month"], totals["heads_last_month"]] == [heads.iloc[0], heads.iloc[-1]]
    np.testing.assert_array_equal(heads, result.heads[:, 0].sum(axis=0))
    assert totals["hires_total"] == pytest.approx(result.hires.sum(), rel=1e-9, abs=1e-9)
    assert not plan.team.duplicated(["month", "role"]).any()
    assert not plan.cost.duplicated(["month", "role", "item"]).any()
    assert (plan.cost["amount"] >= 0).all()
    assert set(plan.cost["currency"]) <= {shop.currency}


# Law 2: monotone, deterministic


@LAW
@given(shop=shops(), factor=st.sampled_from([1.02, 1.3, 3.0]))
def test_more_orders_never_need_fewer_heads(shop, factor):
    _, few = solved(shop)
    _, many = solved(shop.with_changes(orders_per_day=shop.orders_per_day * factor))
    assert few.roles == many.roles
    assert (many.heads.sum(axis=0) >= few.heads.sum(axis=0)).all()
    assert (many.demand.orders >= few.demand.orders).all()
    for name in ("hours", "staffed_hours", "on_shift"):
        loop = few.hours.any() and name != "on_shift"
        rows = ~few_loops(shop) if loop else slice(None)
        assert (getattr(many, name)[rows] >= getattr(few, name)[rows] * (1 - 1e-9) - 1e-9).all()


def few_loops(shop: Scenario) -> np.ndarray:
    """Duties whose hours follow from the people themselves."""
    return stage_duties(shop, load_assumptions())["driver"].isin(load_assumptions().drivers_of_people).to_numpy()


# Hires are a cause of HR's work. Where a newcomer takes much training, few order levels are enough to show what the
# difference between the first and the last month does.
HIRES = {"training_hours_per_hire": 150.0}


def heads_by_level() -> list[np.ndarray]:
    """Heads by month of the growing tea shop at rising orders a day."""
    found = []
    for level in np.geomspace(100, 1000, 60):
        shop = load_scenario("tea_shop_growth", orders_per_day=level, months=3, dedicated_desk=False)
        found.append(solved(shop, load_assumptions().with_values(**HIRES))[1].heads[:, 0].sum(axis=0))
    return found


def test_more_orders_never_need_fewer_heads_by_way_of_hires():
    fewer = [after - before for before, after in pairwise(heads_by_level()) if (after < before).any()]
    assert fewer == []


@LAW
@given(
    shop=shops(dedicated_desk=True),
    share=st.sampled_from([0.5, 0.8, 0.9]),
    seconds=st.sampled_from([20.0, 60.0, 300.0]),
)
def test_a_better_service_level_never_costs_less(shop, share, seconds):
    def paid(**changes: float) -> float:
        plan = make_plan(shop.with_changes(reply_target_share=share, reply_target_seconds=seconds, **{}))
        if changes:
            plan = make_plan(plan.scenario.with_changes(**changes))
        return plan.totals["cost_total"]

    base = paid()
    assert paid(reply_target_share=share + 0.06) >= base - 1e-6
    assert paid(reply_target_seconds=seconds / 3) >= base - 1e-6


def test_the_same_input_gives_the_same_bytes():
    for name in SHOPS:
        assert make_plan(load_scenario(name)).to_json() == make_plan(load_scenario(name)).to_json()


def test_another_process_gives_the_same_bytes():
    code = (
        "import hashlib\nfrom ecteam import load_scenario, make_plan\n"
        f"for name in {SHOPS}:\n"
        "    print(hashlib.sha256(make_plan(load_scenario(name)).to_json().encode()).hexdigest())"
    )
    mine = [hashlib.sha256(plan_of(name).to_json().encode()).hexdigest() for name in SHOPS]
    for seed in ("1", "2024"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == mine


def test_the_text_of_a_plan_is_json_with_scenario_notes_and_frames():
    plan = plan_of("tea_shop_startup")
    content = json.loads(plan.to_json())
    assert Scenario(**content["scenario"]) == plan.scenario
    assert content["notes"] == [str(note) for note in plan.notes]
    assert len(content["team"]) == len(plan.team)
    assert len(content["workload"]) == len(plan.workload)
    assert content["changed_assumptions"] == {}
    changed = plan_shop("tea_shop_startup", pick_lines_per_hour=75)
    assert json.loads(changed.to_json())["changed_assumptions"] == {"pick_lines_per_hour": 75}


# Law 3: minimality


@LAW
@given(shop=shops())
def test_one_seat_fewer_breaks_a_constraint(shop):
    _, result = solved(shop)
    seats, fte, on_shift = result.seats, result.fte, result.on_shift
    hired = np.array([role != "owner" for role in result.roles])[:, None, None]
    assert (result.employed_fte + result.bought_fte >= hired * fte - 1e-9).all()
    assert (seats >= on_shift).all()
    filled = seats > 0
    too_little_time = seats - 1 < fte - 1e-9
    too_few_at_once = seats - 1 < on_shift
    assert (too_little_time | too_few_at_once)[filled].all()
    # Nobody is released inside a plan, and nobody is on board before a seat asks for him.
    np.testing.assert_array_equal(result.heads, np.maximum.accumulate(seats, axis=-1))


@LAW
@given(shop=shops(team_in_place=False))
def test_hires_fill_the_heads_and_replace_the_leavers(shop):
    inputs, result = solved(shop)
    attrition = [
        inputs.assumptions.region(shop.region)[inputs.assumptions.roles.loc[r, "attrition"]] for r in result.roles
    ]
    # An owner is neither hired nor leaves.
    hired = np.array([role != "owner" for role in result.roles])[:, None, None]
    leavers = hired * result.heads * np.array(attrition)[:, None, None] / 12
    np.testing.assert_allclose((result.hires - leavers).cumsum(axis=-1), hired * result.heads, atol=1e-9)
    _, settled = solved(shop.with_changes(team_in_place=True))
    if np.array_equal(settled.heads, result.heads):
        first = (hired * result.heads)[..., 0]
        np.testing.assert_allclose((result.hires - settled.hires)[..., 0], first, atol=1e-9)
        np.testing.assert_allclose((result.hires - settled.hires)[..., 1:], 0, atol=1e-9)


# The loop of people who need people


@LAW
@given(shop=shops())
def test_the_people_that_people_need_are_among_them(shop):
    plan = make_plan(shop)
    heads = plan.team.groupby("month", sort=False)["heads"].sum().reindex(plan.months, fill_value=0).to_numpy(float)
    amounts = plan.drivers.set_index(["driver", "month"])["amount"]
    np.testing.assert_array_equal(amounts["heads"], heads)
    for duty, row in plan.inputs.duties[plan.inputs.duties["driver"] == "heads"].iterrows():
        mine = plan.workload[plan.workload["duty"] == duty]
        unit = {"hours_per_unit": 1.0, "minutes_per_unit": 1 / 60}[
            plan.assumptions.rows(shop.region).loc[row["rate"], "basis"]
        ]
        np.testing.assert_allclose(mine["hours"], heads * plan.values[row["rate"]] * unit, rtol=1e-12)
    # Solving once more from the heads found changes nothing: seats of the final hours are the seats of the plan.
    np.testing.assert_array_equal(plan.results.hours, solved(shop)[1].hours)


def test_a_team_that_does_not_settle_is_refused():
    with pytest.raises(InputError, match="headcount does not converge: each hire creates more than one person's extra"):
        make_plan(load_scenario("tea_shop_growth"), load_assumptions().with_values(leading_hours_per_head=200))


@pytest.mark.parametrize("name", ["tea_shop_growth", "tea_shop_maturity"])
def test_a_team_settles_where_a_head_asks_for_less_than_a_head(name):
    # Even at its highest a leaver's successor takes 1.5/12 x 300 = 38 hours a month, and a head some 16 of other work.
    world = load_assumptions().with_values(training_hours_per_hire=300.0).draw(200, seed=1)
    solved(load_scenario(name, months=3, dedicated_desk=False), world)


# Draws: one more axis and nothing else

PER_CASE = (
    "hours",
    "staffed_hours",
    "temp_work",
    "fte",
    "on_shift",
    "seats",
    "heads",
    "hires",
    "temp_hours",
    "paid_hours",
)


def own_history(folder: Path) -> str:
    """A Chinese shop's own 400 days, 11.11 and 618 among them."""
    rng = np.random.default_rng(8)
    dates = pd.date_range("2025-06-01", periods=400)
    rows = [
        f"{day:%Y-%m-%d} {hour:02d}:00,{rng.poisson(90 if day.month == 11 and day.day == 11 else 20)}"
        for day in dates
        for hour in range(9, 21)
    ]
    path = folder / "orders.csv"
    path.write_text("\n".join(["hour_start,orders", *rows]))
    return str(path)


def same_as_single_cases(shop: Scenario, cases: tuple[int, ...] = (0, 7, 19)) -> None:
    drawn = load_assumptions().draw(20, seed=1)
    _, many = solved(shop, drawn)
    for k in cases:
        _, one = solved(shop, replace(drawn, draws=drawn.draws[:, [k]]))
        for name in PER_CASE:
            whole, single = getattr(many, name), getattr(one, name)
            picked = whole[..., [k], :] if whole.shape[-2] == 20 else whole
            np.testing.assert_allclose(picked, single, rtol=1e-12, atol=1e-12, err_msg=f"{name} of draw {k}")
        for name in ("by_day", "orders", "event_share"):
            whole, single = getattr(many.demand, name), getattr(one.demand, name)
            picked = whole[[k]] if len(whole) == 20 else whole
            np.testing.assert_allclose(picked, single, rtol=1e-12, err_msg=f"{name} of draw {k}")
        for item, amounts in one.items.items():
            picked = many.items[item][..., [k], :]
            np.testing.assert_allclose(
                picked.reshape(amounts.shape), amounts, rtol=1e-12, err_msg=f"{item} of draw {k}"
            )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("tea_shop_startup", {}),
        ("tea_shop_growth", {}),
        ("tea_shop_growth", {"self_shipping": False, "temps_on_event_days": False}),
        ("tea_shop_maturity", {"months": 1, "start_month": "2026-11"}),
        ("online_retail_uk", {}),
        ("online_retail_uk", {"dedicated_desk": True, "ship_rule": "same_day", "cutoff_hour": 12}),
    ],
    ids=str,
)
def test_a_draw_is_a_single_case(name, changes):
    same_as_single_cases(load_scenario(name, **changes))


def test_a_draw_is_a_single_case_with_a_history_that_has_events(tmp_path):
    same_as_single_cases(load_scenario("tea_shop_growth", history=own_history(tmp_path), orders_per_day=None))


def test_many_draws_are_no_plan():
    with pytest.raises(InputError, match="these assumptions hold 3 draws; one case is needed here"):
        make_plan(load_scenario("tea_shop_growth"), load_assumptions().draw(3, seed=1))


# Arguments stay, edges answer


def test_nothing_given_is_changed():
    shop, world = load_scenario("tea_shop_growth"), load_assumptions()
    tables = ("numbers", "duties", "roles", "drivers", "calendar", "profiles")
    before = {name: getattr(world, name).copy(deep=True) for name in tables}
    draws, dump = world.draws.copy(), shop.model_dump()
    plan = make_plan(shop, world)
    for frame in ("days", "drivers", "workload", "headcount", "team", "cost", "owner_time"):
        getattr(plan, frame)
    plan.to_json()
    compare({"a": plan})
    for name, frame in before.items():
        pd.testing.assert_frame_equal(getattr(world, name), frame)
    np.testing.assert_array_equal(world.draws, draws)
    assert shop.model_dump() == dump


@pytest.mark.parametrize("desk", [False, True])
@pytest.mark.parametrize("name", SHOPS)
def test_no_orders_still_make_a_plan(name, desk):
    plan = plan_of(name, orders_per_day=0, dedicated_desk=desk)
    assert plan.totals["orders_total"] == 0
    assert plan.team["temp_hours"].sum() == 0
    per_order = plan.workload["driver"].isin(
        ["orders", "order_lines", "parcels", "returns", "presale_chats", "invoices"]
    )
    assert per_order.any()
    assert plan.workload.loc[per_order, "hours"].sum() == 0
    assert json.loads(plan.to_json())["totals"]["cost_per_order"] is None
    assert np.isfinite(plan.cost["amount"]).all()
    assert plan.totals["cost_total"] > 0


def test_a_logistics_company_takes_the_stock_duties_and_a_fee():
    own, other = plan_of("tea_shop_growth"), plan_of("tea_shop_growth", self_shipping=False)
    gone = set(own.inputs.duties.index) - set(other.inputs.duties.index)
    assert gone == {
        "receive_goods", "pick_orders", "pack_orders", "load_parcels", "open_returns", "count_stock", "move_pallets"
    }  # fmt: skip
    assert "warehouse" not in set(other.team["department"])
    fee = other.cost[other.cost["item"] == "logistics_company"].set_index("month")["amount"]
    orders = other.drivers[other.drivers["driver"] == "orders"].set_index("month")["amount"]
    # 1.5 lines an order: the first line, and half a further one.
    value = other.values
    per_order = value["logistics_fee_per_order"] + 0.5 * value["logistics_fee_per_extra_line"]
    # One order in twenty comes back, and the goods lie in the company's warehouse.
    rent = value["warehouse_rent_per_square_metre"]
    storage = value["logistics_storage_markup"] * rent * value["warehouse_area_per_daily_order"] * 12 / 365
    np.testing.assert_allclose(fee, orders * (per_order + 0.05 * value["logistics_return_fee"] + storage))
    assert "logistics_company" not in set(own.cost["item"])
    assert "warehouse_rent" not in set(other.cost["item"])


def test_an_own_warehouse_is_rented_and_its_people_take_no_office_seat():
    own = plan_of("tea_shop_growth")
    rent = own.cost[own.cost["item"] == "warehouse_rent"].set_index("month")["amount"]
    orders = own.drivers[own.drivers["driver"] == "orders"].set_index("month")["amount"]
    area = np.maximum(
        own.values["warehouse_area_least"], own.values["warehouse_area_per_daily_order"] * orders * 12 / 365
    )
    np.testing.assert_allclose(rent, own.values["warehouse_rent_per_square_metre"] * area)
    seated = set(own.cost.loc[own.cost["item"] == "seat", "role"])
    groups = own.assumptions.role_columns["group"]
    assert seated == {role for role in own.team["role"] if groups[role] != "warehouse"}
    keepers = plan_of("tea_shop_growth", self_shipping=False, hats="five_posts")
    at_desks = set(keepers.cost.loc[keepers.cost["item"] == "seat", "role"])
    assert "warehouse_keeper" in at_desks, "without an own warehouse a stock-keeper works in the office"


def test_own_technology_adds_its_duties():
    base, own = (
        set(stage_duties(load_scenario("tea_shop_growth", own_technology=on), load_assumptions()).index)
        for on in (0, 1)
    )
    assert own - base == {"keep_connections", "develop_own_systems"}
    assert base < own


def test_a_later_stage_has_all_duties_of_the_earlier():
    by_stage = [
        set(stage_duties(load_scenario("tea_shop_growth", stage=stage), load_assumptions()).index)
        for stage in ("startup", "growth", "maturity")
    ]
    assert by_stage[0] < by_stage[1] < by_stage[2]


@pytest.mark.parametrize("name", SHOPS)
def test_each_duty_is_somebodys_work_in_the_roles_of_its_scheme(name):
    plan = plan_of(name, hats="departments")
    scheme = plan.assumptions.roles["departments"]
    duties = plan.inputs.duties
    assert (duties["worn_by"] == scheme[duties["role"]].to_numpy()).all()
    assert set(plan.team["role"]) <= set(scheme) | {"shop_manager"}


@pytest.mark.parametrize("orders", [10, 100, 1000])
def test_a_stage_adds_work_and_not_heads(orders):
    by_stage = {stage: plan_of("tea_shop_startup", stage=stage, orders_per_day=orders) for stage in STAGES}
    last = {stage: plan.team[plan.team["month"] == plan.months[-1]] for stage, plan in by_stage.items()}
    first = last["startup"]
    for stage in STAGES[1:]:
        added = last[stage]["fte"].sum() - first["fte"].sum()
        assert added > 0
        assert last[stage]["heads"].sum() <= 1.2 * first["heads"].sum() + np.ceil(added)


@pytest.mark.parametrize("name", SHOPS)
def test_a_trade_has_people_of_its_own_from_a_whole_persons_work_on(name):
    plan = plan_of(name)
    worn = plan.headcount.assign(trade=lambda f: f["duty"].map(plan.inputs.duties["role"]))
    worn["fte"] *= (worn["hours"] - worn["temp_hours"]) / worn["staffed_hours"].where(worn["staffed_hours"] > 0, 1.0)
    peak = worn.groupby(["trade", "role", "month"])["fte"].sum().groupby(["trade", "role"]).max().reset_index()
    at_once = plan.inputs.duties["method"].isin(["queue", "deadline"])
    in_teams = set(plan.inputs.duties.loc[at_once, "role"])
    alone = peak[(peak["fte"] > 1.1) & ~peak["trade"].isin(in_teams)]
    assert (alone["trade"] == alone["role"]).all()


def test_events_without_strength_need_no_temps():
    assert plan_of("tea_shop_growth", event_strength=0.0).team["temp_hours"].sum() == 0
    assert plan_of("tea_shop_growth").team["temp_hours"].sum() > 0
    without = plan_of("tea_shop_growth", temps_on_event_days=False)
    assert without.team["temp_hours"].sum() == 0
    assert without.results.on_shift.max() > plan_of("tea_shop_growth").results.on_shift.max()


def test_the_history_gives_level_baskets_and_closed_days():
    plan = plan_of("online_retail_uk")
    assert plan.values["lines_per_order"] == pytest.approx(26.69, abs=0.01)
    assert plan.values["units_per_line"] == pytest.approx(274.234 / 26.693, abs=0.01)
    days = plan.days.set_index("date")
    assert (days.loc[days.index.day_of_week == 5, "orders"] == 0).all()
    assert days.loc["2026-12-25", "orders"] == 0
    assert days.loc["2027-03-26", "orders"] == 0, "Good Friday"
    # The year that was counted, and half of what autumn brought: one year does not tell a season from growth.
    assert 1.1 < plan.totals["orders_total"] / (19_771 * 365 / 374) < 1.4
    mine = plan_of("online_retail_uk", orders_per_day=100.0, lines_per_order=2.0)
    assert mine.values["lines_per_order"] == 2.0
    assert mine.totals["orders_total"] / plan.totals["orders_total"] == pytest.approx(100 / plan.inputs.orders_per_day)
    # What is asked for is the average of an ordinary year, closed days and all, without events and growth.
    mine = plan_of(
        "online_retail_uk", orders_per_day=100.0, lines_per_order=2.0, event_strength=0.0, growth_per_month_share=0.0
    )
    assert mine.totals["orders_total"] / 365 == pytest.approx(100, rel=1e-9)


def test_a_backtest_comes_with_a_history_only():
    assert plan_of("tea_shop_growth").forecast_error is None
    errors = plan_of("online_retail_uk").forecast_error
    assert errors["model_error"].sum() <= errors["naive_error"].sum()


def test_what_a_reader_must_know_is_said():
    incomplete, trend, late, promise = map(str, plan_of("online_retail_uk").notes)
    assert trend.startswith("online_retail_hourly.csv: the trend of the order history is continued")
    assert promise == "The promise to ship (24h) counts only the 6 days a week on which the warehouse works."
    assert "online_retail_hourly.csv: 1 day is missing or incomplete" in incomplete
    last = payslip.known_range("uk")[1]
    assert late.startswith(f"Contributions after {last:%Y-%m} use the figures of {last:%Y-%m}")
    with pytest.raises(InputError, match="start_month is 2019-01; the payroll figures of cn/hangzhou begin in"):
        make_plan(load_scenario("tea_shop_growth", start_month="2019-01"))
    with pytest.raises(InputError, match="there is no order history 'nope'"):
        make_plan(load_scenario("tea_shop_growth", history="nope"))


def test_the_cost_of_a_role_by_hand():
    # A month of the growing tea shop's pickers' team, from the frame of people to each item.
    plan = plan_of("tea_shop_growth")
    month = plan.months[3]
    row = plan.team[(plan.team["month"] == month) & (plan.team["role"] == "warehouse_keeper")].iloc[0]
    items = plan.cost[(plan.cost["month"] == month) & (plan.cost["role"] == "warehouse_keeper")]
    items = items.set_index("item")["amount"]
    figure = plan.assumptions.region("cn")
    # One of them works part-time: paid by the hours, equipped as a whole person.
    assert row["heads"] - 1 < row["employed_fte"] < row["heads"]
    gross = figure["pay_warehouse_keeper"] * figure["pay_level_new_tier1"]
    pay = row["employed_fte"] * gross
    year_end = pay * (figure["pay_months_per_year"] - 12) / 12
    # A thirteenth month raises the base.
    base = gross * figure["pay_months_per_year"] / 12
    burden = row["employed_fte"] * float(payslip.employer_extra(base, "cn/hangzhou", str(month)))
    by_hand = {
        "pay": pay,
        "year_end_pay": year_end,
        "contributions": burden,
        "recruiting": row["hires"] * figure["hire_cost_volume"],
        # Training is a duty of HR at this stage: only the newcomer's own lost speed is left.
        "learning": row["hires"]
        * (row["employed_fte"] / row["heads"])
        * (gross * figure["pay_months_per_year"] / 12 + burden / row["employed_fte"])
        * (1 - figure["ramp_start_share"])
        / 2
        * figure["ramp_weeks_warehouse"]
        * 12
        / 52,
        "equipment": row["heads"] * figure["warehouse_equipment"] / figure["equipment_life_months"],
        "welfare": row["heads"] * figure["welfare_cost"],
        "software": row["heads"] * figure["software_cost"],
        "temps": row["temp_hours"] * figure["temp_warehouse_pay_per_hour"] * (1 + figure["temp_agency_share"]),
        "severance_reserve": row["employed_fte"]
        * float(
            severance_reserve(
                gross * figure["pay_months_per_year"] / 12,
                figure["attrition_warehouse"],
                figure["severance_owed_share"],
                "cn/hangzhou",
                np.datetime64("2026-08"),
            )
        ),
        "overhead": (pay + year_end + burden) * figure["overhead_share"],
    }
    by_hand = {item: amount for item, amount in by_hand.items() if item in items.index or amount}
    assert items.to_dict() == pytest.approx(by_hand)


def test_the_hours_of_a_duty_by_hand():
    # The start-up tea shop in its first month: orders x 1.4 lines / 80 lines an hour.
    plan = plan_of("tea_shop_startup")
    first = plan.days[plan.days["month"] == plan.months[0]]["orders"].sum()
    hours = plan.workload[plan.workload["month"] == plan.months[0]].set_index("duty")["hours"]
    assert hours["pick_orders"] == pytest.approx(first * 1.4 / plan.values["pick_lines_per_hour"])
    assert hours["open_returns"] == pytest.approx(first * 0.04 / plan.values["returns_per_hour"])
    assert hours["steer_the_shop"] == plan.values["steering_hours_per_month"]


def test_the_owners_time_is_no_payment():
    plan = plan_of("tea_shop_startup")
    assert "owner" in set(plan.team["role"])
    assert plan.totals["owner_time_total"] > 0
    assert "owner_time" not in set(plan.cost["item"])
    owner = plan.cost[plan.cost["role"] == "owner"]
    assert set(owner["item"]) <= {"equipment", "seat", "software"}
    assert (plan.team[plan.team["role"] == "owner"]["heads"] == 1).all()


def test_an_outside_desk_takes_its_share_of_the_chats_and_asks_a_price_for_whole_seats():
    own, shared = plan_of("tea_shop_growth"), plan_of("tea_shop_growth", outsourced_service_share=0.25)
    chats = [p.drivers[p.drivers["driver"].str.endswith("sale_chats")]["amount"].sum() for p in (own, shared)]
    outside = shared.drivers[shared.drivers["driver"] == "outsourced_chats"]["amount"].sum()
    assert chats[1] == pytest.approx(0.75 * chats[0])
    assert chats[1] + outside == pytest.approx(chats[0])
    duties = own.inputs.duties
    queue = duties.index[duties["method"] == "queue"]
    asked = [p.workload[p.workload["duty"].isin(queue)].groupby("month")["hours"].sum() for p in (own, shared)]
    hours = shared.drivers[shared.drivers["driver"] == "outsourced_hours"].set_index("month")["amount"]
    np.testing.assert_allclose(asked[1] + hours, asked[0], rtol=1e-12)
    value = shared.values
    # Whole seats for the hours in which somebody must be there, more than those of the chats.
    seats = np.ceil(shared.results.outside_hours[0] / value["outsourced_seat_hours"])
    assert (shared.results.outside_hours[0] > hours / value["service_occupancy_max"]).all()
    paid = shared.cost[shared.cost["item"] == "outsourcing"].set_index("month")["amount"]
    np.testing.assert_allclose(paid, seats * value["outsourced_seat_cost"])
    assert "outsourcing" not in set(own.cost["item"])
    checked = [p.workload[p.workload["duty"] == "check_service_quality"]["hours"].sum() for p in (own, shared)]
    assert checked[0] == pytest.approx(checked[1]), "the shop checks what an outside desk writes as well"


def test_a_colleague_trains_where_training_is_nobodys_duty():
    plan = plan_of("tea_shop_startup")
    assert not plan.inputs.training_is_a_duty
    assert plan_of("tea_shop_growth").inputs.training_is_a_duty
    longer = plan_shop("tea_shop_startup", training_hours_per_hire=40)
    assert (
        longer.cost.query("item == 'learning'")["amount"].sum() > plan.cost.query("item == 'learning'")["amount"].sum()
    )
    mature = plan_shop("tea_shop_growth", training_hours_per_hire=16)
    np.testing.assert_array_equal(
        mature.cost.query("item == 'learning'")["amount"],
        plan_of("tea_shop_growth").cost.query("item == 'learning'")["amount"],
    )


def test_plans_side_by_side():
    plans = {"own": plan_of("tea_shop_growth"), "3PL": plan_of("tea_shop_growth", self_shipping=False)}
    table = compare(plans)
    assert list(table.columns) == ["own", "3PL"]
    assert table.loc["currency"].tolist() == ["CNY", "CNY"]
    assert table.loc["heads_warehouse", "3PL"] == 0
    for name, plan in plans.items():
        departments = table[name][[row for row in table.index if row.startswith("heads_") and "month" not in row]]
        assert departments.sum() == plan.totals["heads_last_month"]


def test_a_shop_is_planned_by_names_of_fields_and_figures():
    plan = plan_shop("tea_shop_growth", orders_per_day=420, pick_lines_per_hour=75, lines_per_order=2)
    assert (plan.scenario.orders_per_day, plan.scenario.lines_per_order) == (420, 2)
    assert plan.assumptions.changed == {"pick_lines_per_hour"}
    with pytest.raises(InputError) as error:
        plan_shop("tea_shop_growth", orders_per_dy=1, pick_lines_per_hor=2)
    assert error.value.mistakes == [
        "there is no field or assumption 'orders_per_dy'; did you mean 'orders_per_day'?",
        "there is no field or assumption 'pick_lines_per_hor'; did you mean 'pick_lines_per_hour'?",
    ]


# Snapshots: ECTEAM_UPDATE_SNAPSHOTS=1 writes them anew; say in the commit what moved them


def figures(plan: Plan) -> dict[str, Any]:
    """A few rounded figures of a plan: heads by role, cost by item, totals."""
    totals = plan.totals
    by_month = plan.team.pivot_table(index="role", columns="month", values="heads", aggfunc="sum", sort=False)
    items = plan.cost.groupby("item", sort=True)["amount"].sum().round().astype(int)
    return {
        "currency": plan.scenario.currency,
        "orders": round(totals["orders_total"]),
        "fte_mean": round(totals["fte_mean"], 1),
        "heads_first_month": {role: int(n) for role, n in by_month.iloc[:, 0].items()},
        "heads_last_month": {role: int(n) for role, n in by_month.iloc[:, -1].items()},
        "cost_by_item": {str(item): int(amount) for item, amount in items.items()},
        "cost_without_owner_time": round(totals["cost_total"]),
    }


@pytest.mark.parametrize("name", SHOPS)
def test_the_figures_of_the_shops_of_the_house(name):
    path = SNAPSHOTS / f"{name}.json"
    found = figures(plan_of(name))
    if os.environ.get("ECTEAM_UPDATE_SNAPSHOTS") == "1":
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert path.is_file(), f"there is no snapshot of {name}; write it with ECTEAM_UPDATE_SNAPSHOTS=1"
    assert found == json.loads(path.read_text(encoding="utf-8")), "explain every difference in the commit"


def test_every_snapshot_belongs_to_a_shop():
    assert sorted(path.stem for path in SNAPSHOTS.glob("*.json")) == sorted(SHOPS)
    assert set(loaded_cost.ROLE_ITEMS) >= {"pay", "contributions", "owner_time"}
