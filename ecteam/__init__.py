"""Which team does an e-commerce business need, what will it cost, and when to hire whom?"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecteam.analysis.uncertainty import how_sure
    from ecteam.inputs.assumptions import Assumptions, load_assumptions
    from ecteam.inputs.checks import InputError
    from ecteam.inputs.scenario import Scenario
    from ecteam.inputs.scenario_file import load_scenario
    from ecteam.plan.explain import explain
    from ecteam.plan.plan import Plan, compare, make_plan, plan_shop

__version__ = "0.1.0"
__all__ = [
    "Assumptions",
    "InputError",
    "Plan",
    "Scenario",
    "compare",
    "explain",
    "how_sure",
    "load_assumptions",
    "load_scenario",
    "make_plan",
    "plan_shop",
]

_ROOMS = {
    "Assumptions": "inputs.assumptions",
    "InputError": "inputs.checks",
    "Plan": "plan.plan",
    "Scenario": "inputs.scenario",
    "compare": "plan.plan",
    "explain": "plan.explain",
    "how_sure": "analysis.uncertainty",
    "load_assumptions": "inputs.assumptions",
    "load_scenario": "inputs.scenario_file",
    "make_plan": "plan.plan",
    "plan_shop": "plan.plan",
}


def __getattr__(name: str) -> Any:
    """Load a public name's room when the name is first used, so that `import ecteam` costs next to nothing."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'ecteam' has no attribute {name!r}")
    # No public name may be a room's name too: importing the room would put the module in the name's place.
    value = getattr(import_module(f"ecteam.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
