"""Who is writing into a folder of reports? One batch at a time, and a killed one is no hindrance."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ecteam.errors import InputError

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

NAME = ".batch.lock"


@contextlib.contextmanager
def only_batch(folder: Path) -> Iterator[None]:
    """Hold the folder while the block runs; raises `InputError` that names the process, host and start of who has it.

    The file says who; the system's lock on it says whether they still live, since it ends with the process, killed or
    not. Where there are no such locks, or the file is of another host, whose locks may not show here, the file alone
    counts and must be deleted by hand after a crash.
    """
    path = folder / NAME
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not _locked(file, path):
            # The batch that held the file has just ended and removed it: another is at the path, or none.
            os.close(file)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        holder = _holder(file)
        if holder and (fcntl is None or holder.get("host") != socket.gethostname()):
            raise InputError(f"{_told(folder, holder)}; if it runs no longer, delete {path}")
        mine = {"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now():%Y-%m-%d %H:%M}"}
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(mine).encode(), 0)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(file)


def _locked(file: int, path: Path) -> bool:
    """Whether the lock is ours, on the file that is at the path; raises if another process has it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(_told(path.parent, _holder(file))) from None
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _holder(file: int) -> dict[str, str]:
    """What the file says; nothing if it is new, or was not yet written."""
    try:
        said = json.loads(os.pread(file, 4096, 0))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _told(folder: Path, holder: dict[str, str]) -> str:
    who = f"process {holder.get('pid', 'unknown')} on {holder.get('host', 'this host')}"
    since = f" since {holder['since']}" if "since" in holder else ""
    return f"{folder} is in use by another batch: {who}{since}"
