"""Where ecteam's own files are."""

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
