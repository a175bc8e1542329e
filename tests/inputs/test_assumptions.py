"""The tables: every row has a source and is used, every wrong cell is named, draws are what they say."""

import ast
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ecteam.inputs.assumptions import Assumptions, formula_function, load_assumptions, names_in
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import PLACES, Scenario
from ecteam.inputs.tables import CAPABILITIES, REGIONS, STAGES, NumberRow, bounds
from ecteam.pay import payslip
from tests.refusals import mistakes_of

FOLDER = data_dir() / "assumptions"
PACKAGE = Path(__file__).parents[2] / "ecteam"


@pytest.fixture(scope="module")
def world() -> Assumptions:
    return load_assumptions()


# The data


def test_low_typical_and_high_are_in_order_and_not_negative(world):
    numbers = world.numbers
    assert (numbers["low"] <= numbers["typical"]).all()
    assert (numbers["typical"] <= numbers["high"]).all()
    assert (numbers["low"] >= 0).all()
    shares = numbers[numbers["unit"].str.startswith("share of") & ~numbers["key"].str.startswith("attrition")]
    assert len(shares) >= 8
    assert (shares["high"] <= 1).all()
    assert (numbers.loc[numbers["key"].str.startswith("shrinkage"), "high"] < 1).all()


def test_a_key_has_one_unit_and_one_basis_in_all_regions_but_for_the_currency(world):
    for key, rows in world.numbers.groupby("key"):
        # Pay says in its unit which level and what it includes.
        units = {unit.replace("GBP", "CNY").split(", gross")[0] for unit in rows["unit"]}
        assert len(units) == 1 or key == "aftersale_chats_per_order", f"{key} has the units {units}"
        assert len(set(rows["basis"])) == 1


def test_amounts_of_money_are_in_the_currency_of_their_region(world):
    money = world.numbers[world.numbers["unit"].str.contains(r"\b(?:CNY|GBP)\b")]
    assert (money["unit"].str.contains("GBP") == (money["region"] == "uk")).all()
    assert not (money["region"] == "all").any()


def test_the_places_match_regions_packs_and_pay_levels(world):
    assert list(PLACES) == pd.read_csv(FOLDER / "places.csv")["city"].tolist()
    for city, place in PLACES.items():
        assert place["region"] in REGIONS
        assert place["place"] in payslip.places(), f"{city} has no payroll pack"
        assert payslip.currency(place["place"]) == place["currency"]
        assert place["pay_level"] in world.rows(place["region"]).index
        assert place["en"]
        assert place["zh"]


def test_the_shares_of_a_day_add_up_to_one(world):
    hours = world.profiles[world.profiles["profile"] == "hour"]
    assert hours.groupby("region")["share"].sum().to_list() == pytest.approx([1] * len(REGIONS), abs=0.01)


def test_duties_cover_every_post_department_capability_and_stage(world):
    # MODELS.md, "What the founding article asks for".
    duties, roles = world.duties, world.roles
    assert len(duties) >= 45
    assert set(duties["post"]) >= {"helmsman", "design", "promotion", "customer_service", "stock_keeping"}
    departments = {"operations", "technology", "promotion", "paid_bidding", "customer_service", "after_sales"}
    assert set(duties["role"].map(roles["department"])) >= departments
    assert set(duties["capability"]) == set(CAPABILITIES)
    stage_of_post = duties.groupby("post")["from_stage"].agg(lambda stages: min(stages, key=STAGES.index))
    for post in ("helmsman", "operations", "design", "promotion", "customer_service", "stock_keeping", "supply"):
        assert stage_of_post[post] == "startup"
    assert stage_of_post["technology"] == "growth", "a start-up buys its shop system"
    for post in ("anti_abuse", "quality", "public_relations", "legal"):
        assert stage_of_post[post] == "maturity"
    standardisers = duties[duties["post"].isin(["people", "finance", "technology"])]
    assert set(standardisers.loc[standardisers["from_stage"] == "growth", "post"]) == {
        "people",
        "finance",
        "technology",
    }
    # One duty for each thing the article names.
    assert set(duties.index) >= {
        "choose_products", "set_prices", "photograph_products", "decorate_shop", "retouch_images", "plan_campaigns",
        "apply_for_events", "bid_for_traffic", "win_influencers", "answer_before_sale", "answer_during_sale",
        "answer_after_sale", "keep_standard_answers", "tell_customers", "receive_goods", "pick_orders", "pack_orders",
        "load_parcels", "plan_stock", "answer_quotations", "look_after_accounts", "move_pallets",
    }  # fmt: skip
    warehouse = duties[duties["role"].map(roles["department"]) == "warehouse"]
    assert set(warehouse["when"]) == {"self_shipping"}


def test_every_role_has_work_and_every_scheme_of_hats_is_closed(world):
    duties, roles = world.duties, world.roles
    assert set(duties["role"]) == set(roles.index)
    for scheme in ("two_posts", "five_posts", "departments", "specialists"):
        wearer = roles[scheme]
        # Who wears another's hat wears his own.
        assert (wearer[wearer.unique()] == wearer.unique()).all()
    assert (roles["specialists"] == roles.index).all()
    assert roles["two_posts"].nunique() == 2
    assert roles["five_posts"].nunique() == 5


def strings_of_the_code() -> set[str]:
    """Every text in the sources but for the bounds of figures, docstrings and comments left out."""
    found = set()
    for path in set(PACKAGE.rglob("*.py")) - {PACKAGE / "inputs" / "tables.py"}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_no_number_is_dead(world):
    duties, roles, drivers = world.duties, world.roles, world.drivers
    used = set(duties["rate"]) | set(world.calendar["lift"]) | {f"pay_{role}" for role in roles.index}
    for column in ("shrinkage", "attrition", "hire_cost", "equipment", "temp_pay", "bought"):
        used |= set(roles[column])
    used |= {name for formula in drivers["formula"] if formula for name in names_in(formula)}
    used |= {place["pay_level"] for place in PLACES.values()}
    used |= {f"{weeks}_{group}" for weeks in ("ramp_weeks", "time_to_fill_weeks") for group in roles["group"]}
    used |= strings_of_the_code()
    assert sorted(set(world.numbers["key"]) - used) == []


def test_no_driver_is_dead(world):
    used = set(world.duties["driver"])
    used |= {name for formula in world.drivers["formula"] if formula for name in names_in(formula)}
    used |= strings_of_the_code()  # a driver may cost money without being anybody's duty
    assert sorted(set(world.drivers.index) - used) == []


# Wrong cells, each in a copy of the tables

Change = Callable[[pd.DataFrame], pd.DataFrame]


def set_cell(row: int, column: str, value: str) -> Change:
    """A change of the cell in a line of the file: the header is line 1."""
    return lambda table: table.assign(**{column: table[column].mask(table.index == row - 2, value)})


def where(column: str, value: str, target: str, new: str) -> Change:
    """A change of one cell in the first row that has a value in a column."""
    return lambda table: table.assign(
        **{target: table[target].mask(table.index == (table[column] == value).idxmax(), new)}
    )


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "assumptions"))


def changed(folder: Path, file: str, change: Change) -> None:
    path = folder / f"{file}.csv"
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


def refused(folder: Path) -> list[str]:
    return mistakes_of(lambda: load_assumptions(folder))


def drop(**cells: str) -> Change:
    """A change that leaves out the rows with these cells."""
    return lambda table: table[~np.logical_and.reduce([table[column] == cell for column, cell in cells.items()])]


def formula(text: str) -> Change:
    return where("driver", "parcels", "formula", text)


NO_FORMULA = "is no formula of names, numbers, + - * / ** and most(a, b)"
WRONG = [
    ("rates", where("key", "pick_lines_per_hour", "low", "0"),
     "column low, typical, high: must be more than 0, since hours are divided by it"),
    ("rates", where("key", "checked_chats_share", "high", "3"),
     "rates.csv row 47, column low, typical, high: must be 0 to 1 share of chats, but high is 3"),
    ("rates", where("key", "presale_chats_per_order", "region", "all"),
     "'presale_chats_per_order' has a row for all regions and one for a region; only one of the two can hold"),
    ("rates", drop(key="presale_chats_per_order", region="uk"),
     "drivers.csv row 27, column formula: 'presale_chats_per_order' is not known"),
    ("pay", where("key", "pay_months_per_year", "low", "11"),
     "pay.csv row 32, column low, typical, high: must be 12 or more months a year, but low is 11"),
    ("working_time", where("key", "shrinkage_service", "high", "1"), "working_time.csv row"),
    ("duties", set_cell(3, "role", "shop_manger"),
     "duties.csv row 3, column role: 'shop_manger' is not known; did you mean 'shop_manager'?"),
    ("duties", set_cell(3, "driver", "new_sku"),
     "duties.csv row 3, column driver: 'new_sku' is not known; did you mean 'new_skus'?"),
    ("duties", where("duty", "pick_orders", "rate", "pick_lines_per_hours"),
     "column rate: 'pick_lines_per_hours' is not known; did you mean 'pick_lines_per_hour'?"),
    ("duties", where("duty", "pick_orders", "rate", "lines_per_order"),
     "column rate: 'lines_per_order' is not known"),  # it has no basis
    ("roles", set_cell(2, "shrinkage", "shrinkage_offices"),
     "roles.csv row 2, column shrinkage: 'shrinkage_offices' is not known; did you mean 'shrinkage_office'?"),
    ("roles", set_cell(4, "five_posts", "nobody"), "roles.csv row 4, column five_posts: 'nobody' is not known"),
    ("roles", set_cell(4, "role", "juggler"), "roles.csv row 4, column role: 'pay_juggler' is not"),
    ("roles", set_cell(4, "like", "shop_manger"),
     "roles.csv row 4, column like: 'shop_manger' is not known; did you mean 'shop_manager'?"),
    ("calendar", set_cell(2, "lift", "event_new_year_good"),
     "calendar.csv row 2, column lift: 'event_new_year_good' is not known; did you mean 'event_new_year_goods'?"),
    ("calendar", set_cell(2, "region", "uk"), "calendar.csv row 2, column lift: 'event_new_year_goods' is not known"),
    ("calendar", set_cell(2, "starts", "02-30"), "calendar.csv row 2, column starts: '02-30': "),
    ("calendar", set_cell(2, "starts", "02-29"), "calendar.csv row 2, column starts: '02-29': "),
    ("calendar", set_cell(2, "starts", "2027-01-05"),
     "calendar.csv row 2, column recurs: 'every year': must be 'dated' where starts is 2027-01-05"),
    ("profiles", set_cell(2, "position", "24"), "profiles.csv row 2, column position: '24': "),
    ("profiles", where("profile", "weekday", "position", "0"),
     "profiles.csv row 50, column position: '0': must be 1 to 7 for a weekday"),
    ("profiles", drop(region="uk", profile="weekday", position="2"),
     "profiles.csv has no row for weekday 2 of 'uk'; it must have one for each weekday from 1 to 7"),
    ("profiles", lambda table: table.assign(share=table["share"].mask(table["profile"] == "hour", "0")),
     "profiles.csv, column share: all of profile 'hour' of 'cn' are 0; one must be more"),
    ("drivers", formula("__import__('os').getcwd()"), f"column formula: \"__import__('os').getcwd()\" {NO_FORMULA}"),
    ("drivers", formula("most"), "'most' is not known"),
    ("drivers", formula("order"), "column formula: 'order' is not known; did you mean 'orders'?"),
    ("drivers", formula(""), "column formula: 'parcels' needs a formula"),
    ("drivers", where("driver", "presale_chats", "formula", "checked_chats"),
     "column formula: 'checked_chats' is not known"),  # a driver before its cause
]  # fmt: skip


@pytest.mark.parametrize(("file", "change", "words"), WRONG, ids=[words[:60] for _, _, words in WRONG])
def test_a_wrong_cell_is_named_with_file_row_and_column(tmp_path, file, change, words):
    folder = copied(tmp_path)
    changed(folder, file, change)
    sentences = refused(folder)
    assert any(words in sentence and "\n" not in sentence for sentence in sentences), sentences


def test_mistakes_between_tables_come_in_the_order_of_the_tables(tmp_path):
    folder = copied(tmp_path)
    changed(folder, "rates", lambda table: table.assign(region=table["region"].replace("cn", "all")))
    said = [sentence for sentence in refused(folder) if "has a row for all regions and one for a region" in sentence]
    rates = pd.read_csv(FOLDER / "rates.csv")
    assert len(said) >= 5
    assert [sentence.split("'")[1] for sentence in said] == rates.loc[rates["region"] == "cn", "key"].to_list()


# Formulas


def test_a_formula_is_arithmetic():
    values = {"a": 6.0, "b": np.array([1.0, 2.0]), "c": 4.0}
    assert formula_function("a * b / (c - 1)")(values).tolist() == [2.0, 4.0]
    assert formula_function("most(a, b * 4) ** b")(values).tolist() == [6.0, 64.0]
    assert names_in("most(a, b) ** c") == ("a", "b", "c")
    assert names_in("a * b / (c - 1) + a") == ("a", "b", "c")
    for text in (
        "open('x')",
        "[a for a in b]",
        "a if b else c",
        "a[0]",
        "lambda: a",
        "a; b",
        "a := 1",
        "a, b",
        "True or a",
        "9 ** 9 ** a",
        "most(*a)",
        "most(a, b=a)",
    ):
        with pytest.raises(InputError, match="is no formula of names"):
            names_in(text)


# Own values, draws


def test_own_values_replace_figures_in_every_region(world):
    before = world.draws.copy()
    mine = world.with_values(pick_lines_per_hour=75, presale_chats_per_order=0.3)
    for region in REGIONS:
        assert mine.region(region)["pick_lines_per_hour"] == 75
        assert mine.region(region)["presale_chats_per_order"] == 0.3
        assert mine.region(region)["pack_orders_per_hour"] == world.region(region)["pack_orders_per_hour"]
    assert mine.changed == {"pick_lines_per_hour", "presale_chats_per_order"}
    assert mine.with_values(pack_orders_per_hour=40).changed == mine.changed | {"pack_orders_per_hour"}
    assert (world.draws == before).all()
    assert world.changed == frozenset()


@pytest.mark.parametrize(
    ("values", "sentences"),
    [
        (
            {"pick_lines_per_hor": 3},
            ["there is no assumption 'pick_lines_per_hor'; did you mean 'pick_lines_per_hour'?"],
        ),
        ({"pick_lines_per_hour": "75"}, ["pick_lines_per_hour is '75'; it must be a number"]),
        ({"pick_lines_per_hour": True}, ["pick_lines_per_hour is True; it must be a number"]),
        ({"pick_lines_per_hour": float("nan")}, ["pick_lines_per_hour is nan; it must be a number"]),
        ({"pick_lines_per_hour": -3}, ["pick_lines_per_hour is -3; it must be more than 0 order lines an hour"]),
        ({"pick_lines_per_hour": 0}, ["pick_lines_per_hour is 0; it must be more than 0 order lines an hour"]),
        ({"refund_minutes": -1}, ["refund_minutes is -1; it must be 0 or more minutes a return"]),
        (
            {"refund_minutes": -1, "review_minuts": 2, "pay_picker": None},
            [
                "there is no assumption 'review_minuts'; did you mean 'review_minutes'?",
                "refund_minutes is -1; it must be 0 or more minutes a return",
                "pay_picker is None; it must be a number",
            ],
        ),
    ],
    ids=str,
)
def test_wrong_own_values_are_refused_all_at_once(world, values, sentences):
    assert mistakes_of(lambda: world.with_values(**values)) == sentences


def test_own_values_that_are_unusual_are_taken(world):
    mine = {
        "attrition_warehouse": 2.5,
        "pay_picker": 0,
        "shrinkage_service": 0.9,
        "hours_per_day": 24,
        "event_618": 0.5,
    }
    assert mine.items() <= world.with_values(**mine).region("cn").items()


@settings(max_examples=200, derandomize=True)
@given(
    row=st.sampled_from(load_assumptions().numbers.to_dict("records")),
    value=st.sampled_from([-1, 0, 0.5, 0.9, 0.95, 1, 1.5, 11, 12, 24, 24.5, 31, 32]) | st.floats(-2, 40),
)
def test_a_table_and_the_shop_itself_may_give_the_same_figures(row, value):
    try:
        NumberRow.model_validate(row | {"low": value, "typical": value, "high": value})
        in_a_table = True
    except ValidationError:
        in_a_table = False
    try:
        load_assumptions().with_values(**{row["key"]: value})
        as_own_value = True
    except InputError:
        as_own_value = False
    assert in_a_table == as_own_value == bounds(row["key"], row["unit"], row["basis"]).holds(value)


def test_numbers_of_numpy_are_numbers(world):
    assert world.with_values(pick_lines_per_hour=np.int64(75)).region("cn")["pick_lines_per_hour"] == 75
    for wrong, shown in ((np.int64(-3), "-3"), (np.float32(-0.5), "-0.5"), (np.True_, "True"), (np.nan, "nan")):
        with pytest.raises(InputError, match=f"pick_lines_per_hour is {shown}; it must be"):
            world.with_values(pick_lines_per_hour=wrong)


def test_the_same_seed_gives_the_same_draws(world):
    assert world.draw(50, seed=7).draws.tobytes() == world.draw(50, seed=7).draws.tobytes()
    assert not np.array_equal(world.draw(50, seed=7).draws, world.draw(50, seed=8).draws)
    # Asking for more draws does not change the first ones.
    assert world.draw(80, seed=7).draws[:, :50].tobytes() == world.draw(50, seed=7).draws.tobytes()


@settings(max_examples=10, derandomize=True)
@given(n=st.integers(1, 40), seed=st.integers(0, 2**32))
def test_draws_lie_between_low_and_high(n, seed):
    world = load_assumptions()
    drawn = world.draw(n, seed).draws
    assert drawn.shape == (len(world.numbers), n)
    low, high = world.numbers[["low"]].to_numpy(), world.numbers[["high"]].to_numpy()
    assert (drawn >= low).all()
    assert (drawn <= high).all()
    assert (drawn[(low == high)[:, 0]] == low[(low == high)[:, 0]]).all()


def test_the_mean_of_draws_is_the_typical_figure_and_of_a_rate_its_inverse(world):
    n = 4000
    drawn = world.draw(n, seed=3).draws.copy()
    low, mean, high = (np.array(world.numbers[c], dtype=float) for c in ("low", "typical", "high"))
    rate = world.numbers["basis"].str.startswith("units_per_").to_numpy() & (low > 0)
    assert rate.sum() > 10
    low[rate], mean[rate], high[rate], drawn[rate] = 1 / high[rate], 1 / mean[rate], 1 / low[rate], 1 / drawn[rate]
    spans = (low < mean) & (mean < high)
    # The variance of a beta distribution of concentration 6 or more is at most (mean - low)(high - mean) / 7.
    error = np.sqrt((mean - low) * (high - mean) / 7 / n)
    z = (drawn.mean(axis=1) - mean)[spans] / error[spans]
    # 200 independent standard normal values: beyond 4.5 once in 700 such tests; their mean square is about 1.
    assert np.abs(z).max() < 4.5
    assert np.mean(z**2) == pytest.approx(1, abs=0.4)
    assert np.abs(np.corrcoef(world.draw(n, seed=3).draws[spans])[~np.eye(spans.sum(), dtype=bool)]).max() < 0.1


def test_figures_that_the_shop_has_set_are_not_drawn(world):
    drawn = world.with_values(pick_lines_per_hour=75).draw(20, seed=1)
    keys = drawn.numbers["key"]
    assert (drawn.draws[(keys == "pick_lines_per_hour").to_numpy()] == 75).all()
    others = (keys != "pick_lines_per_hour").to_numpy()
    assert np.array_equal(drawn.draws[others], world.draw(20, seed=1).draws[others])


def test_another_row_leaves_the_draws_of_the_others_alone(world):
    fewer = replace(world, numbers=world.numbers.drop(index=[0, 5, 30]).reset_index(drop=True))
    assert np.array_equal(np.delete(world.draw(20, seed=1).draws, [0, 5, 30], axis=0), fewer.draw(20, seed=1).draws)


def test_one_case_is_asked_of_many_draws(world):
    with pytest.raises(InputError, match="these assumptions hold 3 draws; one case is needed here"):
        world.draw(3, seed=1).region("cn")


def test_rows_of_a_region(world):
    for region, other in (("cn", "uk"), ("uk", "cn")):
        rows, values = world.drawn(region)
        assert rows.index.is_unique
        assert other not in set(rows["region"])
        assert values[:, 0].tolist() == list(world.region(region).values()) == rows["value"].tolist()


def test_names_of_figures_and_fields_do_not_collide_but_where_meant(world):
    # A scenario's choice outranks the assumption of the same name.
    assert set(world.numbers["key"]) & set(Scenario.model_fields) == {"lines_per_order", "units_per_line"}
    assert not set(world.drivers.index) & set(world.numbers["key"])
