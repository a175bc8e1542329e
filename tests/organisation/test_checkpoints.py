"""The build plan: critical path against a brute force, stretches of four weeks at most, results that one can see."""

from datetime import date
from itertools import pairwise
from math import ceil

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.organisation.checkpoints import (
    HIRING,
    KINDS,
    checkpoints,
    for_shop,
    owners_of_posts,
    parts_of,
    read_build_plan,
    scheduled,
    vague_word,
    with_hires,
)
from ecteam.organisation.rules import read_rules

RULES = read_rules()
TASKS = read_build_plan(RULES)
SLOW = TASKS.assign(weeks_typical=TASKS["weeks_high"])
START = date(2027, 1, 4)
OWNERS = {"helmsman": "Ms Chen", "design": "Mr Wu"}


@st.composite
def networks(draw):
    """Up to eight tasks, each of which waits for some before it."""
    n = draw(st.integers(1, 8))
    after = [tuple(f"t{j}" for j in range(i) if draw(st.booleans())) for i in range(n)]
    weeks = draw(st.lists(st.floats(0.1, 12), min_size=n, max_size=n))
    return pd.DataFrame({"after": after, "weeks_typical": weeks}, index=[f"t{i}" for i in range(n)])


def chains(tasks, task):
    """Every way back from a task to a beginning: the brute force of the critical path."""
    ways = [way for before in tasks.loc[task, "after"] for way in chains(tasks, before)]
    return [[*way, task] for way in ways] or [[task]]


class TestSchedule:
    @settings(max_examples=60)
    @given(networks())
    def test_dates_and_slack_are_those_of_the_longest_chains(self, tasks):
        plan = scheduled(tasks, START)
        days = {task: ceil(7 * weeks) for task, weeks in tasks["weeks_typical"].items()}
        all_ways = [way for task in tasks.index for way in chains(tasks, task)]
        length = {tuple(way): sum(days[task] for task in way) for way in all_ways}
        end = max(length.values())
        for task in tasks.index:
            mine = max(total for way, total in length.items() if way[-1] == task)
            assert (plan.loc[task, "due"] - pd.Timestamp(START)).days + 1 == mine
            through = 0
            for way in all_ways:
                if task in way:
                    behind = sum(days[name] for name in way[way.index(task) + 1 :])
                    through = max(through, mine + behind)
            assert plan.loc[task, "slack_days"] == end - through
            assert plan.loc[task, "critical"] == (through == end)
        for task, after in tasks["after"].items():
            for before in after:
                assert plan.loc[before, "due"] < plan.loc[task, "start"]

    def test_a_task_does_not_start_before_its_day(self):
        plan = scheduled(TASKS, START, not_before={"find_candidates": date(2028, 1, 1)})
        assert plan.loc["find_candidates", "start"] == pd.Timestamp("2028-01-01")
        early = scheduled(TASKS, START, not_before={"find_candidates": date(2020, 1, 1)})
        pd.testing.assert_frame_equal(early, scheduled(TASKS, START))

    def test_longer_tasks_never_end_sooner(self):
        assert scheduled(SLOW, START)["due"].max() > scheduled(TASKS, START)["due"].max()


class TestCheckpoints:
    @pytest.mark.parametrize("tasks", [TASKS, SLOW], ids=["typical", "slow"])
    def test_no_stretch_is_longer_than_four_weeks_and_none_is_lost(self, tasks):
        plan = scheduled(tasks, START)
        cut = checkpoints(plan, RULES, OWNERS)
        assert cut["weeks"].max() <= 4
        assert cut.groupby("task")["weeks"].sum().mul(7).round(6).to_dict() == pytest.approx(
            {task: ceil(7 * weeks) for task, weeks in plan["weeks"].items()}
        )
        for task, parts in cut.groupby("task"):
            for (_, one), (_, next_one) in pairwise(parts.sort_values("part").iterrows()):
                assert next_one["start"] - one["due"] == pd.Timedelta(days=1)
                assert next_one["amount"] > one["amount"], "each stretch adds something one can count"
            assert parts["due"].max() == plan.loc[task, "due"]
        dates = [pd.Timestamp(START), *cut["due"].sort_values()]
        assert max((b - a).days for a, b in pairwise(dates)) <= 28, "something is there every four weeks"

    def test_each_has_a_result_an_owner_and_a_test(self):
        cut = checkpoints(scheduled(SLOW, START), RULES, OWNERS)
        assert set(cut["result_kind"]) <= set(KINDS)
        columns = ["owner", "result_en", "result_zh", "acceptance_en", "acceptance_zh"]
        assert (cut[columns] != "").all(axis=None)
        assert not cut[columns].apply(lambda column: column.str.contains("{", regex=False)).any(axis=None)
        listed = cut[cut["task"] == "list_products"]
        assert listed["result_en"].to_list() == [
            "Products on sale with all pictures: 30", "Products on sale with all pictures: 60",
        ]  # fmt: skip
        assert listed["result_zh"].to_list() == ["30 个商品图文齐全在售", "60 个商品图文齐全在售"]
        assert set(listed["owner"]) == {"Mr Wu"}
        assert set(cut.loc[cut["post"] == "people", "owner"]) == {"Ms Chen"}, (
            "whoever holds the helm, where nobody else"
        )

    def test_the_order_of_set_up_is_that_of_the_founding_papers(self):
        plan = scheduled(TASKS, START)
        ends = plan.groupby("phase")["due"].max()
        order = ["route", "position", "structure", "posts", "route_again", "hires"]
        starts = plan.groupby("phase")["start"].min()
        assert [starts[phase] for phase in order] == sorted(starts[phase] for phase in order)
        assert ends["posts"] < starts["route_again"] < starts["hires"]

    def test_what_a_long_task_ends_with_must_be_countable(self):
        plan = scheduled(TASKS.loc[["choose_route"]].assign(weeks_typical=9.0), START)
        with pytest.raises(
            InputError, match="takes up to 9 weeks and ends in a file; split it into tasks of at most 4 weeks"
        ):
            checkpoints(plan, RULES, OWNERS)
        few = TASKS.loc[["list_products"]].assign(weeks_typical=9.0, amount=2.0, after=[()])
        with pytest.raises(InputError, match="which are 3 stretches, but its amount is 2; it must be 3 or more"):
            checkpoints(scheduled(few, START), RULES, OWNERS)

    def test_a_post_without_a_holder_is_named_where_nobody_holds_the_helm(self):
        with pytest.raises(InputError, match="task 'test_demand': nobody holds the post 'promotion', nor 'helmsman'"):
            checkpoints(scheduled(TASKS, START), RULES, {"design": "Mr Wu"})

    @pytest.mark.parametrize(
        ("task", "changes", "told"),
        [
            (
                "fix_position",
                {"result_zh": "推进品牌定位"},
                "result_zh '推进品牌定位' says '推进', which",
            ),
            ("set_pay", {"result_en": "Follow up on pay"}, "result_en 'Follow up on pay' says 'follow up'"),
            ("show_figures", {"result_kind": "meeting"}, "column result_kind: 'meeting': Input should be 'file'"),
            ("sign_suppliers", {"amount": "0.5"}, "must have a whole amount of 1 or more"),
            ("sign_suppliers", {"result_en": "Contracts"}, "and {amount} in its results"),
            ("set_pay", {"acceptance_zh": ""}, "column acceptance_zh"),
        ],
    )
    def test_a_result_that_nobody_can_see_is_refused(self, tmp_path, task, changes, told):
        table = pd.read_csv(data_dir() / "organisation" / "build_plan.csv", dtype=str, index_col="task")
        table.loc[task, list(changes)] = list(changes.values())
        table.to_csv(tmp_path / "build_plan.csv")
        with pytest.raises(InputError) as refused:
            read_build_plan(RULES, tmp_path / "build_plan.csv")
        assert told in str(refused.value)


class TestVagueWords:
    @pytest.mark.parametrize(
        "result",
        ["push forward the launch", "Follow up with suppliers", "to improve conversion", "Support the team",
         "work on SEO", "We will actively monitor sales", "Keep improving service", "推进上新", "跟进供应商",
         "持续优化转化率", "负责客服",
         "进一步加强管理", "积极配合运营", "全面推进", "协助大促", "项目持续推进中",
         "optimise listings", "Responsible for service"],
    )  # fmt: skip
    def test_push_forward_and_its_kin_are_seen(self, result):
        assert vague_word([result]).iloc[0] != ""

    @pytest.mark.parametrize(
        "result",
        ["60 products on sale", "Follow-up list of 20 suppliers", "Support desk open", "Signed contract", "负责人名单",
         "客户跟进表", "跟进记录 20 条", "60 个商品在售", "营业执照照片",
         "Improved by 3 points: 82 % answered in 30 s", "Workshop held",
         "Helpful answers: 50"],
    )  # fmt: skip
    def test_a_thing_is_no_effort(self, result):
        assert vague_word([result]).to_list() == [""]


class TestHires:
    SEATS = pd.DataFrame(
        {
            "person": ["Packer 1", "Packer 2", "Buyer 1", "Packer 3"],
            "hired_as": ["packer", "packer", "buyer", "packer"],
            "opened": pd.PeriodIndex(["2027-01", "2028-03", "2028-03", "2028-06"], freq="M"),
            "months_ahead": 1,
        }
    )

    def test_newcomers_are_there_on_the_first_day_of_the_month_that_needs_them(self):
        tasks, starts = with_hires(TASKS, self.SEATS, {"Packer 2": 3}, founded=True)
        plan = scheduled(tasks, START, not_before=starts)
        assert plan.loc["hire_people_2028_03", "due"] == pd.Timestamp("2028-02-29")
        assert tasks.loc["hire_people_2028_03", "amount"] == 2
        assert tasks.loc["find_candidates_2028_03", "amount"] == 6
        assert tasks.loc["hand_over_duties_2028_03", "amount"] == 4, "three duties, and one piece of work of the buyer"
        assert tasks.loc["hire_people_2028_06", "zh"] == "录用到岗 (2028-06)"
        assert not set(HIRING) & set(tasks.index)
        assert plan.loc["try_deputies", "start"] > plan.loc["hand_over_duties_2028_06", "due"]
        cut = checkpoints(plan, RULES, OWNERS)
        assert cut["weeks"].max() <= 4

    def test_where_nobody_is_hired_the_deputies_are_tried_after_the_route(self):
        tasks, starts = with_hires(TASKS, self.SEATS.head(1), {}, founded=True)
        assert starts == {}
        assert tasks.loc["try_deputies", "after"] == ("route_with_numbers",)
        assert len(tasks) == len(TASKS) - len(HIRING)


class TestTasks:
    def test_a_shop_without_a_warehouse_has_no_task_of_one(self):
        mine = for_shop(TASKS, {"self_shipping": False}, founded=False)
        assert "set_up_warehouse" not in mine.index
        assert "fix_position" in mine.loc["ship_trial_orders", "after"], (
            "what waited for it waits for what it waited for"
        )
        assert len(for_shop(TASKS, {"self_shipping": True}, founded=False)) == len(TASKS)

    def test_a_founded_shop_has_its_founding_behind_it(self):
        mine = for_shop(TASKS, {"self_shipping": True}, founded=True)
        assert set(mine["phase"]) == {"structure", "posts", "route_again", "hires"}
        assert set().union(*mine["after"]) <= set(mine.index)

    @given(st.floats(0.01, 60), st.integers(1, 8))
    def test_no_part_is_longer_than_the_stretch(self, weeks, stretch):
        parts = parts_of(weeks, stretch)
        days = ceil(7 * weeks)
        longest = max(days * (i + 1) // parts - days * i // parts for i in range(parts))
        assert longest <= 7 * stretch
        assert parts == 1 or ceil(days / (parts - 1)) > 7 * stretch, "and one part fewer would be too long"


def test_whoever_answers_for_most_of_a_post_stands_for_it():
    people = pd.DataFrame(
        [("A", "supply", False, 90), ("B", "supply", True, 10), ("C", "finance", True, 5), ("A", "finance", True, 9),
         ("D", "design", False, 4), ("C", "design", False, 4)],
        columns=["person", "post", "accountable", "hours"],
    )  # fmt: skip
    assert owners_of_posts(people) == {"supply": "B", "finance": "A", "design": "C"}
