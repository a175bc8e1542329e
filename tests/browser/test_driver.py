"""The driver sees what it is there to see: too wide, errors shown or in the console, another host, two languages."""

import pytest

from tests.browser import driver

OUTPUT = '<div class="jp-OutputArea-output" style="width: 400px; overflow: auto">{}</div>'


@pytest.mark.parametrize(
    ("inside", "wide"),
    [
        ('<div style="width: 300px; height: 9px">fits</div>', False),
        ('<div style="width: 500px; height: 9px">too wide</div>', True),
        ('<div style="overflow-x: auto; width: 90px"><div style="width: 200px; height: 9px">scrolls</div></div>', True),
        ("<table><tr><td style='white-space: nowrap'>" + "word " * 90 + "</td></tr></table>", True),
    ],
)
def test_what_is_too_wide_is_seen(inside, wide, watched):
    watched.page.set_content(OUTPUT.format(inside))
    assert bool(driver.too_wide(watched.page)) == wide


@pytest.mark.parametrize("kind", ["stderr", "error"])
def test_an_error_shown_is_seen(kind, watched):
    page = watched.page
    page.set_content(f'<div class="widget-output"><div data-mime-type="application/vnd.jupyter.{kind}">no</div></div>')
    assert driver.error_outputs(page) == ["no"]


def test_errors_of_the_console_and_of_scripts_are_seen(watched):
    watched.page.set_content("<script>console.log('fine'); console.error('bad'); setTimeout(() => nothing())</script>")
    watched.page.wait_for_function("() => document.readyState === 'complete'")
    watched.page.evaluate("() => new Promise(done => setTimeout(done))")
    assert [error.split(" [")[0] for error in watched.errors] == ["bad", "nothing is not defined"]


def test_a_request_to_another_host_is_seen(watched):
    watched.page.set_content('<img src="http://host.invalid/picture.png">')
    assert watched.outside == ["http://host.invalid/picture.png"]


def test_a_text_in_the_other_language_is_seen(watched):
    page = watched.page
    page.set_content('<div lang="en">work</div><div lang="zh">工作</div>')
    assert driver.other_language(page, "en") == ["工作"]
    assert driver.other_language(page, "zh") == ["work"]
    page.add_style_tag(content="div[lang=zh] { display: none }")
    assert driver.other_language(page, "en") == []
