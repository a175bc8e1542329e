"""Where ecteam's own files are, and how a file is written so that nothing half-written replaces something whole."""

import os
import tempfile
from pathlib import Path


def share_dir() -> Path:
    """The folder that holds `data` and `notebooks`: inside an installed package, or the repository's root."""
    package = Path(__file__).parent
    installed = package / "share"
    return installed if installed.is_dir() else package.parent


def data_dir() -> Path:
    """The folder of assumption tables, payroll packs, histories and scenarios."""
    return share_dir() / "data"


def notebooks_dir() -> Path:
    """The folder of notebooks."""
    return share_dir() / "notebooks"


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file under a temporary name and rename it, so that a reader sees the old file or the new one."""
    raw = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return path
