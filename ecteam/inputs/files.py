"""Where ecteam's own files are, and how a YAML file is read."""

import hashlib
import os
from pathlib import Path
from typing import Any

import yaml


def share_dir() -> Path:
    """The folder that holds `data` and `notebooks`: inside an installed package, or the repository's root."""
    package = Path(__file__).parents[1]
    installed = package / "share"
    return installed if installed.is_dir() else package.parent


def data_dir() -> Path:
    """The folder of assumption tables, payroll packs, histories and scenarios; ECTEAM_DATA names another one.

    >>> (data_dir() / "assumptions" / "duties.csv").is_file()
    True
    """
    return Path(os.environ["ECTEAM_DATA"]) if os.environ.get("ECTEAM_DATA") else share_dir() / "data"


def notebooks_dir() -> Path:
    """The folder of notebooks."""
    return share_dir() / "notebooks"


OF_SOME_SHOPS = ("scenarios", "history")
"""Folders of the data of which a report reads what its own shop names, if anything."""


def data_version() -> str:
    """Which data: a mark of all tables, texts and payroll packs, which moves with every change of them."""
    mark = hashlib.sha256()
    for path in sorted(data_dir().rglob("*")):
        place = path.relative_to(data_dir())
        if path.suffix in (".csv", ".yaml", ".po") and place.parts[0] not in OF_SOME_SHOPS:
            mark.update(place.as_posix().encode() + path.read_bytes())
    return mark.hexdigest()[:12]


class YamlLoader(yaml.SafeLoader):
    """Keeps the keys that are given again (`repeated`: key, line numbers): YAML silently takes the last of them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[tuple[str, list[int]]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, list[int]] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            lines.setdefault(key.value, []).append(key.start_mark.line + 1)
        self.repeated += [(key, found) for key, found in lines.items() if len(found) > 1]
        return super().construct_mapping(node, deep)
