"""The command line: `ecteam report | batch | check | lessons | league | demo`. A mistake is a sentence, exit status 2.

Rooms are imported where they are used, so that `ecteam --help` answers at once.
"""

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from ecteam.inputs.checks import InputError, did_you_mean, reason
from ecteam.inputs.words import Note, use

LANGUAGES = ("en", "zh")
OF_A_BATCH = ("workers", "scheduler", "insecure", "resume", "show_pay", "lang", "pdf")


class OutputClosed(Exception):
    """Standard output takes no more: a pipe that was closed, a full disk."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 failed on the way, 2 wrong input, 130 stopped by Ctrl-C."""
    # What the terminal cannot show becomes a question mark, no failure.
    if hasattr(sys.stdout, "reconfigure"):
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.reconfigure(errors="replace")
    try:
        try:
            options = _parser().parse_args(arguments)
        except SystemExit:
            _say()
            raise
        return options.run(options)
    except InputError as error:
        _print_error(*error.mistakes)
        return 2
    except OutputClosed as error:
        _silence(sys.stdout)
        if isinstance(error.__cause__, BrokenPipeError):
            return 141
        _print_error(f"the output cannot be written: {reason(error.__cause__)}")
        return 1
    except KeyboardInterrupt:
        _print_error("stopped; nothing was written")
        return 130


def _say(*lines: str) -> None:
    """Print lines now, so that it is known whether anybody reads them."""
    try:
        for line in lines:
            print(line)
        if sys.stdout:
            sys.stdout.flush()
    except (OSError, ValueError) as error:
        raise OutputClosed from error


def _print_error(*sentences: str) -> None:
    try:
        for sentence in sentences:
            print(f"ecteam: {sentence}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """Send what is left in a broken stream nowhere: Python would write it at its end and fail again."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _path(text: str) -> Path:
    return Path(os.path.expanduser(text))


class _Version(argparse.Action):
    """Says which version this is and, by a mark that moves with every change of a table, which data."""

    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> None:
        from importlib.metadata import version

        from ecteam.inputs.files import data_version

        _say(f"ecteam {version('ecteam')}, data {data_version()}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ecteam", description="Which team does an e-commerce business need?")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the versions of ecteam and of its data")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], int], about: str, *parents: argparse.ArgumentParser) -> Any:
        """A command with the options of its parents, named like the function that runs it."""
        made = commands.add_parser(run.__name__.strip("_"), help=about, parents=parents)
        made.set_defaults(run=run)
        return made

    reads, writes = (argparse.ArgumentParser(add_help=False) for _ in range(2))
    change = "change a field of the scenario or a figure of the assumptions; may be repeated"
    reads.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="changes", help=change)
    column = "what a column of an order file is for, such as time='Paid on'; may be repeated"
    reads.add_argument("--column", action="append", default=[], help=column)
    zone = "the shop's own zone, such as Europe/London, for times in UTC or with offsets"
    reads.add_argument("--time-zone", help=zone)
    order = reads.add_mutually_exclusive_group()
    order.add_argument("--day-first", action="store_true", default=None, help="05/01/2026 is 5 January")
    order.add_argument("--month-first", action="store_false", dest="day_first", help="05/01/2026 is May 1")
    out = "folder of reports (default: reports)"
    writes.add_argument("--out", type=_path, default=Path("reports"), metavar="DIR", help=out)
    pay = "use the pay that was set, and show pay by role even where it is one person's"
    writes.add_argument("--show-pay", action="store_true", help=pay)
    writes.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the report (default: en)")
    writes.add_argument("--timeout", type=_count, metavar="SECONDS", help="longest time of a report (default: 120)")
    writes.add_argument("--pdf", action="store_true", help="print a PDF as well, by a Chromium of this machine")

    scenario = "a name in data/scenarios, or the path of a YAML file or plan.xlsx, or a fleet (CSV, XLSX)"
    add = command(_report, "make the team report of a scenario, or the report of a fleet", reads, writes).add_argument
    add("scenario", help=scenario)
    other = "another report: a name in notebooks/reports, such as stage_comparison, or a notebook of your own"
    add("--notebook", metavar="NAME", help=other)
    add = command(
        _check, "check a scenario and make its plan, or an order file, without writing anything", reads
    ).add_argument
    add("scenario", nargs="?", help=scenario)
    folder = "check this folder of data (default: the one in use); without a scenario, nothing else"
    add("--data", type=_path, metavar="DIR", help=folder)
    batch = command(_batch, "make the reports of a fleet of shops and an index page that ranks them", writes)
    add = batch.add_argument
    add("fleet", help="a CSV or XLSX file with one row a shop, or a name in data/scenarios/fleets")
    where = batch.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_count, default=2, metavar="N", help="processes on this machine (default: 2)")
    where.add_argument("--scheduler", metavar="tls://HOST:PORT", help="a running Dask cluster that sees the same files")
    add("--insecure", action="store_true", help="the --scheduler may be a tcp:// address, without TLS")
    add("--resume", action="store_true", help="keep the reports whose inputs have not changed")
    add("--skip-wrong-rows", action="store_true", help="make the other reports; wrong rows are failures")
    add = command(_league, "rank the teams of a workshop from their team.json, worked out again").add_argument
    add("folder", type=_path, help="a folder with each team's team.json, at any depth")
    add("--case", metavar="NAME", help="the case of the league (default: the one most teams play)")
    add("--lang", choices=LANGUAGES, default="en", help="language of the page")
    add = command(_lessons, "write the lessons of the workshop into a folder").add_argument
    add("folder", type=_path)
    add("--teacher", action="store_true", help="with an answer to every exercise, and the handouts")
    add("--lang", choices=LANGUAGES, help="in one language only (default: both)")
    command(_demo, "copy the notebooks and data into a folder to start from").add_argument("folder", type=_path)
    return parser


def _count(text: str) -> int:
    """A whole number of 1 or more, of an option."""
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def _planned(options: argparse.Namespace, out: Path | None = None) -> tuple[Any, Path]:
    """The plan and the scenario's file; tells every mistake that can be known before planning."""
    from ecteam.inputs.assumptions import load_assumptions
    from ecteam.inputs.history import say_of_history
    from ecteam.inputs.scenario_file import changes_of, read_scenario, scenario_path
    from ecteam.plan.plan import plan_shop

    fields, figures, mistakes = changes_of(options.changes)
    file = None
    try:
        file = scenario_path(options.scenario).resolve()
        scenario, saved = read_scenario(options.scenario, **fields)
        load_assumptions().with_values(**saved)
        if told := _order_file_told(options):
            if not scenario.history:
                raise InputError(f"{file.name} has no history; --column and the like say how to read an order file")
            say_of_history(scenario.history, told)
    except InputError as error:
        mistakes += error.mistakes
    if file and out:
        mistakes += _no_folder(out, file)
    if mistakes or not file:
        raise InputError(mistakes)
    return plan_shop(options.scenario, **fields, **figures), file


def _no_folder(out: Path, file: Path) -> list[str]:
    """Why no report folder named after a scenario's file can be in `out`."""
    stem = file.stem
    if not stem.strip(" .") or re.search(r"[/\\\x00-\x1f\x7f]", stem):
        return [f"{file.name!r} cannot name a report folder; rename the file, such as my_shop.yaml"]
    folder = out / stem
    if "\0" in str(folder):
        return [f"the report cannot be written to {str(folder)!r}: the name holds a NUL character"]
    try:
        # The longer name is that of a failed run's notebook.
        for path in (folder, folder.with_name(f"{stem}.failed.ipynb")):
            with contextlib.suppress(FileNotFoundError):
                path.lstat()
    except (OSError, ValueError) as error:
        return [f"the report cannot be written to {folder}: {reason(error)}"]
    return []


def _report(options: argparse.Namespace) -> int:
    # The notebook runs in a child forked from this process, which must have one thread when that comes.
    from ecteam.publish.workers import ONE_THREAD

    os.environ.update(ONE_THREAD | os.environ)
    from ecteam.publish.fleet import is_fleet
    from ecteam.publish.page import NoPdf
    from ecteam.publish.report import ReportFailed

    folder, missing = options.out, list[Path]()
    try:
        _refuse_orders(options.scenario)
        _refuse_own_data()
        folder, make = (_fleet_report if is_fleet(options.scenario) else _shop_report)(options)
        missing = [path for path in (options.out, *options.out.parents) if not path.exists()]
        page = make(lang=options.lang, pdf=options.pdf)
    except (ReportFailed, NoPdf) as error:
        _print_error(str(error))
        return 1
    except OSError as error:
        _print_error(f"the report cannot be written to {folder}: {reason(error)}")
        return 1
    except KeyboardInterrupt:
        # Folders that were made for the report and are empty.
        with contextlib.suppress(OSError):
            for path in missing:
                path.rmdir()
        raise
    _say(str(page), *([str(page.with_suffix(".pdf"))] if options.pdf else []))
    return 0


def _shop_report(options: argparse.Namespace) -> tuple[Path, Callable[..., Path]]:
    """The folder of a scenario's report, and what makes it."""
    notebook = _notebook(options.notebook)
    from ecteam.publish.report import ReportFailed, make_report
    from ecteam.publish.workers import REPORT_SECONDS, TimeIsUp, time_limit

    seconds = options.timeout or REPORT_SECONDS
    try:
        with time_limit(seconds):
            plan, file = _planned(options, options.out)
    except TimeIsUp:
        raise ReportFailed(f"the plan was not ready within {seconds:g} s and was stopped") from None
    folder = options.out / (f"{file.stem}-{notebook.stem}" if notebook else file.stem)
    more = {"notebook": notebook, "show_pay": options.show_pay, "seconds": seconds}
    return folder, partial(make_report, plan, str(file), folder, **more)


def _fleet_report(options: argparse.Namespace) -> tuple[Path, Callable[..., Path]]:
    """The same of a whole fleet, in the folder where its batch is."""
    from ecteam.publish.fleet import fleet_path, read_fleet
    from ecteam.publish.report import make_fleet_report

    file = fleet_path(options.scenario)
    mistakes = _no_folder(options.out, file) + _no_changes(options, file)
    if options.notebook:
        mistakes.append("--notebook is for a scenario; the report of a fleet has a notebook of its own")
    if mistakes:
        raise InputError(mistakes)
    folder = options.out / file.stem
    more = {"show_pay": options.show_pay, "seconds": options.timeout}
    return folder, partial(make_fleet_report, read_fleet(file), folder, **more)


def _no_changes(options: argparse.Namespace, file: Path) -> list[str]:
    """Why `--set` has no effect on a fleet."""
    return [f"--set changes a scenario; change the columns of {file.name} instead"] if options.changes else []


def _notebook(name: str | None) -> Path | None:
    """The notebook of another report: by its name in notebooks/reports, or by its path; None is the team report."""
    if name is None:
        return None
    from ecteam.inputs.files import notebooks_dir

    known = {path.stem: path for path in (notebooks_dir() / "reports").glob("*.ipynb")}
    if name in known:
        return None if name == "team_report" else known[name]
    path = _path(name)
    if path.suffix != ".ipynb" or "\0" in name or not path.is_file():
        raise InputError(
            f"there is no report notebook {name!r}; known are {', '.join(sorted(known))}{did_you_mean(name, known)}"
        )
    return path.resolve()


def _batch(options: argparse.Namespace) -> int:
    from ecteam.publish.batch import INDEX, BatchStopped, run_fleet
    from ecteam.publish.fleet import fleet_path, read_fleet
    from ecteam.publish.workers import REPORT_SECONDS

    _refuse_orders(options.fleet)
    _refuse_own_data()
    file = fleet_path(options.fleet)
    if mistakes := _no_folder(options.out, file):
        raise InputError(mistakes)
    out = options.out / file.stem
    go_on = "go on with --resume"
    try:
        rows = run_fleet(
            read_fleet(file, skip_wrong_rows=options.skip_wrong_rows),
            out,
            seconds=options.timeout or REPORT_SECONDS,
            **{name: getattr(options, name) for name in OF_A_BATCH},
        )
    except BatchStopped as error:
        _print_error(f"{error}; {go_on}")
        return 1
    except KeyboardInterrupt:
        _print_error(f"stopped; finished reports are in {out}: {go_on}")
        return 130
    failures = [row for row in rows if row["sentence"]]
    _print_error(*(f"{file.name} row {row['row']}, {row['name'] or 'no name'}: {row['sentence']}" for row in failures))
    _say(str(out / INDEX))
    return 1 if failures else 0


def _check(options: argparse.Namespace) -> int:
    from ecteam.inputs.files import data_dir
    from ecteam.inputs.order_files import ENDINGS

    if options.data:
        os.environ["ECTEAM_DATA"] = str(options.data)
    if whole := options.data or not options.scenario:
        _refuse_wrong_data()
        _say(f"{data_dir()} is in order: every file of data can be read")
    if not options.scenario:
        return 0
    path = _path(options.scenario)
    told = _order_file_told(options)
    if path.suffix.lower() in ENDINGS and (told or _order_table(path)):
        # It is read with a few files of data, which say themselves what is wrong with them.
        return _check_orders(path, told)
    if not whole:
        _refuse_wrong_data(every=False)
    from ecteam.publish.fleet import fleet_path, is_fleet, read_fleet

    if is_fleet(options.scenario):
        file = fleet_path(options.scenario)
        if mistakes := _no_changes(options, file):
            raise InputError(mistakes)
        _say(f"{file.name} is in order: {len(read_fleet(file).shops):,} shops")
        return 0
    plan, file = _planned(options)
    totals = plan.totals
    _say(
        f"{file.name} is in order: {totals['heads_first_month']} to {totals['heads_last_month']} heads, "
        f"{totals['cost_per_month']:,.0f} {plan.scenario.currency} a month",
        *_orders_read(plan.scenario.history),
        *(f"note: {note}" for note in plan.notes),
    )
    return 0


def _refuse_wrong_data(every: bool = True) -> None:
    """Refuse a folder of data with any mistake, or with one that a report of any scenario would meet."""
    from ecteam.data_check import OF_EVERY_REPORT, data_mistakes

    if mistakes := data_mistakes(only=() if every else OF_EVERY_REPORT):
        raise InputError(mistakes)


def _refuse_own_data() -> None:
    """The same before a report, unless the data are those that come with ecteam."""
    if os.environ.get("ECTEAM_DATA"):
        _refuse_wrong_data(every=False)


def _orders_read(history: str | None) -> list[str]:
    """What was read in the order history of a scenario."""
    from ecteam.inputs.history import load_history

    return [f"orders: {note}" for note in load_history(history).what_was_read()] if history else []


def _order_file_told(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of an order file, as its datasheet would."""
    told: dict[str, Any] = {}
    if options.column:
        from ecteam.inputs.order_dialects import MAPPED
    for word in options.column:
        name, equals, header = word.partition("=")
        if not equals or name not in MAPPED or not header:
            raise InputError(
                f"--column is {word!r}; it must be one of {', '.join(MAPPED)}, = and the header of a column"
            )
        told[f"{name}_column"] = header
    if options.time_zone:
        told["time_zone"] = options.time_zone
    if options.day_first is not None:
        told["day_first"] = options.day_first
    return told


def _order_table(path: Path) -> Any:
    """The table of an order file; None for a scenario, a plan or a fleet; refuses none of these."""
    from ecteam.inputs.order_dialects import looks_like_header, shown_headers
    from ecteam.inputs.order_files import ENDINGS, open_table
    from ecteam.inputs.scenario_file import is_plan_file
    from ecteam.publish.fleet import FLEET_COLUMNS, looks_like_fleet

    if path.suffix.lower() not in ENDINGS or not path.is_file():
        return None
    may_be_fleet = path.suffix.lower() in (".csv", ".xlsx")
    try:
        table = open_table(path, path.name, looks_like_header)
    except InputError:
        if may_be_fleet:
            return None
        raise
    if not may_be_fleet:
        return table
    if is_plan_file(str(path)) or FLEET_COLUMNS & {header.casefold() for header in table.headers}:
        return None
    if looks_like_header(table.headers) > 0:
        return table
    if not looks_like_fleet(table.headers):
        raise InputError(Note("neither_orders_nor_fleet", file=path.name, columns=shown_headers(table.headers)))
    return None


def _refuse_orders(name: str) -> None:
    """A report is of a scenario or a fleet: say what to do with an order file, or what this one holds instead."""
    path = _path(name)
    if table := _order_table(path):
        from ecteam.inputs.order_dialects import find_columns

        find_columns(table, {})
        raise InputError(Note("orders_need_a_scenario", file=path.name))


def _check_orders(path: Path, told: dict[str, Any]) -> int:
    from ecteam.inputs.datasheet import read_datasheet
    from ecteam.inputs.history import read_history

    if not path.is_file():
        raise InputError(f"there is no order file {path}")
    sheet = path.with_suffix(".yaml")
    history = read_history(path, path.name, read_datasheet(sheet) | told)
    _say(*map(str, history.what_was_read()))
    if told:
        kept = [
            f"{key}: {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in told.items()
        ]
        _say(f"To keep this, write into {sheet.name} beside it:", *kept)
    return 0


def _league(options: argparse.Namespace) -> int:
    from ecteam.workshop.copies import write
    from ecteam.workshop.league import league_page, read_league

    use(options.lang)
    league = read_league(options.folder, options.case)
    try:
        page = write(options.folder / "league.html", league_page(league))
    except OSError as error:
        raise InputError(f"{options.folder / 'league.html'} cannot be written: {reason(error)}") from None
    _print_error(*league.refused)
    _say(str(page))
    return 1 if league.refused else 0


def _lessons(options: argparse.Namespace) -> int:
    from ecteam.workshop.copies import write_copies, write_handouts

    try:
        write_copies(options.folder, teacher=options.teacher, lang=options.lang)
        if options.teacher:
            write_handouts(options.folder)
    except OSError as error:
        raise InputError(f"{options.folder} cannot be written: {reason(error)}") from None
    _say(f"open the lessons in {options.folder} with JupyterLab")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from ecteam.workshop.copies import copy_demo

    folder = options.folder
    copy_demo(folder)
    _say(
        f"{folder.resolve() / 'data'} is used when the variable ECTEAM_DATA names it; "
        f"open {folder / 'notebooks' / '00_start_here.ipynb'} in JupyterLab"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
