"""The first screen: ten questions or fewer, a team, three assumptions, and links that lead somewhere."""

import re

import nbformat
import pytest

from ecteam import load_scenario, make_plan
from ecteam.analysis.sensitivity import influence
from ecteam.cli import main
from ecteam.explore.views import advice, start_page
from ecteam.inputs import words
from ecteam.inputs.files import notebooks_dir
from tests.test_notebooks import explorers_of

PATH = notebooks_dir() / "00_start_here.ipynb"


def texts(lang):
    cells = nbformat.read(PATH, as_version=4).cells
    return "\n".join(words.in_language(cell.source, lang) for cell in cells if cell.cell_type == "markdown")


def test_it_asks_ten_things_or_fewer():
    (explorer,) = explorers_of(PATH)
    assert 5 <= len(explorer.controls) + 1 <= 10, "the order file is one of them"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_its_links_lead_to_every_stage_and_question(lang):
    linked = re.findall(r"\]\(([^)]*)\)", texts(lang))
    assert set(linked) == {path.name for path in notebooks_dir().glob("[12]?_*.ipynb")}
    assert len(linked) == len(set(linked))


@pytest.mark.parametrize("name", ["tea_shop_startup", "tea_shop_maturity", "online_retail_uk"])
def test_the_three_assumptions_that_move_the_cost_most_are_named_with_what_they_move(name):
    plan = make_plan(load_scenario(name))
    first = influence(plan).head(3)
    said = re.findall("<li>(.*?)</li>", start_page(plan)[4])
    assert len(said) == 3
    for sentence, row in zip(said, first.itertuples(), strict=True):
        assert row.en.split(":")[0] in sentence
        assert f"from {words.number(row.low)} to {words.number(row.high)} " in sentence
        assert (
            f"{words.number(max(row.cost_low, row.cost_high) / len(plan.months))} {plan.scenario.currency}" in sentence
        )


def test_a_demo_starts_with_it(tmp_path, capsys):
    assert main(["demo", str(tmp_path / "start")]) == 0
    assert (tmp_path / "start" / "notebooks" / PATH.name).read_bytes() == PATH.read_bytes()


def test_a_page_says_what_is_too_dear_and_which_stage_the_evidence_says():
    plan = make_plan(load_scenario("tea_shop_startup", orders_per_day=1, months=1))
    assert "more than the usual 30% at most. What saves most: " in advice(plan)
    grown = make_plan(load_scenario("tea_shop_startup", orders_per_day=3000, channels=4, months=1))
    assert "Orders, channels and heads say maturity; the stage is set to start-up." in advice(grown)
    assert "ecteam-alert" not in advice(make_plan(load_scenario("tea_shop_startup")))
