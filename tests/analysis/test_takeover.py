"""A department just taken over: its people stay, keep what they may, and every mistake of its files is told at once."""

from datetime import date

import pandas as pd
import pytest

from ecteam.analysis.takeover import CHANGES, difference, first_30_days, taken_over
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.roster import read_roster
from ecteam.organisation.accountability import findings
from ecteam.organisation.rules import FINDINGS, read_rules
from ecteam.plan.people import team_with_roster
from tests.plan.test_plan import plan_of

FOLDER = data_dir() / "organisation"
FILES = FOLDER / "taken_over_roster.csv", FOLDER / "taken_over_department.csv"
RULES, DUTIES, START = read_rules(), load_assumptions().duties, date(2026, 12, 1)
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


def test_the_sample_has_faults_of_seven_kinds_which_are_settled_in_order_within_30_days(department):
    assert set(department.findings["finding"]) == set(FINDINGS) - {"too_many"}
    todo = department.first_days
    assert len(todo) == len(department.findings)
    assert todo["day"].between(1, 30).all()
    assert todo["day"].is_monotonic_increasing
    assert todo.loc[0, ["finding", "duty", "decided_by"]].tolist() == ["no_owner", "place_purchase_orders", "Chen Jing"]
    for critical, part in todo.groupby("critical"):
        first = ["no_owner", "not_apart"] if critical else ["not_apart", "no_owner"]
        assert part["finding"].map([*first, *FINDINGS[2:]].index).is_monotonic_increasing
    by_who = todo[(todo["finding"] == "idle_authority") & (todo["person"] == "Sun Tao")]
    assert by_who["decided_by"].to_list() == ["Zhao Na"], "the manager decides what one of theirs may decide"


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


def rows(*cells):
    return pd.DataFrame(cells, columns=["duty", "person", "accountable"])


def differs(now, clean):
    return difference(now, clean, DUTIES, RULES, found=findings(now.head(0), DUTIES.head(0), RULES))


class TestDifference:
    CASES = (
        ("same", [("pack_orders", "A", True)], "A"),
        ("name", [("pack_orders", "A", False)], "A"),
        ("name", [("pack_orders", "everyone", True)], "A"),
        ("choose", [("pack_orders", "A", True), ("pack_orders", "B", True)], "A"),
        ("choose", [("pack_orders", "A", True), ("pack_orders", "everyone", True)], "A"),
        ("replace", [("pack_orders", "B", True)], "A"),
        ("replace", [("pack_orders", "B", True), ("pack_orders", "C", True)], "A"),
        ("new", [("set_prices", "A", True)], "A"),
    )

    @pytest.mark.parametrize(("change", "now", "then"), CASES)
    def test_each_kind_of_change(self, change, now, then):
        diff = differs(rows(*now), rows(("pack_orders", then, True))).set_index("duty")
        assert diff.loc["pack_orders", "change"] == change
        assert change in CHANGES
        if change == "new":
            assert diff.loc["set_prices", "change"] == "drop"
            assert diff.loc["set_prices", "why_zh"] == "新架构没有这项工作，A不再承担。"

    def test_a_structure_differs_from_itself_in_nothing(self):
        clean = rows(*((duty, f"{role} 1", True) for duty, role in DUTIES["role"].items()))
        assert set(differs(clean, clean)["change"]) == {"same"}


class TestFirstDays:
    def found(self, *people):
        table = rows(*(("set_prices", person, True) for person in people))
        return findings(table, DUTIES.loc[["set_prices"]], RULES)

    @pytest.mark.parametrize(
        ("people", "decides"),
        [(("C", "D"), "B"), (("B", "D"), "A"), (("A", "D"), "head"), (("C", "E"), "A"), (("X", "Y"), "head")],
    )
    def test_the_nearest_common_manager_decides_and_never_one_of_them(self, people, decides):
        managers = {"A": "", "B": "A", "C": "B", "D": "B", "E": "A"}
        todo = first_30_days(self.found(*people), DUTIES, RULES, start=START, managers=managers, head="head")
        assert todo["decided_by"].to_list() == [decides]

    def test_without_a_head_the_head_of_the_department_is_shown(self):
        todo = first_30_days(self.found("A", "B"), DUTIES, RULES, start=START, managers={})
        assert todo[["decided_by_en", "decided_by_zh"]].to_numpy().tolist() == [
            ["head of the department", "部门负责人"]
        ]
