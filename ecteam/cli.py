"""The command line: `ecteam report | check | demo`. Wrong input is a sentence for each mistake and exit status 2.

Rooms are imported where they are used, so that `ecteam --help` answers at once.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ecteam.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 failed on the way, 2 wrong input."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except InputError as error:
        for sentence in error.mistakes:
            print(f"ecteam: {sentence}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ecteam", description="Which team does an e-commerce business need?")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, words in (
        ("report", _report, "make the team report of a scenario"),
        ("check", _check, "check a scenario and make its plan, without writing anything"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("scenario", help="a name in data/scenarios, or the path of a YAML file")
        command.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            dest="changes",
            help="change a field of the scenario or a figure of the assumptions; may be repeated",
        )
        command.set_defaults(run=run)
        if name == "report":
            command.add_argument(
                "--out", type=Path, default=Path("reports"), metavar="DIR", help="folder of reports (default: reports)"
            )
    demo = commands.add_parser("demo", help="copy the notebooks and data into a folder to start from")
    demo.add_argument("folder", type=Path)
    demo.set_defaults(run=_demo)
    return parser


def _planned(options: argparse.Namespace) -> tuple[Any, str, dict[str, Any]]:
    """The plan, the scenario's file and the changes, everything checked."""
    from ecteam.plan import plan_shop
    from ecteam.scenario_file import scenario_path

    changes = dict(_change(text) for text in options.changes)
    return plan_shop(options.scenario, **changes), str(scenario_path(options.scenario).resolve()), changes


def _change(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise InputError(f"--set {text!r} is not understood; write --set NAME=VALUE, such as orders_per_day=420")
    # YAML would read 2027-01 or 010 as something else than what was typed.
    return name, value if re.fullmatch(r"\d{4}-\d\d|0\d+", value) else yaml.safe_load(value)


def _report(options: argparse.Namespace) -> int:
    plan, file, changes = _planned(options)
    from ecteam.publish.report import ReportFailed, make_report

    try:
        page = make_report(plan, file, options.out / Path(file).stem, changes=changes)
    except ReportFailed as error:
        print(f"ecteam: {error}", file=sys.stderr)
        return 1
    print(page)
    return 0


def _check(options: argparse.Namespace) -> int:
    plan, file, _ = _planned(options)
    totals = plan.totals()
    print(
        f"{Path(file).name} is in order: {totals['heads_first_month']} to {totals['heads_last_month']} heads, "
        f"{totals['cost_per_month']:,.0f} {plan.scenario.currency} a month"
    )
    for note in plan.notes:
        print(f"note: {note}")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from ecteam.files import data_dir, notebooks_dir

    if options.folder.exists():
        raise InputError(f"{options.folder} is there already; name a new folder")
    try:
        for source in (notebooks_dir(), data_dir()):
            shutil.copytree(
                source, options.folder / source.name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
            )
    except OSError as error:
        raise InputError(f"{options.folder} cannot be written: {(error.strerror or str(error)).lower()}") from None
    print(f"{options.folder.resolve() / 'data'} is used when the variable ECTEAM_DATA names it; open {options.folder / 'notebooks' / '10_startup_team.ipynb'} in JupyterLab")
    return 0


if __name__ == "__main__":
    sys.exit(main())
