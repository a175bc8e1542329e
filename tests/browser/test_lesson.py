"""A learner takes a lesson in JupyterLab: opens it, runs it, guesses wrong twice, mistypes, mends the answer."""

import nbformat
import pytest

from ecteam.inputs.files import notebooks_dir
from ecteam.workshop import copies
from tests.browser import driver

LESSON = notebooks_dir() / "workshop" / "04_who_wears_which_hats.ipynb"
WRITE = """async ([start, text]) => {
  const book = window.jupyterapp.shell.currentWidget.content;
  const find = (start, from) => book.widgets.findIndex(
      (cell, i) => i >= from && cell.model.sharedModel.getSource().startsWith(start));
  const at = find(start, 0);
  book.widgets[at].model.sharedModel.setSource(text);
  for (const step of [at, find('check(', at)]) {
    book.activeCellIndex = step;
    await window.jupyterapp.commands.execute('notebook:run-cell');
  }
}"""
WORDS = {"en": ("Not yet", "did you mean 'work_hours'"), "zh": ("还没完成", "work_hours")}


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_a_learner_takes_the_lesson_on_hats(lang, lab, watched):
    page, name = watched.page, f"lesson_{lang}.ipynb"
    nbformat.write(copies.copy_of(nbformat.read(LESSON, as_version=4), lang), lab.folder / name)
    driver.open_in_lab(page, lab.address(name))
    driver.run_all(page)
    assert page.locator(".ecteam-open").count() == 4
    assert WORDS[lang][0] in page.locator(".ecteam-open").first.inner_text()
    assert driver.error_outputs(page) == []
    assert driver.too_wide(page) == []
    driver.screenshot(page, f"lesson_{lang}_as_shipped")

    def write(text):
        page.evaluate(WRITE, ["my_least", text])

    write("my_least = 4")
    page.locator(".ecteam-hint").wait_for()
    write("my_least = 6")
    page.locator(".ecteam-reason").wait_for()
    write("my_least = work_hour / 130")
    page.locator("[role=alert]").wait_for()
    assert WORDS[lang][1] in page.locator("[role=alert]").inner_text()
    driver.screenshot(page, f"lesson_{lang}_mistyped")
    write("my_least = 5")
    page.locator(".ecteam-passed").wait_for()
    driver.screenshot(page, f"lesson_{lang}_passed")
    assert driver.error_outputs(page) == []
    assert watched.errors == []
    assert watched.outside == []
