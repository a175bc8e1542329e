"""The lines of Python that make a plan again: what an explorer shows, to be copied into a cell."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import changed_fields, load_scenario
from ecteam.inputs.words import language


def code_of(
    shop: Scenario,
    figures: Mapping[str, float] | None = None,
    view: Callable[..., Any] | None = None,
    **options: Any,
) -> str:
    """The lines that plan a shop with some figures of the assumptions, and show a view of it with its options.

    A shop of `data/scenarios` is loaded by its name, with what differs; another one is written out.

    >>> print(code_of(load_scenario("tea_shop_startup", orders_per_day=90)))
    from ecteam import load_scenario, make_plan
    <BLANKLINE>
    shop = load_scenario("tea_shop_startup", orders_per_day=90.0)
    plan = make_plan(shop)
    """
    started = _nearest(shop)
    first = [_literal(started)] if started else []
    changes = changed_fields(shop, load_scenario(started) if started else None)
    imports = [f"from ecteam import {'load_scenario, make_plan' if started else 'make_plan'}"]
    if figures:
        imports.append("from ecteam.inputs.assumptions import load_assumptions")
    if not started:
        imports.append("from ecteam.inputs.scenario import Scenario")
    lines = [f"shop = {_call('load_scenario' if started else 'Scenario', *first, **changes)}"]
    with_figures = f", {_call('load_assumptions().with_values', **figures)}" if figures else ""
    lines.append(f"plan = make_plan(shop{with_figures})")
    if view is not None and view.__module__ != "__main__" and view.__qualname__.isidentifier():
        imports.append(f"from {view.__module__} import {view.__qualname__}")
        if language() != "en":
            imports.append("from ecteam.view import use")
            lines.append(_call("use", _literal(language())))
        lines.append(f"display(*{_call(view.__qualname__, 'plan', **options)})")
    if shop.history and Path(shop.history).is_absolute():
        name = Path(shop.history).name
        lines = [line.replace(_literal(shop.history), _literal(name)) for line in lines]
        lines.insert(0, f"# {name} is your order file; put it beside this notebook.")
    return "\n".join([*imports, "", *lines])


def _nearest(shop: Scenario) -> str | None:
    """The scenario of `data/scenarios` that has the shop's name."""
    for path in sorted((data_dir() / "scenarios").glob("*.yaml")):
        try:
            if load_scenario(path.stem).name == shop.name:
                return path.stem
        except InputError:
            # A file that cannot be read, or sets assumptions too, is none to start from.
            continue
    return None


def _call(function: str, *first: str, **named: Any) -> str:
    """A call as a line, or as several where it would be long."""
    arguments = [*first, *(f"{name}={_literal(value)}" for name, value in named.items())]
    line = f"{function}({', '.join(arguments)})"
    return line if len(line) < 100 else f"{function}(\n    " + ",\n    ".join(arguments) + ",\n)"


def _literal(value: Any) -> str:
    """A value as Python writes it, texts in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
