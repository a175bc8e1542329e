"""The league ranks what the models find, not what a file says; what is wrong with a file is one kind sentence."""

import json
import shutil

import pytest

from ecteam.cli import main
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import using
from ecteam.workshop.answers import NotYet
from ecteam.workshop.cases import load_case, play
from ecteam.workshop.league import export_team, read_league, read_team_file
from tests.workshop.answers import SPARED

GUESSES = {"heads_last_month": 6, "cost_per_month": 70_000, "cost_per_order": 30}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """Three teams of the tea shop: as given, with a post spared, with loose promises and a wild guess."""
    folder = tmp_path_factory.mktemp("league")
    tea = load_case("tea").changed(part_time=False, may_buy="none")
    export_team("Plain", tea, GUESSES, folder=folder / "plain")
    with using("zh"):
        export_team("精打细算", tea, GUESSES | {"cost_per_order": 32}, SPARED, folder / "careful")
    export_team("Loose", tea.changed(outsourced_service_share=0.5), GUESSES | {"cost_per_month": 400_000},
                folder=folder / "loose")  # fmt: skip
    return folder


@pytest.fixture
def folder(handed_in, tmp_path):
    return shutil.copytree(handed_in, tmp_path / "league")


def doctored(folder, whose="plain", **changes):
    """A team's file with some parts changed by hand; None takes a part away."""
    path = folder / whose / "team.json"
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return path


def test_the_league_ranks_by_what_the_models_find(folder):
    league = read_league(folder)
    assert league.refused == ()
    table = league.table.set_index("team")
    assert table["place"].to_dict() == {"精打细算": 1, "Plain": 2, "Loose": 3}
    assert table.loc["精打细算", "cost_per_order"] < table.loc["Plain", "cost_per_order"]
    assert table.loc["精打细算", "heads_last_month"] == table.loc["Plain", "heads_last_month"] - 1
    assert table.loc["Loose", "guess_error"] > 1
    assert (table["sum"] == table[[c for c in table if c.startswith("place_")]].sum(axis=1)).all()


def test_a_team_gets_one_page_in_its_language(folder):
    page = (folder / "careful" / "team.html").read_text()
    assert "收货" in page
    assert "山间茶铺" in page
    assert "<script" not in page
    assert "http" not in page.split("</style>")[1]


DOCTORED = {
    "no choice of theirs": ({"choices": {"orders_per_day": 600}}, "orders_per_day is nothing that a team may choose"),
    "impossible choice": ({"choices": {"reply_target_share": 7}}, "reply_target_share is 7; it must be"),
    "moved to a stranger": ({"moves": {"receive_goods": "Robot"}}, "There is no person 'Robot' here"),
    "no guesses": ({"guesses": None}, "is incomplete: it has no guesses; export it again from the notebook"),
    "half the guesses": ({"guesses": {"heads_last_month": 7}}, "guesses has no 'cost_per_month'; it must hold"),
    "guess of nothing": ({"guesses": GUESSES | {"cost_per_order": 0}}, "the guess cost_per_order is 0; it must be"),
    "one figure more": ({"extra": 1}, "has a extra that cannot be"),
    "text for a number": ({"guesses": {"heads_last_month": "7"}}, "has a guesses.heads_last_month.int that cannot be"),
    "another version": ({"ecteam": "9.9"}, "was made with ecteam 9.9, this league with"),
    "another format": ({"format": "x"}, "is no team file; export it again from the notebook"),
    "unknown case": ({"case": "tee"}, "there is no case 'tee'; did you mean 'tea'?"),
    "unknown card": ({"cards": ["rain"]}, "there is no event card 'rain'"),
    "no name": ({"team": ""}, "has a team that cannot be"),
}


@pytest.mark.parametrize("how", DOCTORED)
def test_a_doctored_or_incomplete_file_is_refused(folder, how):
    changes, sentence = DOCTORED[how]
    with pytest.raises(InputError) as error:
        read_team_file(doctored(folder, **changes))
    assert len(error.value.mistakes) == 1
    assert sentence in error.value.mistakes[0]


def test_the_others_are_ranked_when_one_is_refused(folder):
    doctored(folder, guesses=None)
    league = read_league(folder)
    assert set(league.table["team"]) == {"精打细算", "Loose"}
    assert len(league.refused) == 1
    assert league.refused[0].startswith("plain/team.json: ")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"format": ' + b"[" * 100_000, b" " * 200_000]
)
def test_what_is_no_team_file_is_a_sentence(tmp_path, raw):
    (tmp_path / "team.json").write_bytes(raw)
    with pytest.raises(InputError, match=r"export it again from the notebook|is larger than 0[.]1 MB"):
        read_team_file(tmp_path / "team.json")


def test_a_file_from_another_case_is_one_kind_sentence(folder):
    export_team("Virtual", load_case("virtual"), GUESSES, folder=folder / "virtual")
    league = read_league(folder)
    assert league.refused == ("virtual/team.json: plays the case 'virtual', this league plays 'tea'; "
                              "put it into a folder of its own",)  # fmt: skip
    assert len(league.table) == 3
    assert read_league(folder, "virtual").table["team"].to_list() == ["Virtual"]


def test_other_cards_and_a_name_twice_are_told(folder):
    export_team("Dealt", play(load_case("tea"), "double_eleven"), GUESSES, folder=folder / "dealt")
    shutil.copytree(folder / "plain", folder / "plain again")
    league = read_league(folder)
    assert any("was dealt other event cards (double_eleven) than this league (none)" in s for s in league.refused)
    assert sum("another file is by the team 'Plain' too" in s for s in league.refused) == 2
    assert len(league.table) == 2


def test_a_card_cannot_be_undone_by_a_choice():
    played = play(load_case("tea"), "stop_shipping").changed(self_shipping=True)
    assert played.shop.self_shipping is False


@pytest.mark.parametrize(
    ("guesses", "words"),
    [
        ({**GUESSES, "cost_per_order": ...}, "Not yet: there are still dots"),
        ({"heads_last_month": 7}, "guesses has no 'cost_per_month'"),
        ({**GUESSES, "heads": 7}, "guesses has 'heads'"),
        ({**GUESSES, "cost_per_month": "much"}, "the guess cost_per_month is 'much'; it must be a number above 0"),
    ],
)
def test_a_half_filled_hand_in_is_a_kind_sentence_and_writes_nothing(guesses, words, tmp_path):
    with pytest.raises((NotYet, InputError), match=words):
        export_team("Red", load_case("tea"), guesses, folder=tmp_path / "red")
    with pytest.raises(InputError, match="orders_per_day is nothing that a team may choose"):
        export_team("Red", load_case("tea", orders_per_day=10), GUESSES, folder=tmp_path / "red")
    assert not (tmp_path / "red").exists()


def test_the_command_writes_one_page_and_tells_what_is_not_ranked(folder, capsys):
    assert main(["league", str(folder)]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "league.html")
    doctored(folder, "loose", guesses=None)
    assert main(["league", str(folder), "--lang", "zh"]) == 1
    err = capsys.readouterr().err
    assert "ecteam: loose/team.json: team.json is incomplete" in err
    page = (folder / "league.html").read_text()
    assert "精打细算" in page
    assert "未列入排名：1" in page


def test_an_empty_folder_is_a_sentence(tmp_path, capsys):
    for folder in (tmp_path, tmp_path / "none"):
        assert main(["league", str(folder)]) == 2
        assert capsys.readouterr().err.startswith("ecteam: there is no team.json in")


def test_a_team_name_is_text(folder):
    export_team("<script>alert(1)</script>", load_case("tea"), GUESSES, folder=folder / "sly")
    main(["league", str(folder)])
    for page in (folder / "league.html", folder / "sly" / "team.html"):
        assert "<script" not in page.read_text()
