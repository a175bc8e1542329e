"""A department just taken over: its people stay, keep what they may, and every mistake of its files is told at once."""

from datetime import date

import pytest

from ecteam.analysis.takeover import taken_over
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.roster import read_roster
from ecteam.organisation.accountability import findings
from ecteam.organisation.rules import read_rules
from ecteam.plan.people import team_with_roster
from tests.plan.test_plan import plan_of

FOLDER = data_dir() / "organisation"
FILES = FOLDER / "taken_over_roster.csv", FOLDER / "taken_over_department.csv"
SHOP = {"name": "tea_shop_growth", "orders_per_day": 80, "live_hours_per_month": 0, "months": 1}


@pytest.fixture(scope="module")
def department():
    return taken_over(plan_of(**SHOP), *FILES, start=date(2027, 1, 4), head="Chen Jing")


def test_everybody_of_the_roster_stays_and_only_missing_posts_are_vacant(department):
    seats = department.team.assignment.seats.set_index("person")
    assert set(department.roster["person"]) <= set(seats.index)
    assert not seats.loc[department.roster["person"], "vacant"].any()
    others = seats.drop(department.roster["person"])
    assert len(others)
    assert others["vacant"].all()
    assert department.team.notes == ()


def test_the_proposed_division_breaks_no_limit_and_has_no_high_fault(department):
    people = department.team.assignment.people
    assert department.team.problem.limits(people).empty
    roles = dict(zip(people["person"], people["hired_as"], strict=True))
    found = findings(people, department.duties.loc[people["duty"].unique()], read_rules(), roles=roles)
    assert "high" not in set(found["severity"])


def test_people_keep_what_they_do_where_nothing_is_wrong_with_it(department):
    change = department.difference["change"].value_counts()
    assert change["same"] > 5 * change["replace"]
    # Nobody answered, or a group did: somebody is named.
    named = department.difference.set_index("duty").query("change == 'name'")
    assert {"place_purchase_orders", "settle_refunds", "tell_customers"} <= set(named.index)


def test_who_is_there_for_half_the_month_gets_half_the_work(department):
    hours = department.team.assignment.people.groupby("person")["hours"].sum()
    half = department.roster.set_index("person").loc["Lin Dan", "hours_per_month"]
    assert hours["Lin Dan"] <= half * (1 - 0.2) + 1e-6


def test_a_roster_alone_is_placed_as_well():
    plan = plan_of(**SHOP)
    roster = read_roster(FILES[0], plan.assumptions.roles).rows
    team = team_with_roster(plan, roster)
    assert team.problem.limits(team.assignment.people).empty
    assert team.assignment.changes.empty


def test_mistakes_of_both_files_are_told_at_once(tmp_path):
    roster, table = tmp_path / "staff.csv", tmp_path / "who.csv"
    roster.write_text("person,role,manager\nAnn,Buyer,Ben\nBen,Byuer,Ann\nAnn,Owner,\n", encoding="utf-8")
    table.write_text("duty,owner\nPlace purchase order,Ann\nSet prices,Zoe\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        taken_over(plan_of(**SHOP), roster, table, start=date(2027, 1, 4))
    told = "\n".join(refused.value.mistakes)
    for part in ("staff.csv row 3", "'Byuer'", "did you mean 'Buyer'", "who.csv row 2", "staff.csv row 4"):
        assert part in told, told
