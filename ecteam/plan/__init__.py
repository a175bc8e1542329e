"""The order of the steps, the plan, and one file a subject that binds plan and model."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("Plan", "compare", "make_plan", "plan_shop"):
        from ecteam.plan import plan

        return getattr(plan, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
