"""Scenarios: one truth for file, row and sliders, and a sentence for everything that is wrong with one."""

import datetime
import math
import pydoc
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import FOR_SALE, PLACES, Scenario, field_info
from ecteam.inputs.scenario_file import from_row, load_scenario, scenario_in, scenario_path
from ecteam.pay import payslip
from ecteam.plan.plan import plan_shop
from tests.refusals import mistakes_of

LEAST = {"name": "Tea", "orders_per_day": 60, "return_share": 0.05}
FIELDS = list(Scenario.model_fields)
FILES = sorted(path.stem for path in (data_dir() / "scenarios").glob("*.yaml"))
CITIES = ", ".join(PLACES)


def shop(**changes: Any) -> Scenario:
    return Scenario(**(LEAST | changes))


def mistakes(**changes: Any) -> list[str]:
    return mistakes_of(lambda: shop(**changes))


# What a shop owner reads: field, value, unit, what is allowed, nearest name.
SENTENCES = [
    ({"orders_per_day": -5}, "orders_per_day is -5; it must be 0 or more orders a day"),
    ({"orders_per_day": "sixty"}, "orders_per_day is 'sixty'; it must be 0 or more orders a day"),
    ({"orders_per_day": "1,000"}, "orders_per_day is '1,000'; it must be 0 or more orders a day"),
    ({"orders_per_day": math.nan}, "orders_per_day is nan; it must be a number, 0 or more orders a day"),
    ({"orders_per_day": math.inf}, "orders_per_day is inf; it must be a number, 0 or more orders a day"),
    ({"orders_per_day": True}, "orders_per_day is true; it must be 0 or more orders a day"),
    ({"orders_per_day": [60]}, "orders_per_day is [60]; it must be 0 or more orders a day"),
    (
        {"orders_per_day": None},
        "orders_per_day is missing; give orders a day, or a history to take them from",
    ),
    ({"return_share": 5}, "return_share is 5; it must be 0 to 0.95 return parcels per order"),
    ({"return_share": None}, "return_share is empty; it must be 0 to 0.95 return parcels per order"),
    ({"average_order_value": 0}, "average_order_value is 0; it must be more than 0 currency units an order"),
    ({"reply_target_seconds": 0}, "reply_target_seconds is 0; it must be more than 0 seconds, at most 86,400"),
    ({"ad_accounts": 2_000}, "ad_accounts is 2000; it must be a whole number, 0 or more accounts, at most 1,000"),
    ({"orders_per_day": 2_000_000}, "orders_per_day is 2000000; it must be 0 or more orders a day, at most 1,000,000"),
    ({"reply_target_share": 1}, "reply_target_share is 1; it must be more than 0 and less than 1 share of chats"),
    ({"months": 0}, "months is 0; it must be a whole number, 1 to 36 months"),
    ({"months": 3.5}, "months is 3.5; it must be a whole number, 1 to 36 months"),
    ({"months": None}, "months is empty; it must be a whole number, 1 to 36 months"),
    ({"chats_at_once": 9}, "chats_at_once is 9; it must be a whole number, 1 to 8 chats"),
    ({"growth_per_month_share": 2}, "growth_per_month_share is 2; it must be -0.5 to 1 share a month"),
    ({"self_shipping": "maybe"}, "self_shipping is 'maybe'; it must be true or false"),
    ({"city": "hangzou"}, f"city is 'hangzou'; it must be one of {CITIES}; did you mean 'hangzhou'?"),
    ({"city": "Shanghai"}, f"city is 'Shanghai'; it must be one of {CITIES}; did you mean 'shanghai'?"),
    ({"city": None}, f"city is empty; it must be one of {CITIES}"),
    ({"stage": "grow"}, "stage is 'grow'; it must be one of startup, growth, maturity; did you mean 'growth'?"),
    ({"ship_rule": "24H"}, "ship_rule is '24H'; it must be one of same_day, 24h, 48h; did you mean '24h'?"),
    ({"citty": "uk"}, "a scenario has no field 'citty'; did you mean 'city'?"),
    ({"orders_per_dy": 4}, "a scenario has no field 'orders_per_dy'; did you mean 'orders_per_day'?"),
    ({"start_month": "2027-13"}, "start_month is '2027-13'; it must be a month such as 2027-01"),
    ({"start_month": 202701}, "start_month is 202701; it must be a month such as 2027-01"),
    ({"name": ""}, "name is ''; it must be a text of 1 to 80 characters"),
    ({"name": "Tea\x1b[31m"}, r"name is 'Tea\x1b[31m'; it must not hold control characters"),
    ({"name": "Tea\0"}, r"name is 'Tea\x00'; it must not hold control characters"),
    ({"name": "Tea\x9b"}, r"name is 'Tea\x9b'; it must not hold control characters"),
    ({"name": " \u3000"}, r"name is ' \u3000'; it must hold a character that can be seen"),
    ({"name": "\u200b\ufeff"}, r"name is '\u200b\ufeff'; it must hold a character that can be seen"),
    ({"history": "a\0b"}, r"history is 'a\x00b'; it must not hold control characters"),
    ({"self": 5}, "a scenario has no field 'self'"),
    ({"history": 5}, "history is 5; it must be the name of a file in data/history, or a path"),
    ({"service_until_hour": 9}, "service_until_hour is 9; it must be later than service_from_hour, which is 9"),
    ({"warehouse_from_hour": 20}, "warehouse_until_hour is 18; it must be later than warehouse_from_hour, which is 20"),
    (
        {"ship_rule": "same_day", "cutoff_hour": 20},
        "cutoff_hour is 20; it must lie in the warehouse's hours, 9 to 18 o'clock",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "sentence"), SENTENCES, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_refused_in_one_sentence(changes, sentence):
    assert mistakes(**changes) == [sentence]
    assert mistakes_of(lambda: shop().with_changes(**changes)) == [sentence]


def test_what_is_missing_is_named():
    assert mistakes_of(lambda: Scenario()) == [
        "name is missing; it must be a text of 1 to 80 characters",
        # Known to be missing although other fields are wrong: all mistakes at once.
        "orders_per_day is missing; give orders a day, or a history to take them from",
        "return_share is missing; it must be 0 to 0.95 return parcels per order",
    ]


def test_all_mistakes_are_reported_at_once():
    found = mistakes(city="hangzou", orders_per_day=-1, months="a year", citty="uk")
    assert len(found) == 4
    assert [sentence.split()[0] for sentence in found[:3]] == ["city", "months", "orders_per_day"]
    assert found[3] == "a scenario has no field 'citty'; did you mean 'city'?"
    both = mistakes(service_from_hour=20, service_until_hour=8, warehouse_from_hour=18)
    assert [sentence.split()[0] for sentence in both] == ["service_until_hour", "warehouse_until_hour"]


def test_contradicting_fields_are_reported_beside_wrong_fields():
    assert len(mistakes(orders_per_day=-1, service_until_hour=3)) == 2
    found = mistakes(months=0, service_until_hour=3, ship_rule="same_day", cutoff_hour=9, orders_per_day=None)
    wrong = ["months", "orders_per_day", "service_until_hour", "cutoff_hour"]
    assert [sentence.split()[0] for sentence in found] == wrong


@pytest.mark.parametrize(
    "changes",
    [
        {"orders_per_day": None, "history": 5},
        {"service_until_hour": 3, "service_from_hour": "early"},
        {"service_until_hour": 30, "service_from_hour": 20},
        {"ship_rule": "same day", "cutoff_hour": 20},
        {"ship_rule": "same_day", "cutoff_hour": 20, "warehouse_until_hour": "late"},
        {"ship_rule": "same_day", "cutoff_hour": 20, "warehouse_from_hour": 19},
    ],
    ids=str,
)
def test_what_hangs_on_a_wrong_field_is_not_called_a_contradiction(changes):
    assert len(mistakes(**changes)) == 1


GROUPS = ("shop", "orders", "service", "warehouse", "catalogue", "promotion", "technology", "b2b", "safety")
NUMBERS = [field for field in FIELDS if field_info(field)["type"] in ("number", "integer")]


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize("value", [True, False, np.True_])
def test_true_is_not_a_number_in_any_field(field, value):
    assert mistakes(**{field: value})[0].startswith(f"{field} is {str(bool(value)).lower()}; it must be ")


def test_a_number_of_numpy_is_a_number_and_is_shown_as_one():
    assert shop(orders_per_day=np.float64(60), months=np.int64(12)) == shop()
    assert mistakes(orders_per_day=np.float32(-5))[0].startswith("orders_per_day is -5.0; it must be")
    assert mistakes(months=np.int64(0)) == ["months is 0; it must be a whole number, 1 to 36 months"]


def test_a_scenario_is_frozen_and_changes_make_a_copy():
    before = shop()
    with pytest.raises(ValidationError, match="frozen"):
        before.months = 3
    after = before.with_changes(months=3, orders_per_day=420)
    assert (before.months, before.orders_per_day) == (12, 60)
    assert (after.months, after.orders_per_day) == (3, 420)
    assert before == shop()
    assert hash(before) == hash(shop())


def write(folder, text: str | bytes) -> str:
    path = folder / "shop.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "shop.yaml is empty; it must hold fields such as 'orders_per_day: 60'"),
        ("# nothing yet\n", "shop.yaml is empty; it must hold fields such as 'orders_per_day: 60'"),
        ("- name: Tea\n- city: uk\n", "shop.yaml holds a list; it must hold fields such as 'orders_per_day: 60'"),
        ("tea", "shop.yaml holds a text; it must hold fields such as 'orders_per_day: 60'"),
        ("name: Tea\nmonths: [1", "shop.yaml is not valid YAML, near line 2"),
        ("7", "shop.yaml holds a number; it must hold fields such as 'orders_per_day: 60'"),
        ("name: !!bool maybe", "shop.yaml is not valid YAML: 'maybe'"),
        ("name: " + "[" * 5000, "shop.yaml is nested too deeply; it must hold fields such as 'orders_per_day: 60'"),
        ("name: 茶\n".encode("gbk"), "shop.yaml is not UTF-8 text; save it again as UTF-8"),
    ],
    ids=["empty", "comment", "list", "text", "number", "broken", "tag", "nested", "gbk"],
)
def test_a_file_that_is_no_scenario(tmp_path, text, sentence):
    assert mistakes_of(lambda: load_scenario(write(tmp_path, text))) == [sentence]


def test_every_mistake_of_a_file_at_once(tmp_path):
    path = write(tmp_path, "name: 12\nreturn_share: 5%\norders_per_day: 1,000\ncitty: uk\n")
    assert mistakes_of(lambda: load_scenario(path)) == [
        "name is 12; it must be a text of 1 to 80 characters",
        "orders_per_day is '1,000'; it must be 0 or more orders a day",
        "return_share is '5%'; it must be 0 to 0.95 return parcels per order",
        "a scenario has no field 'citty'; did you mean 'city'?",
    ]


@pytest.mark.parametrize("day", ["2027-01-15", "2027-02-31"])
def test_a_day_for_a_month_in_a_file_is_refused_in_a_sentence(tmp_path, day):
    path = write(tmp_path, f"name: Tea\nreturn_share: 0.1\norders_per_day: 3\nstart_month: {day}\n")
    assert mistakes_of(lambda: load_scenario(path)) == {
        "2027-01-15": ["start_month is 2027-01-15; it must be a month such as 2027-01"],
        "2027-02-31": ["shop.yaml is not valid YAML: day is out of range for month"],
    }[day]  # fmt: skip


def test_a_field_given_twice_is_refused(tmp_path):
    path = write(tmp_path, "name: Tea\nname: Tee\nreturn_share: 7\norders_per_day: 3\ncity: uk\ncity: uk\nname: 茶\n")
    assert mistakes_of(lambda: load_scenario(path)) == [
        "shop.yaml gives 'name' 3 times, in lines 1, 2, 7; it must be there once",
        "shop.yaml gives 'city' 2 times, in lines 5, 6; it must be there once",
        "return_share is 7; it must be 0 to 0.95 return parcels per order",
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tea_shop_grwth", "there is no scenario 'tea_shop_grwth'; did you mean 'tea_shop_growth'?"),
        ("zzz", f"there is no scenario 'zzz'; known are: {', '.join(FILES)}"),
        ("", f"there is no scenario ''; known are: {', '.join(FILES)}"),
        ("my/tea.yaml", "there is no scenario file 'my/tea.yaml'"),
    ],
)
def test_a_scenario_that_does_not_exist(name, sentence):
    assert mistakes_of(lambda: load_scenario(name)) == [sentence]


def test_the_name_of_a_shop_can_be_changed():
    assert load_scenario("tea_shop_growth", **{"name": "Another"}).name == "Another"
    assert plan_shop("tea_shop_startup", months=1, **{"name": "Another"}).scenario.name == "Another"


@pytest.mark.parametrize("name", FILES)
def test_the_scenarios_of_the_house_load_by_name_and_by_path(name):
    by_name = load_scenario(name)
    assert by_name == load_scenario(str(scenario_path(name)))
    assert load_scenario(name, months=3) == by_name.with_changes(months=3)
    assert by_name.currency == payslip.currency(by_name.place)


def test_the_three_stages_and_the_real_shop_are_there():
    assert {load_scenario(name).stage for name in FILES if name.startswith("tea_shop")} == {
        "startup", "growth", "maturity"}  # fmt: skip
    real = load_scenario("online_retail_uk")
    assert (real.currency, real.history, real.orders_per_day) == ("GBP", "online_retail_hourly", None)


def test_a_history_beside_its_scenario_is_found(tmp_path):
    (tmp_path / "orders.csv").write_text("hour_start,orders\n")
    path = write(tmp_path, "name: Tea\nreturn_share: 0.1\nhistory: orders.csv\n")
    assert load_scenario(path).history == str(tmp_path / "orders.csv")
    path = write(tmp_path, "name: Tea\nreturn_share: 0.1\nhistory: online_retail_hourly\n")
    assert load_scenario(path).history == "online_retail_hourly"


@pytest.mark.parametrize(
    ("orders", "skus", "posts", "suppliers"),
    [(0, 1, 0, 1), (8, 5, 1, 1), ("60", 36, 7, 5), (100, 60, 12, 8), (400, 120, 24, 16)],
)
def test_a_shop_that_does_not_say_what_it_does_does_what_is_usual_at_its_size(orders, skus, posts, suppliers):
    small = Scenario(name="Tea", return_share=0.05, orders_per_day=orders)
    assert (small.active_skus, small.posts_per_month, small.suppliers) == (skus, posts, suppliers)
    # What is said holds, and what a shop does stays when its orders change.
    assert Scenario(name="Tea", return_share=0.05, orders_per_day=orders, posts_per_month=9).posts_per_month == 9
    assert small.with_changes(orders_per_day=3000).active_skus == skus
    assert Scenario(name="Tea", return_share=0.05, history="uk_2010").active_skus == 60


def test_empty_cells_of_a_row_fall_back_to_the_defaults():
    row = {"name": "Tea", "orders_per_day": "60", "return_share": 0.05, "months": "", "city": math.nan, "hats": None}
    assert from_row(row) == shop()
    # A spreadsheet makes floats of whole numbers and texts of booleans.
    assert from_row(row | {"months": 24.0, "self_shipping": "FALSE"}) == shop(months=24, self_shipping=False)
    frame = pd.DataFrame([row, row | {"name": "Coffee", "months": 6}])
    assert [from_row(each).months for each in frame.to_dict("records")] == [12, 6]
    with pytest.raises(InputError, match="a scenario has no field 'citty'; did you mean 'city'"):
        from_row(row | {"citty": "uk"})


@pytest.mark.parametrize(
    "cells",
    [
        {"months": " "},
        {"city": "\u3000"},
        {"months": 12.0},
        {"start_month": pd.Timestamp("2027-01-01")},
        {"start_month": pd.NaT},
        {"start_month": np.datetime64("2027-01-01")},
        {"start_month": datetime.datetime(2027, 1, 31, 12)},
        {"start_month": datetime.date(2027, 1, 15)},
    ],
    ids=str,
)
def test_what_spreadsheets_do_to_cells(cells):
    assert from_row(LEAST | cells) == shop()


def values_of(field: str) -> st.SearchStrategy:
    """Any value that a field takes."""
    info = field_info(field)
    low, high = info["low"], info["high"]
    if info["choices"]:
        return st.sampled_from(info["choices"])
    if info["type"] == "boolean":
        return st.booleans()
    if info["type"] == "integer":
        return st.integers(low, high)
    if info["type"] == "number":
        # Open ends, where a field has them, are left to the sentences above.
        open_end = field in ("average_order_value", "reply_target_seconds", "reply_target_share")
        return st.floats(low, high, exclude_min=open_end, exclude_max=open_end)
    if field == "start_month":
        return st.dates().filter(lambda day: 1900 <= day.year < 2100).map("{:%Y-%m}".format)
    if field == "may_buy":
        some = st.lists(st.sampled_from(FOR_SALE), min_size=1, unique=True).map(", ".join)
        return st.sampled_from(["all", "none"]) | some
    if field == "history":
        return st.sampled_from(["online_retail_hourly", "my orders.csv", "订单.csv"])
    if field == "events":
        return st.sampled_from(["2027-03-08 x 2.5", "06-16..06-18; fourth Thursday of November +1 x 3"])
    if field == "orders_per_month":
        return st.lists(st.integers(1, 10_000), min_size=12, max_size=36).map(
            lambda figures: ", ".join(map(str, figures))
        )
    letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
    # A name needs a character that can be seen.
    return st.text(letters, min_size=0, max_size=79).map("{}茶".format)


@st.composite
def scenarios(draw: Any) -> dict[str, Any]:
    """Fields of a scenario that is right in itself."""
    fields = {"name": draw(values_of("name")), "return_share": draw(values_of("return_share"))}
    for field in FIELDS:
        if field not in fields and (field == "orders_per_day" or draw(st.booleans())):
            fields[field] = draw(values_of(field))
    for what in ("service", "warehouse"):
        fields[f"{what}_from_hour"], fields[f"{what}_until_hour"] = sorted(
            draw(st.lists(st.integers(0, 24), min_size=2, max_size=2, unique=True))
        )
    first, last = fields["warehouse_from_hour"] + 1, min(fields["warehouse_until_hour"], 23)
    if first > last:
        fields["ship_rule"] = "48h"
    fields["cutoff_hour"] = draw(st.integers(min(first, last), last)) or 1
    return fields


@settings(max_examples=60, derandomize=True)
@given(fields=scenarios())
def test_file_row_and_keywords_are_the_same_scenario(tmp_path_factory, fields):
    scenario = Scenario(**fields)
    assert Scenario(**scenario.model_dump()) == scenario
    path = tmp_path_factory.getbasetemp() / "round_trip.yaml"
    path.write_text(yaml.safe_dump(scenario.model_dump(), allow_unicode=True), encoding="utf-8")
    assert load_scenario(str(path)) == scenario
    path.write_text(yaml.safe_dump(LEAST | {"name": scenario.name}), encoding="utf-8")
    changes = {field: value for field, value in fields.items() if field != "name"}
    assert load_scenario(str(path), **changes) == scenario
    assert (
        from_row({field: "" if value is None else value for field, value in scenario.model_dump().items()}) == scenario
    )
    assert shop().with_changes(**scenario.model_dump()) == scenario


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_says_what_a_person_must_know(field):
    info = field_info(field)
    assert info["en"]
    assert any("一" <= character <= "鿿" for character in info["zh"])
    assert info["group"] in GROUPS
    assert isinstance(info["unit"], str)
    assert bool(info["help_en"]) == bool(info["help_zh"])
    if info["type"] in ("number", "integer"):
        assert info["unit"], "a number needs a unit"
        assert info["low"] is not None, "a number needs a range"
        assert info["high"] is not None, "a number needs a range"
        assert info["low"] < info["high"]
        if info["default"] is not None:
            assert info["low"] <= info["default"] <= info["high"]
            if info["top"] is not None:
                assert info["default"] <= info["top"] <= info["high"], "the slider must reach the default"
        else:
            assert info["required"] or Scenario.model_fields[field].default is None
    if info["choices"] and not info["required"] and info["default"] is not None:
        assert info["default"] in info["choices"]


def test_a_field_that_does_not_exist_is_named():
    with pytest.raises(InputError, match="a scenario has no field 'return'; did you mean 'return_share'"):
        field_info("return")


def test_derived_values_follow_from_the_fields():
    assert (shop().place, shop().region, shop().currency) == ("cn/hangzhou", "cn", "CNY")
    assert (shop(city="uk").place, shop(city="uk").region, shop(city="uk").currency) == ("uk", "uk", "GBP")
    index = shop(start_month="2027-11", months=3).month_index
    assert index.astype(str).tolist() == ["2027-11", "2027-12", "2028-01"]


def test_the_nearest_name():
    assert did_you_mean("CITTY", ["city", "months"]) == "; did you mean 'city'?"
    assert did_you_mean("x", [f"name_{i}" for i in range(13)]) == ""


FILE = "name: Tea\nreturn_share: 0.1\n"


@pytest.mark.parametrize("word", ["12:30", "0x10", "on", "0o17"])
def test_what_yaml_would_make_a_number_of_is_refused_as_it_stands(tmp_path, word):
    path = write(tmp_path, f"{FILE}orders_per_day: {word}\n")
    assert mistakes_of(lambda: load_scenario(path)) == [
        f"orders_per_day is '{word}'; it must be 0 or more orders a day"
    ]


@pytest.mark.parametrize(
    ("word", "number"), [("60", 60), ("6_0", 60), ("060", 60), ("+60.5", 60.5), ("1e-5", 1e-5), ("1.5e+1", 15)]
)
def test_decimal_numbers_of_a_file(tmp_path, word, number):
    assert load_scenario(write(tmp_path, f"{FILE}orders_per_day: {word}\n")).orders_per_day == number


def test_words_of_a_file_are_true_and_false_where_a_field_takes_them(tmp_path):
    path = write(tmp_path, "name: on\nreturn_share: 0.1\norders_per_day: 3\nself_shipping: no\ndedicated_desk: true\n")
    shop = load_scenario(path)
    assert (shop.name, shop.self_shipping, shop.dedicated_desk) == ("on", False, True)


def test_self_is_an_unknown_field_of_a_file_and_a_row(tmp_path):
    assert mistakes_of(lambda: load_scenario(write(tmp_path, f"{FILE}orders_per_day: 3\nself: 1\n"))) == [
        "a scenario has no field 'self'"
    ]
    with pytest.raises(InputError, match="no field 'self'"):
        from_row(LEAST | {"self": 1})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("x" * 5000, "the scenario file '" + "x" * 117 + "...' cannot be read: file name too long"),
        ("a\0.yaml", r"the scenario file 'a\x00.yaml' cannot be read: the name holds a NUL character"),
    ],
    ids=["long", "nul"],
)
def test_a_name_that_no_file_can_have(name, sentence):
    assert mistakes_of(lambda: load_scenario(name)) == [sentence]


def test_a_history_that_no_file_can_have(tmp_path):
    path = write(tmp_path, f"{FILE}months: 0\nhistory: {'x' * 300}\n")
    assert mistakes_of(lambda: load_scenario(path)) == [
        "the history '" + "x" * 117 + "...' cannot be read: file name too long",
        "months is 0; it must be a whole number, 1 to 36 months",
    ]
    with pytest.raises(InputError, match=r"history is .* control characters"):
        load_scenario(write(tmp_path, FILE + 'history: "a\\0b"\n'))


def test_an_unreadable_file_is_one_sentence(tmp_path, monkeypatch):
    path = write(tmp_path, FILE)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    assert mistakes_of(lambda: load_scenario(path)) == ["shop.yaml cannot be read: permission denied"]


def test_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "orders.csv").write_text("hour_start,orders\n")
    write(tmp_path, f"{FILE}history: ~/orders.csv\n")
    history = str(tmp_path / "orders.csv")
    assert load_scenario("~/shop.yaml").history == history
    assert load_scenario("tea_shop_growth", history="~/orders.csv").history == history
    assert from_row(LEAST | {"history": "~/orders.csv"}).history == history


def test_a_long_or_nested_value_is_cut_in_its_sentence():
    assert len(mistakes(months="9" * 5000)[0]) < 250
    deep: list[Any] = [1]
    for _ in range(20):
        deep = [deep] * 9
    assert len(mistakes(months=deep)[0]) < 250


@pytest.mark.parametrize(
    "make",
    [
        lambda: load_scenario("tea_shop_startup", pick_lines_per_hour=75),
        lambda: scenario_in(
            b"{name: Tea, orders_per_day: 60, return_share: 0.05, pick_lines_per_hour: 75}", "tea.yaml"
        ),
    ],
    ids=["load_scenario", "file"],
)
def test_an_assumption_among_the_fields_is_refused_with_the_place_it_belongs_to(make):
    assert mistakes_of(lambda: make()) == [
        "'pick_lines_per_hour' is a figure of the assumptions, no field of a scenario; give it to plan_shop, "
        "or in a file under 'assumptions:'"
    ]


def test_help_says_unit_range_and_meaning_of_every_field():
    page = pydoc.plain(pydoc.render_doc(Scenario))
    for field in Scenario.model_fields:
        info = field_info(field)
        lines = re.search(rf"^ \|  {field} : (.+)\n \|      (.+)$", page, re.MULTILINE)
        assert lines, field
        assert info["type"] == "string" or info["unit"] in lines[1]
        assert lines[2].startswith(info["en"])
    assert "Annotated" not in page.splitlines()[3]
