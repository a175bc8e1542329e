"""What a person waits for: from a slider's key press to the new picture in JupyterLab, and for the first screen."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ecteam import load_scenario, make_plan
from ecteam.inputs.files import notebooks_dir
from tests.benchmarks.result import Result
from tests.browser import driver
from tests.browser.moves import MOVES, slider

STAGES = ("10_startup_team", "11_growth_team", "12_mature_team")
FIRST = "00_start_here"
MOVED = "orders_per_day"
PRESSES, WARMING = 40, 4
MODELS_MS = {"tea_shop_startup": 150, "tea_shop_growth": 300, "tea_shop_maturity": 300}

WATCH = """() => {
    const seen = window.seen = {pressed: 0, shown: 0};
    document.addEventListener('keydown', () => { seen.pressed = performance.now(); seen.shown = 0; }, true);
    const picture = document.querySelector('img.widget-image');
    picture.addEventListener('load', () => requestAnimationFrame(() => { seen.shown = performance.now(); }));
}"""


def waits_ms(page, lang: str = "en") -> list[float]:
    """Milliseconds from each press on a slider to the new picture, there and back again."""
    handle = slider(page, MOVED, lang)
    page.evaluate(WATCH)
    waits = []
    for i in range(WARMING + PRESSES):
        handle.press("ArrowRight" if i % 8 < 4 else "ArrowLeft")
        page.wait_for_function("() => window.seen.shown > window.seen.pressed", timeout=20_000)
        waits.append(page.evaluate("() => window.seen.shown - window.seen.pressed"))
    return waits[WARMING:]


def models_ms(scenario: str, times: int = 12) -> float:
    """The models' share of a move: the plan and its people, at orders a day that were not asked before."""
    shop, took = load_scenario(scenario), []
    for i in range(times + 2):
        moved = shop.with_changes(orders_per_day=shop.orders_per_day * (1 + 0.01 * i))
        start = time.perf_counter()
        assert len(make_plan(moved).people) > 0
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took[2:])


def open_and_run(page, address: str) -> float:
    """Seconds until a notebook is open, has run and shows its first picture."""
    start = time.perf_counter()
    driver.open_in_lab(page, address)
    driver.run_all(page)
    page.locator("img.widget-image").first.wait_for()
    return time.perf_counter() - start


def benchmarks() -> Iterator[Result]:
    program = driver.chromium()
    if program is None:
        print(f"bench_browser is left out: none of {', '.join(driver.BROWSERS)} is installed")
        return
    from playwright.sync_api import sync_playwright

    print(f"bench_browser: load of the machine {os.getloadavg()[0]:.1f}")
    with (
        tempfile.TemporaryDirectory() as home,
        driver.server("lab", Path(home) / "lab") as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=driver.FLAGS)
        for name in STAGES:
            page = browser.new_page(viewport=driver.LAPTOP)
            open_and_run(page, lab.address(driver.put(notebooks_dir() / f"{name}.ipynb", lab.folder)))
            waits = sorted(waits_ms(page))
            page.close()
            slow = waits[round(0.95 * len(waits)) - 1]
            yield Result(f"slider to picture, median: {name}", statistics.median(waits), "ms", at_most=200)
            yield Result(f"slider to picture, 95th of 100: {name}", slow, "ms", at_most=400)
            scenario = MOVES[name].scenario
            models = models_ms(scenario)
            yield Result(f"models of a move, people too: {scenario}", models, "ms", at_most=MODELS_MS[scenario])
        seconds = []
        for _ in range(3):
            page = browser.new_page(viewport=driver.LAPTOP)
            seconds.append(open_and_run(page, lab.address(driver.put(notebooks_dir() / f"{FIRST}.ipynb", lab.folder))))
            page.close()
        yield Result(f"open and run {FIRST}, median of three", statistics.median(seconds), "s", at_most=8)
        browser.close()
