"""The hats board: it begins with the plan's own people, and moving a duty shows which limits that breaks."""

import pytest

from ecteam.explore.board import AS_PLANNED, hats_board
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import use
from tests.plan.test_plan import plan_of

SHOP = "tea_shop_startup"


def test_the_board_begins_with_the_people_of_the_plan():
    plan = plan_of(SHOP)
    board = hats_board(plan, 6)
    month = plan.months[plan.months.month.tolist().index(6)]
    assert board.people.equals(plan.people[plan.people["month"] == month].reset_index(drop=True))
    assert board.limits.empty
    assert "No limit is broken." in board.shown.value
    assert set(board.controls) == set(board.people["duty"])


def test_a_moved_duty_is_its_new_person_s_with_all_its_hours_and_the_limits_say_what_that_breaks():
    plan = plan_of(SHOP)
    board = hats_board(plan)
    before = board.people.groupby("duty")["hours"].sum()
    designed = board.people.loc[board.people["person"] == "Promotion specialist", "hours"].sum()
    board.set({"answer_before_sale": "Service agent 2", "pack_orders": "Promotion specialist"})
    moved = board.people[board.people["duty"] == "pack_orders"]
    whose = moved[["person", "hired_as", "accountable"]].to_numpy().tolist()
    assert whose == [["Promotion specialist", "promotion_specialist", True]]
    after = board.people.groupby("duty")["hours"].sum()
    assert (after - before).abs().max() < 1e-9
    too_much, *_, not_allowed = board.limits["words"]
    assert too_much.startswith(f"Promotion specialist has {designed + before['pack_orders']:.1f} hours of work; ")
    assert not_allowed == "Promotion specialist may not do 'Pack orders'"
    assert "Promotion specialist may not do &#x27;Pack orders&#x27;" in board.shown.value
    board.set(dict.fromkeys(board.controls, AS_PLANNED))
    assert board.limits.empty


def test_too_much_for_one_person_is_said_with_hours():
    board = hats_board(plan_of(SHOP))
    board.set(dict.fromkeys(("answer_before_sale", "answer_during_sale", "answer_after_sale"), "Service agent"))
    (words,) = board.limits["words"]
    assert words.startswith("Service agent has 1")
    assert "fit into the month (hats worn: 1)" in words


@pytest.mark.parametrize(("shop", "department"), [(SHOP, None), ("tea_shop_growth", "supply")])
def test_a_move_is_marked_where_it_would_break_a_limit_of_that_person(shop, department):
    board = hats_board(plan_of(shop), department=department)
    pairs = [(duty, person) for duty in board.controls for person in board._seats["person"]]
    marks = {duty: {name: said.startswith("✗") for said, name in made.options} for duty, made in board.controls.items()}
    seen = set()
    for duty, person in pairs[::41] if department is None else pairs:
        board.set({duty: person})
        assert marks[duty][person] == (not board.limits.empty), (duty, person)
        seen.add(marks[duty][person])
        board.set({duty: AS_PLANNED})
    assert seen == {True, False}


def test_the_lists_are_found_by_duty_or_by_person():
    board = hats_board(plan_of(SHOP))
    for wanted, found in (("pack ord", {"pack_orders"}), ("", set(board.controls))):
        board.search.value = wanted
        assert {duty for duty, made in board.controls.items() if made.layout.display != "none"} == found
    board.search.value = "stock-keeper"
    stocked = board.people.groupby("duty")["person"].agg(" ".join)
    assert {d for d, m in board.controls.items() if m.layout.display != "none"} == set(
        stocked.index[stocked.str.contains("Stock-keeper")]
    )


def test_a_department_of_a_large_team_in_chinese():
    plan = plan_of("tea_shop_growth")
    use("zh")
    board = hats_board(plan, department="supply")
    assert set(board.controls) == {"look_after_suppliers", "place_purchase_orders", "plan_stock"}
    assert [name.removeprefix("✗ ") for name, _ in board.controls["plan_stock"].options[1:]] == ["采购", "采购 2"]
    assert "没有违反任何限制" in board.shown.value


def test_unknown_months_and_departments_are_refused():
    with pytest.raises(InputError, match="department is 'suply'; this plan has operations"):
        hats_board(plan_of("tea_shop_growth"), department="suply")
    with pytest.raises(InputError, match="month is '2031-01'"):
        hats_board(plan_of(SHOP), "2031-01")
