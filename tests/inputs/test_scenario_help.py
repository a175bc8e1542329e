"""What a scenario says of its fields, and of what is none."""

import pydoc
import re

import pytest

from ecteam import Scenario, load_scenario
from ecteam.inputs.scenario import field_info
from ecteam.inputs.scenario_file import scenario_in
from tests.refusals import mistakes_of


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
