"""Modules under the names of release 0.1 still import, with a warning, for one release."""

import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import ecteam

TABLE = Path(ecteam.__file__).with_name("moved_modules.csv").read_text(encoding="utf-8").splitlines()[1:]
MOVED = dict(line.split(",")[:2] for line in TABLE)
OLD_NOTEBOOK = """
from ecteam import choices, day, defences, stage, time_machine
from ecteam.board import hats_board
from ecteam.explore import explore
from ecteam.files import data_dir
from ecteam.hiring_of import hiring_of
from ecteam.in_stages import in_stages
from ecteam.model import pay, payroll, queueing
from ecteam.model.build_plan import read_build_plan
from ecteam.plan import plan_shop
from ecteam.posts import pay_per_head, post_cards
from ecteam.taken_over import taken_over
from ecteam.uncertainty import how_sure, influence
from ecteam.view import charts, decision_tables, hiring_charts, hiring_tables, pages, tables, words
from ecteam.view.pages import team_view
from ecteam.view.words import label, read_in
assert hiring_tables.temps_or_head is not hiring_charts.temps_or_head
print(choices.decide.__module__, charts.heads_per_month.__module__, payroll.payslip.__module__)
"""


def test_what_notebooks_of_the_last_release_import_is_there():
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", OLD_NOTEBOOK], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.split() == ["ecteam.analysis.make_or_buy", "ecteam.view.team", "ecteam.pay.payslip"]


@pytest.mark.parametrize("old", [old for old, new in MOVED.items() if new])
def test_an_old_module_imports_with_a_warning_that_names_the_new_one(old):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sys.modules.pop(f"ecteam.{old}", None)
        import_module(f"ecteam.{old}")
    assert f"ecteam.{old} is now ecteam.{MOVED[old]}" in [str(each.message) for each in caught]


ALIKE = sorted(name for name in set(MOVED) & set(ecteam.__all__) if not isinstance(getattr(ecteam, name), ModuleType))


@pytest.mark.parametrize("name", ALIKE)
def test_an_old_module_does_not_take_the_place_of_a_public_name(name):
    code = f"import ecteam\nfrom ecteam.{name} import {name} as old\nassert ecteam.{name} is old"
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_there_are_old_modules_that_are_written_like_a_public_name():
    assert {"hiring_of", "time_machine"} <= set(ALIKE)


def test_a_module_that_never_was_is_refused():
    with pytest.raises(ModuleNotFoundError):
        import_module("ecteam.view.chart")


def test_the_two_libraries_stand_at_the_top():
    assert ecteam.queueing.agents_required(200, 180, 20, 0.8) == 14
    assert float(ecteam.payroll.payslip(8_000, "cn/shanghai").gross) == 8_000


def test_figures_of_a_plan_may_be_had_as_before():
    plan = ecteam.plan_shop("tea_shop_startup")
    assert plan.totals() == plan.totals
    with pytest.deprecated_call(match=r"plan\.cost"):
        assert plan.cash_cost is plan.cost
