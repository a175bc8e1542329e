"""Where ecteam's own files are."""

import hashlib
import os
from pathlib import Path


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


def data_files(root: Path) -> list[str]:
    """The places of the data files in a folder."""
    files = (path for path in sorted(root.rglob("*")) if path.suffix in (".csv", ".yaml", ".po") and path.is_file())
    return [path.relative_to(root).as_posix() for path in files]


def data_version() -> str:
    """Which data: a mark of all tables, texts and payroll packs, which moves with every change of them."""
    mark = hashlib.sha256()
    for place in data_files(data_dir()):
        if place.partition("/")[0] not in OF_SOME_SHOPS:
            mark.update(place.encode() + (data_dir() / place).read_bytes())
    return mark.hexdigest()[:12]
