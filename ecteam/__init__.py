"""Which team does an e-commerce business need, what will it cost, and when to hire whom?"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecteam.analysis import day, defenders, make_or_buy, stages
    from ecteam.analysis.sensitivity import influence
    from ecteam.analysis.takeover import taken_over
    from ecteam.analysis.tipping_points import time_machine
    from ecteam.analysis.uncertainty import how_sure
    from ecteam.inputs.assumptions import Assumptions, load_assumptions
    from ecteam.inputs.checks import InputError
    from ecteam.inputs.files import data_dir
    from ecteam.inputs.scenario import Scenario
    from ecteam.inputs.scenario_file import changes_given, load_scenario
    from ecteam.organisation.rules import read_rules
    from ecteam.pay import payslip as payroll
    from ecteam.pay import variable_pay
    from ecteam.plan.explain import explain
    from ecteam.plan.hiring import hiring_of
    from ecteam.plan.plan import Plan, compare, make_plan, plan_shop
    from ecteam.plan.post_cards import pay_per_head, post_cards
    from ecteam.publish.fleet import fleet_path, read_fleet
    from ecteam.staffing import queueing

_ROOMS = {
    "Assumptions": "inputs.assumptions",
    "InputError": "inputs.checks",
    "Plan": "plan.plan",
    "Scenario": "inputs.scenario",
    "changes_given": "inputs.scenario_file",
    "compare": "plan.plan",
    "data_dir": "inputs.files",
    "explain": "plan.explain",
    "fleet_path": "publish.fleet",
    "hiring_of": "plan.hiring",
    "how_sure": "analysis.uncertainty",
    "influence": "analysis.sensitivity",
    "load_assumptions": "inputs.assumptions",
    "load_scenario": "inputs.scenario_file",
    "make_plan": "plan.plan",
    "pay_per_head": "plan.post_cards",
    "plan_against_published": "analysis.reality",
    "plan_shop": "plan.plan",
    "post_cards": "plan.post_cards",
    "read_fleet": "publish.fleet",
    "read_rules": "organisation.rules",
    "taken_over": "analysis.takeover",
    "time_machine": "analysis.tipping_points",
}
_LIBRARIES = {
    "day": "analysis.day",
    "defenders": "analysis.defenders",
    "make_or_buy": "analysis.make_or_buy",
    "payroll": "pay.payslip",
    "queueing": "staffing.queueing",
    "stages": "analysis.stages",
    "variable_pay": "pay.variable_pay",
}
__all__ = [
    "Assumptions",
    "InputError",
    "Plan",
    "Scenario",
    "changes_given",
    "compare",
    "data_dir",
    "day",
    "defenders",
    "explain",
    "fleet_path",
    "hiring_of",
    "how_sure",
    "influence",
    "load_assumptions",
    "load_scenario",
    "make_or_buy",
    "make_plan",
    "pay_per_head",
    "payroll",
    "plan_against_published",
    "plan_shop",
    "post_cards",
    "queueing",
    "read_fleet",
    "read_rules",
    "stages",
    "taken_over",
    "time_machine",
    "variable_pay",
]


def __getattr__(name: str) -> Any:
    """Load a public name's room when the name is first used, so that `import ecteam` costs next to nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("ecteam")
    if name in _LIBRARIES:
        return import_module(f"ecteam.{_LIBRARIES[name]}")
    if name not in _ROOMS:
        raise AttributeError(f"module 'ecteam' has no attribute {name!r}")
    # No public name may be a room's name too: importing the room would ask for the name's place.
    value = getattr(import_module(f"ecteam.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


class _OldNames(MetaPathFinder, Loader):
    """Modules under the names of release 0.1, for one release: what they hold comes from where it stands now."""

    def __init__(self) -> None:
        self.moved: dict[str, list[str]] = {}

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not name.startswith("ecteam."):
            return None
        if not self.moved:
            import csv
            from pathlib import Path

            lines = Path(__file__).with_name("moved_modules.csv").read_text(encoding="utf-8").splitlines()
            self.moved = {f"ecteam.{old}": [new, *names] for old, new, *names in csv.reader(lines[1:])}
        return ModuleSpec(name, self, is_package=name == "ecteam.model") if name in self.moved else None

    def exec_module(self, module: ModuleType) -> None:
        import warnings

        new, renamed = self.moved[module.__name__]
        if not new:
            return
        warnings.warn(f"{module.__name__} is now ecteam.{new}", DeprecationWarning, stacklevel=2)
        there = vars(import_module(f"ecteam.{new}"))
        own = {name: value for name, value in there.items() if not name.startswith("__")}
        pairs = (pair.split("=") for pair in renamed.split())
        vars(module).update(own | {old: there[name] for old, name in pairs if name in there})


class _Package(ModuleType):
    """This package: an old module that is imported does not take the place of a public name that is written alike."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _ROOMS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.meta_path.append(_OldNames())
sys.modules[__name__].__class__ = _Package
