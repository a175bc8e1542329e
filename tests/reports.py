"""Reports that several tests look at, each made once in a session."""

import tempfile
from functools import cache
from pathlib import Path

from ecteam import load_scenario, make_plan
from ecteam.inputs.scenario_file import scenario_path
from ecteam.publish import report


@cache
def made_report(shop: str, lang: str = "en") -> Path:
    """The page of a shop's report; its folder is of this session and ends with it."""
    file = str(scenario_path(shop))
    folder = Path(_session().name) / lang / shop
    return report.make_report(make_plan(load_scenario(file)), file, folder, lang=lang)


@cache
def _session() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="ecteam-tests-")


def end_session() -> None:
    """Remove the folder of the reports, if any was made."""
    if _session.cache_info().currsize:
        _session().cleanup()
