"""What papermill runs a notebook's cells with: this very process, or a kernel that only this user can reach.

`InProcessEngine` costs no kernel, but shares the process: state of one run is there in the next. So it is used in a
child of `workers.py` only. What only a kernel's front end can show, a widget, is refused; a kernel takes it.
"""

import io
import os
import platform
import sys
from base64 import b64encode
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.utils import nb_kernel_name
from traitlets.config import Config

from ecteam.publish.scratch import temporary
from ecteam.publish.workers import NeedsKernel

NAME = "ecteam_in_process"
WIDGET = "application/vnd.jupyter.widget-view+json"


_LANGUAGE = {
    "name": "python", "version": platform.python_version(), "mimetype": "text/x-python", "file_extension": ".py",
    "pygments_lexer": "ipython3", "nbconvert_exporter": "python", "codemirror_mode": {"name": "ipython", "version": 3},
}  # fmt: skip
"""What a kernel says of itself: pages colour code by it."""


class _Stream(io.TextIOBase):
    """Standard output or error of a cell, as a stream output of its notebook."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, shell: "NotebookShell", name: str) -> None:
        self.shell, self.name = shell, name

    def write(self, text: str) -> int:
        last = self.shell.outputs[-1] if self.shell.outputs else None
        if last is not None and last.output_type == "stream" and last.name == self.name:
            last.text += text
        elif text:
            self.shell.outputs.append(nbformat.v4.new_output("stream", name=self.name, text=text))
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    """What `display` shows goes into the cell."""

    shell: "NotebookShell"

    def publish(self, data: Any, metadata: Any = None, source: Any = None, *, update: Any = False, **more: Any) -> None:
        if update:
            raise NeedsKernel("the cell updates what it has shown; only a kernel can do that")
        self.shell.add("display_data", data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Hook(DisplayHook):
    """The value of a cell's last line goes into the cell, whose count stands for a prompt."""

    shell: "NotebookShell"

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.add("execute_result", format_dict, md_dict, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None: ...


class NotebookShell(InteractiveShell):
    """An IPython shell whose outputs are those of a notebook."""

    def __init__(self, **options: Any) -> None:
        self.outputs: list[Any] = []
        # The user's folder of settings may be one that cannot be made; this one is needed only while the shell starts.
        with temporary() as folder:
            settings = {"ipython_dir": str(folder), "profile_dir": ProfileDir(location=str(folder))}
            super().__init__(display_pub_class=_Publisher, displayhook_class=_Hook, **settings, **options)

    def init_history(self) -> None:
        """No history on disk: it would keep a thread, and what one report ran for the next."""
        self.history_manager = HistoryManager(shell=self, parent=self, enabled=False, hist_file=":memory:")

    def init_virtualenv(self) -> None:
        """The process has its packages already."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Pictures are drawn into the page; there is no window."""

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """What stopped a cell is said once it has ended."""

    showsyntaxerror = showtraceback

    def add(self, kind: str, data: Any, metadata: Any, **more: Any) -> None:
        """Take in what a cell shows."""
        if WIDGET in data:
            raise NeedsKernel("the cell shows a widget; only a kernel can run it")
        # A kernel's messages are JSON: pictures travel as text.
        ready = {k: b64encode(v).decode() if isinstance(v, bytes) else v for k, v in data.items()}
        self.outputs.append(nbformat.v4.new_output(kind, data=ready, metadata=metadata or {}, **more))

    def run(self, source: str) -> tuple[list[Any], BaseException | None]:
        """The outputs of a cell, and what stopped it."""
        # A fresh list: what a cell's thread still prints later belongs to no other cell.
        self.outputs = []
        with redirect_stdout(_Stream(self, "stdout")), redirect_stderr(_Stream(self, "stderr")):
            result = self.run_cell(source, store_history=True)
        if error := result.error_before_exec or result.error_in_exec:
            # Of the lines that run IPython's parser, none is of use.
            where: Any = [] if isinstance(error, SyntaxError) else error.__traceback__
            formatter = self.SyntaxTB if isinstance(error, SyntaxError) else self.InteractiveTB
            said = formatter.structured_traceback(type(error), error, where)
            about = {"ename": type(error).__name__, "evalue": str(error), "traceback": list(said)}
            self.outputs.append(nbformat.v4.new_output("error", **about))
        return self.outputs, error


def shell() -> NotebookShell:
    """This process's shell, with pictures of pyplot drawn into the notebook; made once."""
    made = NotebookShell.initialized()
    one = NotebookShell.instance()
    if not made:
        one.enable_matplotlib("inline")
    return one


class InProcessEngine(Engine):
    """Runs the cells of a Python notebook one after the other, and stops at the first that fails."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        on_cell_start: Callable[..., None] = lambda **about: None,
        **_: Any,
    ) -> None:
        """What papermill asks of an engine."""
        here = shell()
        here.reset(new_session=False)
        # What a cell defines belongs to `__main__`, which is another module if the shell was made before a fork.
        sys.modules["__main__"] = here.user_module
        here.execution_count = 1
        nb_man.nb.metadata["language_info"] = _LANGUAGE
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            on_cell_start(cell=cell, cell_index=index)
            nb_man.cell_start(cell, index)
            cell.execution_count = here.execution_count
            cell.outputs, error = here.run(cell.source)
            if error is not None:
                nb_man.cell_exception(cell, cell_index=index, exception=error)
                return
            nb_man.cell_complete(cell, cell_index=index)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The kernel a notebook names; only Python can run here."""
        kernel = nb_kernel_name(nb, name)
        if not kernel.startswith("python"):
            raise NeedsKernel(f"the notebook is for the kernel {kernel!r}; only Python can run in this process")
        return kernel


def register() -> str:
    """Make the engine known to papermill and return its name."""
    papermill_engines.register(NAME, InProcessEngine)
    return NAME


class ShellChannel(AsyncZMQSocketChannel):
    """Requests to a kernel and its replies, of which none is overlooked.

    jupyter_client sends past the event loop. That takes away the sign of a reply that comes just then, and nbclient,
    which sends the kernel what an Output widget shows while it waits, would go on waiting until the time is up.
    """

    def send(self, msg: dict[str, Any]) -> None:
        super().send(msg)
        # A socket that is asked for its events tells its event loop of those that are there.
        _ = self.socket.events


class KernelClient(AsyncKernelClient):
    """A client that overlooks no reply."""

    shell_channel_class = ShellChannel


def kernel_config(sockets: str) -> Config:
    """A kernel that listens on files in a folder of this user, not on network ports, where the system has such sockets.

    The folder's path may take some 80 bytes.
    """
    files = {"transport": "ipc", "ip": f"{sockets}/kernel"} if os.name == "posix" else {}
    return Config(AsyncKernelManager={"client_factory": KernelClient, **files})
