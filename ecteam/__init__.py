"""Which team does an e-commerce business need, what will it cost, and when to hire whom?"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecteam.assumptions import Assumptions, load_assumptions
    from ecteam.errors import InputError
    from ecteam.explanation import explain
    from ecteam.plan import Plan, compare, make_plan, plan_shop
    from ecteam.scenario import Scenario
    from ecteam.scenario_file import load_scenario
    from ecteam.uncertainty import how_sure

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
    "Assumptions": "assumptions",
    "InputError": "errors",
    "Plan": "plan",
    "Scenario": "scenario",
    "compare": "plan",
    "explain": "explanation",
    "how_sure": "uncertainty",
    "load_assumptions": "assumptions",
    "load_scenario": "scenario_file",
    "make_plan": "plan",
    "plan_shop": "plan",
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
