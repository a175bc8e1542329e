"""Every notebook as an app: code hidden, the same values, refused without the token, on this machine only."""

import urllib.error
import urllib.request

import psutil
import pytest

from ecteam.inputs.files import notebooks_dir
from tests.browser import driver
from tests.browser.moves import MOVES, follows
from tests.explore.test_upload import unknown

SAMPLE = [("10_startup_team", "en")]
ALL = [(name, "en") for name in MOVES] + [(name, "zh") for name in ("11_growth_team", "25_how_sure")]
RUNS = [pytest.param(*run, marks=() if run in SAMPLE else pytest.mark.slow, id="-".join(run)) for run in ALL]


@pytest.mark.parametrize(("name", "lang"), RUNS)
def test_a_notebook_is_an_app(name, lang, voila, watched):
    copy = driver.put(notebooks_dir() / f"{name}.ipynb", voila.folder, lang=lang)
    driver.open_app(watched.page, voila.address(copy))
    assert driver.error_outputs(watched.page) == []
    assert watched.page.locator(".jp-CodeCell .jp-InputArea, .cm-editor").count() == 0, "code is hidden"
    assert (driver.below_first_screen(watched.page), driver.screens(watched.page) <= 8) == ([], True)
    follows(watched.page, name, lang)
    driver.screenshot(watched.page, f"{name}.app.{lang}")
    assert driver.error_outputs(watched.page) == []
    assert driver.too_wide(watched.page) == []
    assert driver.other_language(watched.page, lang) == []
    assert (watched.errors, watched.outside) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "lang", "shop"),
    [
        ("22_organisation", "en", "tea_shop_maturity"),
        ("22_organisation", "zh", "tea_shop_maturity"),
        ("23_hiring_plan", "zh", "tea_shop_startup"),
    ],
)
def test_each_tab_of_a_notebook_fits_a_laptop_and_a_phone(name, lang, shop, voila, watched):
    page = watched.page
    driver.open_app(
        page, voila.address(driver.put(notebooks_dir() / f"{name}.ipynb", voila.folder, lang=lang, scenario=shop))
    )
    assert driver.below_first_screen(page) == []
    tabs = page.locator(".widget-tab > .lm-TabBar .lm-TabBar-tab")
    for tab in tabs.all() or [page.locator("h1:visible").first]:
        tab.click()
        page.wait_for_function("() => !document.querySelector('.ecteam-busy')")
        driver.widgets_there(page)
        assert (driver.too_wide(page), driver.broken_words(page)) == ([], [])
        assert driver.screens(page) <= 8
        page.set_viewport_size(driver.PHONE)
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        assert (driver.screens(page) <= 8, driver.broken_words(page)) == (True, [])
        page.set_viewport_size(driver.LAPTOP)
    assert (driver.error_outputs(page), watched.errors) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "button"), [("en", "Read the file so"), ("zh", "按此读取")])
def test_columns_of_an_order_file_are_said_in_the_browser(lang, button, voila, watched):
    page, (name, content) = watched.page, unknown()
    copy = driver.put(notebooks_dir() / "00_start_here.ipynb", voila.folder, lang=lang)
    driver.open_app(page, voila.address(copy))
    with page.expect_file_chooser() as chooser:
        page.locator(".widget-upload").first.click()
    chooser.value.set_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.locator(".ecteam-preview").wait_for()
    assert "Zebedee" not in page.locator("body").inner_text()
    form = page.locator(".widget-dropdown").filter(has=page.locator("option", has_text="2: moment"))
    form.first.locator("select").select_option(label="2: moment")
    driver.screenshot(page, f"columns.{lang}")
    page.get_by_role("button", name=button).click()
    page.locator(".ecteam-checked").wait_for()
    assert "56" in page.locator(".ecteam-checked").inner_text()
    assert driver.other_language(page, lang) == []
    assert (driver.error_outputs(page), watched.errors, watched.outside) == ([], [], [])


def test_the_app_opens_with_links_to_its_notebooks_and_asks_no_other_host(voila, watched):
    copy = driver.put(notebooks_dir() / "10_startup_team.ipynb", voila.folder)
    watched.page.goto(f"http://127.0.0.1:{voila.port}/?token={voila.token}")
    link = watched.page.get_by_text(copy.removesuffix(".ipynb").replace("_", " "))
    driver.screenshot(watched.page, "app")
    link.click()
    watched.page.locator("h1").first.wait_for(timeout=60_000)
    assert (watched.errors, watched.outside) == ([], [])


@pytest.mark.parametrize("path", ["", "voila/tree", "voila/render/10_startup_team.ipynb"])
@pytest.mark.parametrize("token", ["", "?token=", "?token=guess"])
def test_the_app_is_refused_without_its_token(path, token, voila):
    address = f"http://127.0.0.1:{voila.port}/{path}{token}"
    with urllib.request.urlopen(address) as answer:
        assert "/login?" in answer.url, "asked for the token instead"
        assert b"jp-Cell" not in answer.read()
    with urllib.request.urlopen(f"http://127.0.0.1:{voila.port}/?token={voila.token}") as answer:
        assert "/login" not in answer.url


@pytest.mark.parametrize("path", ["api/kernels/00000000-0000-0000-0000-000000000000", "voila/files/log"])
def test_the_app_gives_no_kernel_and_no_file_without_its_token(path, voila):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{voila.port}/{path}")
    assert refused.value.code in (403, 404)


def test_the_app_listens_on_this_machine_only(voila):
    process = psutil.Process(voila.pid)
    listening = [
        socket.laddr
        for one in (process, *process.children(recursive=True))
        for socket in one.net_connections("inet")
        if socket.status == psutil.CONN_LISTEN
    ]
    assert voila.port in {place.port for place in listening}
    assert {place.ip for place in listening} <= {"127.0.0.1", "::1"}
