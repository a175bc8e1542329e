"""The parameters of a report notebook, as whoever runs it gives them: papermill, jupyter-scheduler, or by hand."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import Mistakes, did_you_mean
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import field, figure
from ecteam.inputs.words import Note

OWN: Mapping[str, type] = {"scenario": str, "changes": dict, "lang": str, "show_pay": bool}
"""What every report notebook may be given besides fields and figures."""


def changes_given(namespace: Mapping[str, Any], *more: str) -> dict[str, Any]:
    """What a notebook's parameters change: fields of the scenario and figures of the assumptions, for `plan_shop`.

    `namespace` is the notebook's `globals()`; `more` are parameters of its own. None changes nothing; a text is read as
    after `ecteam report --set`. What `changes` holds is changed too, unless a parameter of that name says otherwise.
    Raises `InputError` for a parameter that is neither field nor figure, and for one that cannot be read.

    >>> changes_given({"changes": {"months": 6}, "orders_per_day": 300, "city": None, "dedicated_desk": "true"})
    {'months': 6, 'orders_per_day': 300, 'dedicated_desk': True}
    """
    figures = set(load_assumptions().numbers["key"])
    names = dict.fromkeys([*(name for name in namespace if name in Scenario.model_fields), *_assigned(namespace)])
    known = [*OWN, *more, *Scenario.model_fields, *sorted(figures)]
    mistakes = Mistakes(
        Note("no_field_or_assumption", name=name, near=did_you_mean(name, known)) for name in names if name not in known
    )
    for name, kind in OWN.items():
        if not isinstance(value := namespace.get(name, kind()), kind):
            allowed = {bool: "True or False", dict: "changes by name, such as {'orders_per_day': 420}", str: "a text"}
            mistakes.append(f"{name} is {value!r}; it must be {allowed[kind]}")
    mistakes.refuse()
    given = {name: namespace.get(name) for name in names if name in Scenario.model_fields or name in figures}
    typed = {
        name: (field(name, value) if name in Scenario.model_fields else figure(value))
        if isinstance(value, str)
        else value
        for name, value in given.items()
    }
    return {**namespace.get("changes", {}), **{name: value for name, value in typed.items() if value is not None}}


def _assigned(namespace: Mapping[str, Any]) -> list[str]:
    """The names set by the cells right before the one that runs, as far back as they only set names to values.

    These are the cell tagged `parameters` and the one that papermill puts below it. IPython keeps the cells in `In`.
    """
    names: list[str] = []
    for source in reversed(namespace.get("In", [""])[1:-1]):
        if (targets := _only_assigns(source)) is None:
            break
        names = [*targets, *names]
    return names


def _only_assigns(source: str) -> Sequence[str] | None:
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return None
    targets = [line.targets[0] for line in lines if isinstance(line, ast.Assign) and len(line.targets) == 1]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names if len(names) == len(lines) else None
