"""Capabilities, and the tables and the chart of who answers for what: what they show, in English and Chinese."""

import re
from datetime import date

import pandas as pd
import pytest
from matplotlib import dates as mdates

from ecteam.analysis.takeover import difference, first_30_days
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.words import label, use
from ecteam.organisation.accountability import capabilities_without_owner, capability_matrix, findings
from ecteam.organisation.checkpoints import checkpoints, read_build_plan, scheduled
from ecteam.organisation.rules import read_rules
from ecteam.view import accountability as tables
from ecteam.view.accountability import gantt

RULES = read_rules()
DUTIES = load_assumptions().duties
LANGUAGES = ["en", "zh"]


def table(*rows):
    return pd.DataFrame(rows, columns=["duty", "person", "accountable"])


NOW = table(
    ("set_prices", "Ann <b>", True),
    ("pack_orders", "everyone", True),
    ("pack_orders", "Ben", False),
    ("pick_orders", "Ben", True),
    ("pick_orders", "Cid", True),
)
MINE = DUTIES.loc[["set_prices", "pack_orders", "pick_orders", "count_stock"]]
FOUND = findings(NOW, MINE, RULES)
TASKS = read_build_plan(RULES)
SLOW = TASKS.assign(weeks_typical=TASKS["weeks_high"])
CUT = checkpoints(scheduled(SLOW, date(2027, 1, 4)), RULES, {"helmsman": "Chen"})


class TestCapabilities:
    def test_every_duty_is_counted_once_and_every_gap_is_named(self):
        whole = table(*((duty, f"{role} 1", True) for duty, role in DUTIES["role"].items()))
        for gone in ([], ["pack_orders"], ["recruit_people", "run_payroll", "train_newcomers", "look_after_staff"]):
            matrix = capability_matrix(whole[~whole["duty"].isin(gone)], DUTIES, RULES)
            assert matrix["duties"].sum() == len(DUTIES)
            assert matrix["owned"].sum() == len(DUTIES) - len(gone)
            assert sorted(filter(None, "; ".join(matrix["gaps"]).split("; "))) == sorted(gone)
            assert not capabilities_without_owner(matrix)

    def test_a_capability_that_nobody_owns_is_named(self):
        matrix = capability_matrix(NOW, MINE, RULES)
        assert capabilities_without_owner(matrix) == ["organisation_growth"]
        assert matrix.iloc[0].to_list() == ["organisation_growth", "", 0, 0, "", ""]
        stock = matrix[matrix["post"] == "stock_keeping"].iloc[0]
        assert stock["owners"] == "Ben; Cid"
        assert stock["gaps"] == "pack_orders; count_stock", "a group owns nothing"


class TestTables:
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_grid_shows_every_mark_once_and_faults_in_red(self, lang):
        use(lang)
        html = tables.accountability_grid(NOW, MINE, RULES, found=FOUND).to_html()
        marks = {kind: label(f"mark_{kind}") for kind in ("owns", "works")}
        assert len(re.findall(rf">{marks['owns']}</td>", html)) == 4
        assert len(re.findall(rf">{marks['works']}</td>", html)) == 1
        assert "<b>" not in html
        assert html.index("Ben") < html.index("everyone"), "groups stand last"
        assert ("3 of 4 duties" in html) if lang == "en" else ("4 项职责中有 3 项" in html)

    def test_a_deputy_has_a_mark_of_their_own(self):
        rows = NOW.assign(deputy=[False, False, True, False, False])
        html = tables.accountability_grid(rows, MINE, RULES).to_html()
        assert len(re.findall(r">D</td>", html)) == 1

    def test_a_grid_of_nobody_is_no_error(self):
        assert "Count stock" in tables.accountability_grid(NOW.head(0), MINE, RULES).to_html()

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_table_is_in_its_language(self, lang):
        use(lang)
        clean = table(*((duty, f"{role} 1", True) for duty, role in MINE["role"].items()))
        shown = [
            tables.findings_table(FOUND),
            tables.difference_table(difference(NOW, clean, MINE, RULES, found=FOUND), MINE),
            tables.first_days_table(first_30_days(FOUND, MINE, RULES, start=date(2026, 12, 1), managers={})),
            tables.capability_table(capability_matrix(NOW, MINE, RULES), MINE),
            tables.checkpoint_table(CUT),
        ]
        for styler in shown:
            html = styler.to_html()
            words = re.sub(r"<style.*?</style>|<[^>]*>", " ", html, flags=re.S)
            chinese = len(re.findall(r"[\u4e00-\u9fff]", words))
            assert (chinese == 0) if lang == "en" else (chinese > 20)
            assert styler.caption
            assert "<b>" not in html

    def test_the_captions_count(self):
        assert tables.findings_table(FOUND).caption == "4 faults, 3 of high severity"
        assert tables.findings_table(FOUND.head(0)).caption == "No fault was found"
        assert tables.capability_table(capability_matrix(NOW, MINE, RULES), MINE).caption == (
            "Nobody owns Organisation growth; 2 of 4 duties are owned"
        )
        assert tables.checkpoint_table(CUT).caption == "27 checkpoints; the longest stretch of a task is 4.0 weeks"


class TestGantt:
    def test_a_bar_a_task_a_mark_a_checkpoint_and_the_owner_on_the_row(self):
        ax = gantt(CUT)
        bars, marks = ax.collections
        assert len(bars.get_paths()) == CUT["task"].nunique()
        offsets = marks.get_offsets()
        assert len(offsets) == len(CUT)
        assert max(offsets[:, 0]) == mdates.date2num(CUT["due"].max()) + 1, "the mark stands at the end of the due day"
        names = [text.get_text() for text in ax.get_yticklabels()]
        assert names[0] == "Choose industry and platform route · Chen"
        assert all(name.endswith(" · Chen") for name in names)
        assert f"{len(CUT)} checkpoints" in ax.get_title(loc="left") + ax.get_title()
