"""`make workshop`: one archive that installs ecteam and its lessons without network, and the teacher's folder.

Run from the repository: `python -m ecteam.workshop.bundle dist [linux|windows|macos ...]`.
"""

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir, share_dir
from ecteam.inputs.words import LANGUAGES
from ecteam.workshop.copies import write_copies, write_handouts

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# What a marker of the lock may ask, and the tags of wheels that fit; of macOS pip knows the older ones.
TARGETS: Mapping[str, tuple[dict[str, str], Sequence[str]]] = {
    "linux": (
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
        ["linux_x86_64", "manylinux2014_x86_64", *(f"manylinux_2_{version}_x86_64" for version in range(5, 29))],
    ),
    "windows": (
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
        ["win_amd64"],
    ),
    "macos": (
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
        ["macosx_14_0_arm64"],
    ),
}


def this_machine() -> str:
    """The target that this machine is."""
    return {"Linux": "linux", "Windows": "windows", "Darwin": "macos"}[platform.system()]


def requirements(lock: str, target: str) -> str:
    """The part of the lock that a learner needs on a target: ecteam and JupyterLab, with hashes, without markers.

    What is only for development is left out, as far as the packages installed here tell; when in doubt it stays.
    """
    # What fits the first Python of this minor version fits all of them.
    environment = {"python_full_version": f"{PYTHON}.0", "python_version": PYTHON, **TARGETS[target][0]}
    wanted, here = _needed("ecteam[lab]", environment), []
    for block in re.split(r"\n(?=\S)", lock.strip()):
        pinned, _, marker = block.partition("\n")[0].rstrip(" \\").partition(" ; ")
        name = canonicalize_name(pinned.partition("==")[0])
        fits = not marker or Marker(marker).evaluate(environment)
        if fits and (name in wanted or _asks(name) is None):
            here.append(block.replace(f" ; {marker}", "") if marker else block)
    return "\n".join(here) + "\n"


def _needed(package: str, environment: Mapping[str, str]) -> set[str]:
    """Every package that one asks for, directly or through others."""
    found: set[tuple[str, frozenset[str]]] = set()
    open_ends = [Requirement(package)]
    while open_ends:
        asked = open_ends.pop()
        one = (canonicalize_name(asked.name), frozenset(asked.extras))
        if one in found:
            continue
        found.add(one)
        for more in map(Requirement, _asks(asked.name) or []):
            places = [{**environment, "extra": extra} for extra in ("", *asked.extras)]
            if more.marker is None or any(map(more.marker.evaluate, places)):
                open_ends.append(more)
    return {name for name, _ in found}


def _asks(package: str) -> list[str] | None:
    """What an installed package asks for; None for one that is not installed."""
    try:
        return requires(package) or []
    except PackageNotFoundError:
        return None


def learners_wheel(root: Path, into: Path) -> Path:
    """The wheel of ecteam with the learners' copies of the lessons in it: no answer is in the archive."""
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work) / "ecteam"
        for name in ("ecteam", "data", "notebooks"):
            shutil.copytree(
                root / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            )
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(root / name, tree / name)
        shutil.rmtree(tree / "notebooks" / "workshop")
        write_copies(tree / "notebooks" / "workshop")
        _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(into), str(tree))
    return next(into.glob("ecteam-*.whl"))


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise InputError(f"pip {arguments[0]} failed: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")


def bundle(into: Path, target: str | None = None) -> Path:
    """Build the learners' archive for a target (this machine by default); gives its path.

    Wheels are fetched with pip and checked against the lock.
    """
    root, target = share_dir(), target or this_machine()
    if not (root / "requirements.lock").is_file():
        raise InputError("the archive is built from ecteam's repository, where requirements.lock is")
    if target not in TARGETS:
        raise InputError(f"there is no target {target!r}; known are: {', '.join(TARGETS)}")
    name = f"ecteam-workshop-{version('ecteam')}-{target}-py{PYTHON.replace('.', '')}"
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / name
        store = folder / "wheels"
        store.mkdir(parents=True)
        needed = folder / "requirements.txt"
        needed.write_text(requirements((root / "requirements.lock").read_text(encoding="utf-8"), target))
        _fetch(needed, store, target)
        learners_wheel(root, store)
        for lang in LANGUAGES:
            write_copies(folder / "lessons" / lang, lang=lang)
        shutil.copytree(data_dir() / "workshop" / "cases", folder / "cases")
        write_handouts(folder / "handouts")
        _starts(folder, target)
        archive = shutil.make_archive(str(folder), "zip", work, name)
        into.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(archive, into / f"{name}.zip"))


def _fetch(needed: Path, store: Path, target: str) -> None:
    tags = [f"--platform={tag}" for tag in TARGETS[target][1]] if target != this_machine() else []
    about = ["--implementation=cp", f"--python-version={PYTHON}"] if tags else []
    _pip("download", "--no-deps", "--require-hashes", "--only-binary=:all:", *tags, *about,
         "--dest", str(store), "--requirement", str(needed))  # fmt: skip


def _starts(folder: Path, target: str) -> None:
    """The start scripts and the first page; Windows wants its own ends of lines."""
    for path in sorted((Path(__file__).parent / "start").iterdir()):
        text = path.read_text(encoding="utf-8").replace("@PYTHON@", PYTHON).replace("@TARGET@", target)
        ends = "\r\n" if path.suffix in (".bat", ".txt") else "\n"
        # Settings of the kernel end in .in, since as .py they would be modules of ours.
        name = Path("settings") / path.stem if path.suffix == ".in" else Path(path.name)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline=ends)
    (folder / "start.sh").chmod(0o755)


def teachers_folder(into: Path) -> Path:
    """The teacher's copies with answers, the guide and the handouts: never to be put on the learners' sticks."""
    folder = into / "workshop-teacher"
    shutil.rmtree(folder, ignore_errors=True)
    for lang in LANGUAGES:
        write_copies(folder / lang, teacher=True, lang=lang)
    write_handouts(folder, guide=True)
    return folder


def main(arguments: Sequence[str]) -> int:
    """Build the archives; says where they are, how large, and their SHA-256."""
    into, *targets = arguments or ["dist"]
    try:
        for target in targets or [this_machine()]:
            archive = bundle(Path(into), target)
            digest = hashlib.sha256(archive.read_bytes()).hexdigest()
            print(f"{archive} ({archive.stat().st_size / 1e6:.0f} MB, for {target}, Python {PYTHON})\nsha256 {digest}")
        print(teachers_folder(Path(into)))
    except InputError as error:
        print(f"ecteam: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
