"""The five shops of the workshop, and the event cards that change them."""

import pandas as pd

from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir
from ecteam.scenario import Scenario
from ecteam.scenario_file import load_scenario


def cases() -> list[str]:
    """The names of the cases.

    >>> "tea" in cases()
    True
    """
    return sorted(path.stem for path in (data_dir() / "workshop" / "cases").glob("*.yaml"))


def load_case(name: str, **changes: object) -> Scenario:
    """The shop of a case, with some fields changed.

    >>> load_case("tea").return_share
    0.04
    >>> load_case("tee")
    Traceback (most recent call last):
    ecteam.errors.InputError: there is no case 'tee'; did you mean 'tea'?
    """
    if name not in cases():
        raise InputError(f"there is no case {name!r}{did_you_mean(name, cases())}")
    return load_scenario(str(data_dir() / "workshop" / "cases" / f"{name}.yaml"), **changes)


def case_table(name: str) -> pd.DataFrame:
    """A table of the workshop's own, in `data/workshop`; its first lines say where it comes from.

    >>> case_table("duty_table").columns.tolist()
    ['duty', 'person', 'role']
    """
    return pd.read_csv(data_dir() / "workshop" / f"{name}.csv", comment="#", keep_default_na=False)
