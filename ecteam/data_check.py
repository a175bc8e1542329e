"""Is a folder of data in order? Every file is read as reports read it, so that none meets a mistake in it later."""

import csv
from collections.abc import Collection
from fnmatch import fnmatch
from pathlib import Path
from pkgutil import resolve_name

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError, Mistakes, reason
from ecteam.inputs.files import data_dir, data_files, share_dir
from ecteam.inputs.history import load_history
from ecteam.inputs.roster import read_responsibilities, read_roster
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import read_scenario
from ecteam.inputs.tables import read_fields, read_places, unknown
from ecteam.organisation.checkpoints import read_build_plan
from ecteam.organisation.rules import read_rules
from ecteam.pay.country_pack import load_pack, places
from ecteam.plan.people import read_skills

OF_EVERY_REPORT = ("assumptions", "orders", "organisation", "pay", "payroll", "reality", "stages", "words")
"""Folders of the data that a report reads, whatever its scenario."""
OF_AN_EXAMPLE = "organisation/taken_over_*"
"""What only a notebook's example reads: whoever renames a role or a duty need not rename it there."""
READERS = list(csv.DictReader(Path(__file__).with_name("data_readers.csv").read_text("utf-8").splitlines()))
"""Which function reads which files, and whether it takes the file or its folder; the first row that fits counts."""


def check_places(path: Path) -> None:
    """The cities, whose country packs and levels of pay must be there."""
    table = read_places(path).assign(file=path.name)
    table["row"] = table.index + 2
    names = {"place": places(path.parents[1] / "payroll"), "pay_level": load_assumptions(path.parent).numbers["key"]}
    Mistakes(unknown(table, names)).refuse()


def check_fields(path: Path) -> None:
    """The words of the scenario's fields."""
    read_fields(path, Scenario.model_fields)


def check_pack(path: Path) -> None:
    """A country pack; what others extend is none of its own and is read with each of them."""
    root = next(folder for folder in path.parents if folder.name == "payroll")
    place = path.relative_to(root).with_suffix("").as_posix()
    for name in [place] if not path.name.startswith("_") else places(root):
        if name.startswith(place.rpartition("/")[0]):
            load_pack(name, root)


def check_skills(path: Path) -> None:
    """What a role can do beside its own work."""
    known = load_assumptions()
    read_skills(known.duties["post"].unique(), known.roles["like"].to_dict(), path)


def check_build_plan(path: Path) -> None:
    """The tasks of a new shop."""
    read_build_plan(read_rules(), path)


def check_roster(path: Path) -> None:
    """The people of a department that is taken over."""
    Mistakes(read_roster(path, load_assumptions().roles).mistakes).refuse()


def check_responsibilities(path: Path) -> None:
    """Its duties."""
    Mistakes(read_responsibilities(path, load_assumptions().duties).mistakes).refuse()


def check_history(path: Path) -> None:
    """An order file, or the datasheet beside it."""
    load_history(str(path.with_suffix(".csv")))


def check_scenario(path: Path) -> None:
    """A scenario."""
    read_scenario(str(path))


def check_cases(path: Path) -> None:
    """A table of the workshop's cases."""
    # Its import takes seconds, and only a check of all data needs it.
    from ecteam.workshop.cases import case_table

    case_table(path.stem, path.parent)


def data_mistakes(root: Path | None = None, only: Collection[str] = ()) -> list[str]:
    """Everything that is wrong in a folder of data, by default the one in use; `only` some of its files or folders.

    A file that ecteam's own data has must be there; files beside them are read as far as their place says how.
    """
    root = root or data_dir()
    files = dict.fromkeys([*data_files(share_dir() / "data"), *data_files(root)])
    asked = [
        file
        for file in files
        if not only or file in only or (file.partition("/")[0] in only and not fnmatch(file, OF_AN_EXAMPLE))
    ]
    return list(dict.fromkeys(sentence for file in asked for sentence in _mistakes_of(root, file)))


def _mistakes_of(root: Path, file: str) -> list[str]:
    path = root / file
    if not path.is_file():
        return [f"there is no file {file} in {root}"]
    reader = next((row for row in READERS if fnmatch(file, row["files"])), None)
    try:
        if reader:
            resolve_name(f"ecteam.{reader['reader']}")(path if reader["takes"] == "file" else path.parent)
    except InputError as error:
        return [one if path.name in one else f"{file}: {one}" for one in error.mistakes]
    # Whatever a damaged file makes a reader raise is said of the file.
    except Exception as error:
        return [f"{file} cannot be used: {reason(error)}"]
    return []
