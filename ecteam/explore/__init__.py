"""Explorers: controls that move a shop, and pictures that follow."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("explore",):
        from ecteam.explore import explorer

        return getattr(explorer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
