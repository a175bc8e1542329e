"""What a reader says of wrong input."""

from collections.abc import Callable
from typing import Any

import pytest

from ecteam.inputs.checks import InputError


def mistakes_of(read: Callable[[], Any]) -> list[str]:
    """The sentences with which what `read` reads is refused."""
    with pytest.raises(InputError) as error:
        read()
    return error.value.mistakes
