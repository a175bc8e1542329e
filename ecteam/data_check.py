"""Is a folder of data in order? Every file is read as reports read it, so that none meets a mistake in it later."""

from collections.abc import Callable, Collection
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ecteam.analysis.stages import read_stages
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import data_dir, data_files, share_dir
from ecteam.inputs.history import load_history
from ecteam.inputs.order_dialects import dialects, header_words, not_orders, states, usual_columns
from ecteam.inputs.posts import read_posts
from ecteam.inputs.roster import read_responsibilities, read_roster
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import read_scenario
from ecteam.inputs.tables import read_activities, read_fields, read_places, unknown
from ecteam.inputs.words import read_catalogue
from ecteam.organisation.checkpoints import read_build_plan, read_vague_words
from ecteam.organisation.lines import read_lines
from ecteam.organisation.reports import read_reports
from ecteam.organisation.rules import read_rules
from ecteam.organisation.structures import read_steps
from ecteam.pay.country_pack import load_pack, places
from ecteam.people.limits import read_limits
from ecteam.plan.people import read_skills
from ecteam.publish.fleet import read_fleet
from ecteam.staffing import rules_of_thumb
from ecteam.staffing.shifts import read_patterns

OF_EVERY_REPORT = ("assumptions", "orders", "organisation", "pay", "payroll", "reality", "stages", "words")
"""Folders of the data that a report reads, whatever its scenario."""

Read = Callable[[Path], Any]


def _places(path: Path) -> None:
    table = read_places(path).assign(file=path.name)
    table["row"] = table.index + 2
    names = {"place": places(path.parents[1] / "payroll"), "pay_level": load_assumptions(path.parent).numbers["key"]}
    if mistakes := list(unknown(table, names)):
        raise InputError(mistakes)


def _pack(path: Path) -> None:
    root = next(folder for folder in path.parents if folder.name == "payroll")
    place = path.relative_to(root).with_suffix("").as_posix()
    # What others extend is no pack of its own: it is read with each of them.
    for name in [place] if not path.name.startswith("_") else places(root):
        if name.startswith(place.rpartition("/")[0]):
            load_pack(name, root)


def _skills(path: Path) -> None:
    known = load_assumptions()
    read_skills(known.duties["post"].unique(), known.roles["like"].to_dict(), path)


def _imported(read: Callable[..., Any], table: str) -> Read:
    def of(path: Path) -> None:
        if mistakes := read(path, getattr(load_assumptions(), table)).mistakes:
            raise InputError(mistakes)

    return of


# Only a check of all data reads these; what they import takes seconds.
def _sampling(path: Path) -> None:
    from ecteam.analysis.defenders import read_sampling_tables

    read_sampling_tables(path.parent)


def _published(path: Path) -> None:
    from ecteam.analysis.reality import read_published_teams

    read_published_teams(path)


def _bearing(path: Path) -> None:
    from ecteam.analysis.options import read_bearing

    read_bearing(path)


def _lesson(path: Path) -> None:
    from ecteam.workshop.lesson import read_lesson_file

    read_lesson_file(path)


def _workshop_table(path: Path) -> None:
    from ecteam.workshop.cases import case_table

    case_table(path.stem, path.parent)


READERS: dict[str, Read] = {
    "assumptions/places.csv": _places,
    "assumptions/activities.csv": read_activities,
    "assumptions/fields.csv": lambda path: read_fields(path, Scenario.model_fields),
    "assumptions/shifts.csv": read_patterns,
    "assumptions/rules_of_thumb.csv": rules_of_thumb.read_rules,
    "assumptions/bears_on.csv": _bearing,
    "assumptions/*.csv": lambda path: load_assumptions(path.parent),
    "history/*": lambda path: load_history(str(path.with_suffix(".csv"))),
    "orders/dialects.yaml": lambda path: dialects(path.parent),
    "orders/not_orders.yaml": lambda path: not_orders(path.parent),
    "orders/header_words.yaml": lambda path: header_words(path.parent),
    "orders/usual_columns.yaml": lambda path: usual_columns(path.parent),
    "orders/states.csv": lambda path: states(path.parent),
    "organisation/skills.csv": _skills,
    "organisation/limits.csv": read_limits,
    "organisation/reports.csv": read_reports,
    "organisation/order_to_cash.csv": read_steps,
    "organisation/vague_words.csv": read_vague_words,
    "organisation/build_plan.csv": lambda path: read_build_plan(read_rules(), path),
    "organisation/spans.csv": lambda path: read_lines(path.parent),
    "organisation/departments.csv": lambda path: read_lines(path.parent),
    "organisation/taken_over_roster.csv": _imported(read_roster, "roles"),
    "organisation/taken_over_department.csv": _imported(read_responsibilities, "duties"),
    "organisation/*.csv": lambda path: read_rules(path.parent),
    "pay/*.csv": lambda path: read_posts(path.parent),
    "payroll/*.yaml": _pack,
    "quality/*.csv": _sampling,
    "reality/published_teams.csv": _published,
    "scenarios/fleets/*.csv": read_fleet,
    "stages/*.csv": lambda path: read_stages(path.parent),
    "words/zh.po": read_catalogue,
    "workshop/cases/orders/*": lambda path: load_history(str(path.with_suffix(".csv"))),
    "workshop/lessons/*.yaml": _lesson,
    "workshop/*.csv": _workshop_table,
    "*/*.yaml": lambda path: read_scenario(str(path)),
}
"""Pattern of a file's place -> what reads it; the first that fits."""


def data_mistakes(root: Path | None = None, only: Collection[str] = ()) -> list[str]:
    """Everything that is wrong in a folder of data, by default the one in use; `only` some of its files or folders.

    A file that ecteam's own data has must be there; files beside them are read as far as their place says how.
    """
    root = root or data_dir()
    files = dict.fromkeys([*data_files(share_dir() / "data"), *data_files(root)])
    asked = [file for file in files if not only or file in only or file.partition("/")[0] in only]
    return list(dict.fromkeys(sentence for file in asked for sentence in _mistakes_of(root, file)))


def _mistakes_of(root: Path, file: str) -> list[str]:
    path = root / file
    if not path.is_file():
        return [f"there is no file {file} in {root}"]
    read = next((reader for pattern, reader in READERS.items() if fnmatch(file, pattern)), None)
    try:
        if read:
            read(path)
    except InputError as error:
        return [one if path.name in one else f"{file}: {one}" for one in error.mistakes]
    # Whatever a damaged file makes a reader raise is said of the file.
    except Exception as error:
        return [f"{file} cannot be used: {reason(error)}"]
    return []
