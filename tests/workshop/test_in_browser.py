"""A learner takes a lesson in JupyterLab: opens it, runs it, guesses wrong twice, mends the answer."""

import os
from pathlib import Path

import pytest

from ecteam.workshop import copies
from tests.workshop import lab

SHOTS = os.environ.get("ECTEAM_SHOTS")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_learner_takes_the_lesson_on_hats(lang, tmp_path):
    words = {"en": ("Not yet", "You guessed"), "zh": ("还没完成", "你猜")}[lang]
    copies.write_copies(tmp_path / "lessons", lang=lang)
    said = []
    with lab.lab(tmp_path / "lessons", tmp_path) as address, lab.page(tmp_path) as page:
        page.on("pageerror", lambda error: said.append(str(error)))
        lab.opened(page, address.format(name="04_who_wears_which_hats.ipynb"))
        page.evaluate(lab.RUN_ALL)
        page.locator(".ecteam-open").nth(3).wait_for()
        assert page.locator(".ecteam-open").count() == 4
        assert words[0] in page.locator(".ecteam-open").first.inner_text()
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        shot(page, f"{lang}_as_shipped")
        lab.write_and_check(page, "my_least", "my_least = 4")
        page.locator(".ecteam-hint").wait_for()
        lab.write_and_check(page, "my_least", "my_least = 6")
        page.locator(".ecteam-reason").wait_for()
        lab.write_and_check(page, "my_least", "my_least = work_hour / 100")
        page.locator("[role=alert]").wait_for()
        assert "work_hours" in page.locator("[role=alert]").inner_text()
        lab.write_and_check(page, "my_least", "my_least = 5")
        page.locator(".ecteam-passed").wait_for()
        shot(page, f"{lang}_passed", ".ecteam-passed")
        wide = page.evaluate("() => { const p = document.querySelector('.jp-WindowedPanel-outer');"
                             " return p.scrollWidth - p.clientWidth; }")  # fmt: skip
        assert wide <= 1, "the lesson scrolls sideways"
    assert said == []


def shot(page, name, at=None):
    """Keep a screenshot where ECTEAM_SHOTS names a folder."""
    if SHOTS:
        if at:
            page.locator(at).scroll_into_view_if_needed()
        page.screenshot(path=str(Path(SHOTS) / f"lesson_{name}.png"))
