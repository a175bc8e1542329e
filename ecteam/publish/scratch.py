"""Where a run works before its files take their places, and how they take them: nobody's work is lost.

A run has one hidden folder beside its results. It ends with the run or, if that was killed, when the next one starts.
"""

import glob
import itertools
import json
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ecteam.inputs.checks import InputError
from ecteam.inputs.outside import read_json
from ecteam.publish.journal import as_written, digest, whole

PUTS = 20
OLD = ".old"
"""What the name of an older report ends with while the new one takes its place."""
WRITTEN = ".ecteam.json"
"""The file that holds the marks of single files which ecteam has written into its folder."""


@contextmanager
def scratch(out: Path, name: str) -> Iterator[Path]:
    """A new hidden folder in `out` for the run of this name; what killed runs have left is cleared first.

    The system ends its lock with the process: that tells a killed run from one at work.
    """
    prefix = f".{name}.work."
    _clear(out, prefix)
    while True:
        folder = Path(tempfile.mkdtemp(dir=out, prefix=prefix))
        lock = FileLock(folder / "lock", blocking=False)
        # Another run that clears may just have taken it for that of a dead one.
        with suppress(Timeout, FileNotFoundError, FileExistsError):
            lock.acquire()
            break
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def temporary() -> AbstractContextManager[Path]:
    """A folder among the system's temporary ones; what killed runs have left there is cleared as well."""
    return scratch(Path(tempfile.gettempdir()), "ecteam")


def _clear(out: Path, prefix: str) -> None:
    """Remove what killed runs were at work on; a report that was on its way aside is put back first."""
    for left in out.glob(f"{glob.escape(prefix)}*"):
        with suppress(Timeout, OSError):
            _refuse_strangers(left)
            with FileLock(left / "lock", blocking=False):
                _put_back(left, out)
                shutil.rmtree(left, ignore_errors=True)


def _refuse_strangers(left: Path) -> None:
    """In a folder that all may write into, somebody else's folder or a link is left alone."""
    about = left.lstat()
    if not stat.S_ISDIR(about.st_mode) or (os.name == "posix" and about.st_uid != os.getuid()):
        raise PermissionError(left)


def _put_back(left: Path, out: Path) -> None:
    for aside in left.glob(f"*{OLD}"):
        place = out / aside.name.rsplit(".", 2)[0]
        if not os.path.lexists(place):
            os.replace(aside, place)


def report_in(work: Path, name: str) -> Path:
    """A new folder for the files of a report of this name: no two tries share one, even if an earlier one still runs.

    Its name is as `_clear` understands it, its mode as this user's other folders have it.
    """
    folder = work.resolve() / f"{name}.{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


def put(work: Path, folder: Path) -> None:
    """Move the finished folder to its place; an older report is moved aside first and removed last.

    One that is not as it was written is kept beside, with a sentence.
    """
    aside = work.with_name(work.name + OLD)
    for attempt in range(PUTS):
        with suppress(FileNotFoundError):
            if not as_written(folder):
                keep(folder)
            os.replace(folder, aside)
        try:
            os.replace(work, folder)
            break
        except OSError:
            # Another report of the same shop got there first: it is replaced in turn.
            if attempt == PUTS - 1:
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def put_file(new: Path, path: Path) -> None:
    """Move a finished file to its place; one that is not as it was written is kept beside, with a sentence."""
    if os.path.lexists(path) and not _as_put(path):
        keep(path)
    # The older mark as well: a kill may come before the new file is there.
    marks = [digest(file) for file in (path, new) if file.is_file()]
    # Without its mark, as on a full disk, the file counts as somebody's.
    with suppress(OSError):
        text = json.dumps(_marks(path) | {path.name: marks}, ensure_ascii=False, indent=1, sort_keys=True)
        whole(path.with_name(WRITTEN), text + "\n")
    os.replace(new, path)


def drop(path: Path) -> None:
    """Remove a file that is as `put_file` put it there; one that somebody wrote or changed stays."""
    if _as_put(path):
        path.unlink()


def _as_put(path: Path) -> bool:
    return path.is_file() and digest(path) in str(_marks(path).get(path.name))


def _marks(path: Path) -> dict[str, list[str]]:
    try:
        marks = read_json(path.with_name(WRITTEN), "no marks")
    except InputError:
        return {}
    return marks if isinstance(marks, dict) else {}


def keep(path: Path) -> None:
    """Move aside what somebody else wrote or changed, and say so."""
    names = (path.with_name(f"{path.name}.kept{f'-{n}' if n > 1 else ''}") for n in itertools.count(1))
    kept = next(name for name in names if not os.path.lexists(name))
    os.replace(path, kept)
    with suppress(OSError, ValueError):  # nobody listens
        print(f"ecteam: {path} is not as ecteam wrote it; it is kept as {kept}", file=sys.stderr, flush=True)
