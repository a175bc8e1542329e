"""The engine as papermill finds it by its entry point.

papermill loads this while it is loading itself, maybe for `engine.py`: that room is asked only when a notebook runs.
"""

from typing import Any

from papermill.engines import Engine


class InProcessEngine(Engine):
    """Hands everything to `ecteam.publish.engine.InProcessEngine`."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        """What papermill asks of an engine."""
        from ecteam.publish import engine

        engine.InProcessEngine.execute_managed_notebook(nb_man, kernel_name, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The kernel a notebook names."""
        from ecteam.publish import engine

        return engine.InProcessEngine.nb_kernel_name(nb, name)
