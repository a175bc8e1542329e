"""A department taken over: the sample's difference and first 30 days, seats, who decides, what is refused."""

from datetime import date

import pandas as pd
import pytest

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.files import data_dir
from ecteam.inputs.roster import read_responsibilities, read_roster
from ecteam.organisation.accountability import findings
from ecteam.organisation.rules import FINDINGS, group_test, read_rules
from ecteam.organisation.takeover import CHANGES, difference, first_30_days

RULES = read_rules()
TABLES = load_assumptions()
DUTIES = TABLES.duties
START = date(2026, 12, 1)


@pytest.fixture(scope="module")
def sample():
    folder = data_dir() / "organisation"
    roster = read_roster(folder / "taken_over_roster.csv", TABLES.roles, is_group=group_test(RULES)).rows
    people = dict(zip(roster["person"], roster["role"], strict=True))
    table = read_responsibilities(
        folder / "taken_over_department.csv", DUTIES, people=people, is_group=group_test(RULES)
    ).rows
    duties = DUTIES.loc[table["duty"].unique()]
    return roster, table, duties, findings(table, duties, RULES, roles=people)


def rows(*cells):
    return pd.DataFrame(cells, columns=["duty", "person", "accountable"])


class TestSample:
    def test_it_has_faults_of_seven_kinds_and_says_that_it_is_invented(self, sample):
        assert set(sample[3]["finding"]) == set(FINDINGS) - {"too_many"}
        for name in ("taken_over_roster.csv", "taken_over_department.csv"):
            assert (
                "Invented example" in (data_dir() / "organisation" / name).read_text(encoding="utf-8").splitlines()[0]
            )

    def test_the_first_days_are_in_order_and_within_30(self, sample):
        roster, _, duties, found = sample
        managers = dict(zip(roster["person"], roster["manager"], strict=True))
        todo = first_30_days(found, duties, RULES, start=START, managers=managers, head="Chen Jing")
        assert len(todo) == len(found)
        assert todo["day"].between(1, 30).all()
        assert todo["day"].is_monotonic_increasing
        first = todo.iloc[0]
        assert (first["finding"], first["duty"], first["decided_by"]) == (
            "no_owner",
            "place_purchase_orders",
            "Chen Jing",
        )
        assert todo["date"].iloc[0] == pd.Timestamp(START)
        for critical, mine in todo.groupby("critical"):
            ranks = mine["finding"].map(["no_owner", "not_apart", *FINDINGS[2:]].index if critical else
                                        ["not_apart", "no_owner", *FINDINGS[2:]].index)  # fmt: skip
            assert ranks.is_monotonic_increasing
        by_who = todo[(todo["finding"] == "idle_authority") & (todo["person"] == "Sun Tao")]
        assert by_who["decided_by"].to_list() == ["Zhao Na"], "the manager decides what one of theirs may decide"

    def test_what_differs_is_told_with_its_reason_in_both_languages(self, sample):
        roster, table, duties, found = sample
        clean = pd.DataFrame({"duty": duties.index, "hired_as": duties["role"].to_numpy(), "accountable": True})
        # The first of the roster in each role sits there; who is missing is a post.
        first = roster.drop_duplicates("role").set_index("role")["person"]
        clean["person"] = clean["hired_as"].map(first).fillna(clean["hired_as"] + " 1")
        diff = difference(table, clean, duties, RULES, found=found).set_index("duty")
        assert list(diff.index) == list(duties.index)
        assert diff.loc["plan_campaigns", ["change", "owner_now", "owner_proposed"]].to_list() == [
            "choose", "Zhao Na; Sun Tao", "Zhao Na",
        ]  # fmt: skip
        assert diff.loc["settle_refunds", "change"] == "name"
        assert diff.loc["place_purchase_orders", "why_en"] == (
            "“Place purchase orders” has no owner: nobody answers for it. It goes to Tang Rui."
        )
        assert diff.loc["place_purchase_orders", "why_zh"] == "“下采购单”没有负责人：出了问题找不到人。由Tang Rui接手。"
        assert diff.loc["approve_payments", "owner_proposed"] == "finance_manager 1", (
            "a post to be filled keeps its name"
        )
        assert diff.loc["choose_products", "change"] == "same"


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
