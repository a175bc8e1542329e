"""The parameters of a report notebook: what changes a plan, and what stops the run."""

import pytest

from ecteam import InputError, changes_given
from tests.refusals import mistakes_of

PARAMETERS = 'scenario = "tea_shop_growth"\nchanges = {}\ncity = None\norders_per_day = None'
FIRST = "plan = plan_shop(scenario, **changes_given(globals()))"


def given(*injected, more=()):
    """What the first cell finds after a parameters cell and those that papermill, or a person, ran below it."""
    names = {"In": ["", "1 + 1", PARAMETERS, *injected, FIRST]}
    for source in (PARAMETERS, *injected):
        exec(source, names)
    return changes_given(names, *more)


def test_a_parameter_that_is_not_given_changes_nothing():
    assert given() == {}


def test_fields_and_figures_are_given_alike():
    assert given("# Parameters\norders_per_day = 300\npick_lines_per_hour = 75\n") == {
        "orders_per_day": 300,
        "pick_lines_per_hour": 75,
    }


def test_a_parameter_goes_before_the_same_name_in_changes():
    assert given('changes = {"months": 6, "city": "yiwu"}\ncity = "shanghai"') == {"months": 6, "city": "shanghai"}


def test_a_text_is_read_as_on_the_command_line():
    typed = 'orders_per_day = "3e2"\nself_shipping = "false"\nname = "007"\npick_lines_per_hour = "75"'
    assert given(typed) == {"orders_per_day": 300, "self_shipping": False, "name": "007", "pick_lines_per_hour": 75}


@pytest.mark.parametrize(
    ("injected", "sentence"),
    [
        ("orders_per_dy = 300", "there is no field or assumption 'orders_per_dy'; did you mean 'orders_per_day'?"),
        ("orders_per_dy = None", "there is no field or assumption 'orders_per_dy'; did you mean 'orders_per_day'?"),
        ("orders_per_dy = float('nan')", "there is no field or assumption 'orders_per_dy'; did you mean"),
        ("scenarios = 'tea_shop_startup'", "there is no field or assumption 'scenarios'; did you mean 'scenario'?"),
        ("stages = {}", "there is no field or assumption 'stages'; did you mean 'stage'?"),
        ("show_pay = 'false'", "show_pay is 'false'; it must be True or False"),
        ("changes = 'orders_per_day=300'", "changes is 'orders_per_day=300'; it must be changes by name"),
        ("scenario = 7", "scenario is 7; it must be a text"),
    ],
)
def test_what_is_unknown_or_cannot_be_read_is_refused(injected, sentence):
    with pytest.raises(InputError) as error:
        given(injected)
    assert str(error.value).startswith(sentence)


def test_all_mistakes_are_told_at_once():
    assert len(mistakes_of(lambda: given("orders_per_dy = 300\ncitty = 'yiwu'\nshow_pay = 1"))) == 3


def test_a_notebook_may_have_parameters_of_its_own():
    assert given("stages = {}", more=("stages",)) == {}


def test_names_that_a_notebook_has_set_since_are_no_parameters():
    names = {"In": ["", PARAMETERS, FIRST, "role = 'picker'\nrole", FIRST], "role": "picker", "orders_per_day": 60}
    assert changes_given(names) == {"orders_per_day": 60}
