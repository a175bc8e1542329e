"""The notebooks and data of the package as a folder of one's own to start from."""

import shutil
from pathlib import Path

from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import data_dir, notebooks_dir
from ecteam.workshop.copies import write_copies


def copy_demo(folder: Path) -> None:
    """Copy notebooks, lessons without their answers, and data into a new folder.

    Raises `InputError` if the folder is there already or cannot be written; nothing is left of half a copy.
    """
    if "\0" in str(folder):
        raise InputError(f"{str(folder)!r} cannot be written: the name holds a NUL character")
    sources = (notebooks_dir(), data_dir())
    try:
        if folder.lstat():
            raise InputError(f"{folder} is there already; name a new folder")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {reason(error)}") from None
    if any(source.resolve() in folder.resolve().parents for source in sources):
        raise InputError(f"{folder} lies in the folder that is copied; name another folder")
    made = [path for path in (folder, *folder.parents) if not path.exists()][-1]
    left_out = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    try:
        for source in sources:
            shutil.copytree(source, folder / source.name, ignore=left_out)
        # The lessons as they were written hold their answers.
        lessons = folder / sources[0].name / "workshop"
        shutil.rmtree(lessons)
        write_copies(lessons)
    except BaseException as error:
        # Half a copy is nothing to start from.
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise InputError(f"{folder} cannot be written: {reason(error)}") from None
        raise
