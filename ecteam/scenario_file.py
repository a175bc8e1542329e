"""Where scenarios are read from: a YAML file, or a row of a spreadsheet. Every mistake of a file is told at once."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir
from ecteam.scenario import Scenario


def from_row(row: Mapping[str, Any]) -> Scenario:
    """A scenario from one spreadsheet row: empty and blank cells fall back to the defaults.

    >>> from_row({"name": "Tea", "orders_per_day": "60", "return_share": 0.05, "months": ""}).months
    12
    """
    cells = {str(key): value for key, value in row.items() if not pd.isna(value) and str(value).strip()}
    # A spreadsheet makes a day of a month.
    if isinstance(cells.get("start_month"), date | np.datetime64):
        cells["start_month"] = f"{pd.Timestamp(cells['start_month']):%Y-%m}"
    return Scenario(**cells)


def scenario_path(name: str) -> Path:
    """The YAML file of a scenario given by path, or by name in `data/scenarios`; refuses with the nearest name."""
    known = {path.stem: path for path in sorted((data_dir() / "scenarios").glob("*.yaml"))}
    if name in known:
        return known[name]
    path = Path(name)
    if path.is_file():
        return path
    if path.suffix or len(path.parts) > 1:
        raise InputError(f"there is no scenario file {name!r}")
    raise InputError(f"there is no scenario {name!r}{did_you_mean(name, known)}")


class _Loader(yaml.SafeLoader):
    """Remembers keys that are given again and their lines, since YAML takes the last of them without a word."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[tuple[str, list[int]]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, list[int]] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            lines.setdefault(key.value, []).append(key.start_mark.line + 1)
        self.repeated += [(key, there) for key, there in lines.items() if len(there) > 1]
        return super().construct_mapping(node, deep)


def load_scenario(name: str, /, **changes: Any) -> Scenario:
    """Read a scenario from its YAML file (a name in `data/scenarios`, or a path) and change some fields.

    Raises `InputError` with every mistake of the file at once.

    >>> load_scenario("tea_shop_growth", orders_per_day=420).city
    'hangzhou'
    """
    path = scenario_path(name)
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        content = loader.get_single_data()
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text; save it again as UTF-8") from None
    # PyYAML lets a ValueError through for a day that is none, such as 2027-02-31.
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", near line {mark.line + 1}" if mark else f": {str(error).splitlines()[0]}"
        raise InputError(f"{path.name} is not valid YAML{where}") from None
    if content is None:
        raise InputError(f"{path.name} is empty; it must hold fields such as 'orders_per_day: 60'")
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise InputError(f"{path.name} holds a {kind}; it must hold fields such as 'orders_per_day: 60'")
    mistakes = [
        f"{path.name} gives {key!r} {len(lines)} times, in lines {', '.join(map(str, lines))}; it must be there once"
        for key, lines in loader.repeated
    ]
    beside = path.parent / str(content.get("history"))
    if content.get("history") and beside.is_file():
        content["history"] = str(beside)
    try:
        scenario = Scenario(**{str(key): value for key, value in (content | changes).items()})
    except InputError as error:
        mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return scenario
