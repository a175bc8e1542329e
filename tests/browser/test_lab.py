"""Every notebook in a real JupyterLab: it runs, its control moves it, nothing is wrong and nothing is too wide."""

import pytest

from ecteam.inputs.files import notebooks_dir
from tests.browser import driver
from tests.browser.moves import MOVES, follows

NOTEBOOKS = list(MOVES)
SAMPLE = [("10_startup_team", "en")]
ALL = [(name, lang) for name in NOTEBOOKS for lang in ("en", "zh")]
RUNS = [pytest.param(*run, marks=() if run in SAMPLE else pytest.mark.slow, id="-".join(run)) for run in ALL]


@pytest.mark.parametrize(("name", "lang"), RUNS)
def test_a_notebook_is_a_pleasure_in_jupyterlab(name, lang, lab, watched):
    copy = driver.put(notebooks_dir() / f"{name}.ipynb", lab.folder, lang=lang)
    driver.open_in_lab(watched.page, lab.address(copy))
    driver.run_all(watched.page)
    assert driver.error_outputs(watched.page) == []
    assert (driver.below_first_screen(watched.page), driver.screens(watched.page) <= 8) == ([], True)
    follows(watched.page, name, lang)
    driver.screenshot(watched.page, f"{name}.lab.{lang}")
    assert driver.error_outputs(watched.page) == []
    assert (driver.too_wide(watched.page), driver.broken_words(watched.page)) == ([], [])
    if (keep := watched.page.get_by_role("button", name="Keep as A")).count():
        keep.first.click()
        watched.page.locator(".ecteam-side").first.wait_for()
        assert (driver.too_wide(watched.page), driver.broken_words(watched.page)) == ([], [])
    assert driver.other_language(watched.page, lang) == []
    assert (watched.errors, watched.outside) == ([], [])


def test_every_notebook_to_explore_is_driven():
    assert {path.stem for path in notebooks_dir().glob("*.ipynb")} == set(NOTEBOOKS)
