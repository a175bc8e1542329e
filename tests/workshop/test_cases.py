"""The five cases: loadable scenarios with marked assumptions, order histories that their recipe makes again, cards."""

import io

import numpy as np
import pandas as pd
import pytest

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.history import load_history
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import load_scenario
from ecteam.workshop.cases import cards, case_table, cases, figures_of, load_case, play

FOLDER = data_dir() / "workshop" / "cases"
NAMES = list(cases().index)

# The recipe of the invented order histories, as their datasheets state it.

FIRST_DAY, DAYS = "2026-08-03", 91
"""Thirteen weeks from a Monday, without a sales event of the calendar."""
HOURS = {
    "shop": [1, 0, 0, 0, 0, 0, 1, 2, 4, 6, 7, 7, 6, 6, 6, 6, 6, 5, 5, 7, 9, 9, 7, 4],
    "live": [6, 1, 0, 0, 0, 0, 0, 1, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 7, 16, 20, 22, 18, 10],
    "office": [0, 0, 0, 0, 0, 0, 0, 1, 8, 14, 15, 11, 4, 9, 13, 12, 9, 4, 1, 1, 0, 0, 0, 0],
    "night": [7, 4, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6, 5, 5, 5, 5, 5, 6, 7, 9, 10, 10, 9],
}
WEEK = {
    "shop": [0.95, 0.95, 0.95, 0.98, 1.02, 1.1, 1.05],
    "live": [0.2, 1.0, 1.0, 1.0, 1.15, 1.35, 1.3],
    "office": [1.35, 1.3, 1.25, 1.25, 1.15, 0.5, 0.2],
    "night": [0.9, 0.9, 0.9, 0.95, 1.1, 1.15, 1.1],
}
CASES = {
    "tea": ("shop", 60, 0.15, 1),
    "womenswear": ("live", 420, 0.25, 2),
    "electronics": ("shop", 300, 0.12, 3),
    "packaging": ("office", 45, 0.1, 4),
    "virtual": ("night", 900, 0.1, 5),
}
"""Case -> its rhythm, orders a day, spread of the days' levels (share), seed."""


def made_orders(case: str) -> pd.DataFrame:
    """Orders by hour, only hours with orders: hour_start, orders.

    A day's level is the mean times its weekday's share and a gamma draw of mean 1; an hour's orders are Poisson.
    """
    rhythm, orders_per_day, spread, seed = CASES[case]
    draw = np.random.default_rng(seed)
    hours = np.array(HOURS[rhythm], dtype=float)
    levels = draw.gamma(1 / spread**2, spread**2, size=DAYS) * np.resize(WEEK[rhythm], DAYS) * orders_per_day
    orders = draw.poisson(levels[:, None] * hours / hours.sum()).ravel()
    start = pd.date_range(FIRST_DAY, periods=orders.size, freq="h").strftime("%Y-%m-%dT%H:%M")
    return pd.DataFrame({"hour_start": start, "orders": orders})[orders > 0].reset_index(drop=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_a_scenario_with_a_plan(name):
    case = load_case(name)
    assert load_scenario(str(FOLDER / f"{name}.yaml")) == case.shop
    assert case.plan.totals["heads_last_month"] > 4
    assert case.plan.assumptions.changed == frozenset(figures_of(name))
    assert "planning assumption" in (FOLDER / f"{name}.yaml").read_text()


def test_the_cases_are_what_they_are_called():
    shops = {name: load_case(name).shop for name in NAMES}
    assert list(shops) == ["tea", "womenswear", "electronics", "packaging", "virtual"]
    assert shops["womenswear"].return_share == 0.55
    assert shops["womenswear"].live_hours_per_month > 100
    assert shops["packaging"].business_accounts > 100
    assert shops["packaging"].pallets_per_month > 100
    warehouse = load_case("virtual").plan.team["role"]
    assert not set(warehouse) & {"warehouse_keeper", "picker", "packer"}
    assert (load_case("virtual").plan.cost.query("item == 'logistics_company'")["amount"] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_orders_are_what_their_recipe_makes_and_are_marked(name):
    made = made_orders(name)
    path = FOLDER / "orders" / f"{name}.csv"
    buffer = io.StringIO()
    made.to_csv(buffer, index=False, lineterminator="\n")
    assert path.read_text() == buffer.getvalue()
    sheet = path.with_suffix(".yaml").read_text()
    assert "synthetic" in sheet
    assert f"seed {CASES[name][3]}" in sheet
    mean = load_history(str(path)).daily["orders"].mean()
    assert mean == pytest.approx(load_case(name).shop.orders_per_day, rel=0.08)


def test_every_row_says_where_it_comes_from_and_names_what_there_is():
    for table in ("assumed", "card_changes"):
        rows = case_table(table)
        assert (rows["kind"] == "planning assumption").all()
        assert rows["source"].str.len().gt(10).all()
        assert pd.to_datetime(rows["as_of"]).notna().all()
        known = {*Scenario.model_fields, *load_assumptions().numbers["key"]}
        assert set(rows["name"]) <= known
    assert set(case_table("assumed")["case"]) == set(NAMES)
    for frame in (cases(), cards(), case_table("assumed")[["en", "zh"]]):
        assert frame.map(len).gt(0).all().all()


@pytest.mark.parametrize("card", list(cards().index))
@pytest.mark.parametrize("name", NAMES)
def test_a_card_changes_the_case_or_says_that_it_cannot(name, card):
    case = load_case(name)
    if (name, card) == ("virtual", "stop_shipping"):
        with pytest.raises(InputError, match="changes nothing for Instant Keys; draw another"):
            play(case, card)
        return
    played = play(case, card)
    assert played.cards == (card,)
    before, after = case.plan.totals, played.plan.totals
    if card == "stop_shipping":
        assert after["heads_last_month"] < before["heads_last_month"]
    else:
        assert after["cost_total"] >= before["cost_total"]
    with pytest.raises(InputError, match="played already"):
        play(played, card)


def test_a_card_that_is_not_there_is_named():
    with pytest.raises(InputError, match="did you mean 'new_law'"):
        play(load_case("tea"), "new_low")
    with pytest.raises(InputError, match="did you mean 'orders_per_day'"):
        _ = load_case("tea", order_per_day=3).plan


def test_a_law_never_makes_a_duty_lighter():
    assert play(load_case("packaging"), "new_law").figures["invoice_requests_per_order"] == 0.9
