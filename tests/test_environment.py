"""One truth of dependencies: pyproject.toml, environment.yml and the lock say the same, and none names a registry."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.test_floors import imported, sources

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PACKAGE_OF = {
    "yaml": "pyyaml",
    "IPython": "ipython",
    "jupyter_client": "jupyter-client",
    "fontTools": "fonttools",
    "PIL": "pillow",
}


def requirements(lines: list[str]) -> dict[str, Requirement]:
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


NEEDED = requirements(PROJECT["project"]["dependencies"])
LAB = requirements(PROJECT["project"]["optional-dependencies"]["lab"])
DEVELOPMENT = requirements(PROJECT["dependency-groups"]["dev"])


NOT_ON_CONDA_FORGE = {"graphlay"}


def locked() -> dict[str, list[str]]:
    """Package -> its entries, each with version, marker and hashes."""
    entries: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", LOCK.strip()):
        if not entry.startswith("#"):
            entries.setdefault(canonicalize_name(re.split(r"[=\[ ;]", entry, maxsplit=1)[0]), []).append(entry)
    return entries


def test_conda_users_get_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    by_pip = [line for entry in environment["dependencies"] if isinstance(entry, dict) for line in entry["pip"]]
    conda = requirements(lines)
    assert conda.pop("python").specifier == PROJECT["project"]["requires-python"]
    conda.pop("pip", None)
    wanted = NEEDED | LAB
    assert by_pip.pop() == "-e ."
    pip = requirements(by_pip)
    assert set(pip) == NOT_ON_CONDA_FORGE, "conda brings what it has"
    assert sorted(conda | pip) == sorted(wanted)
    for name, requirement in wanted.items():
        assert (conda | pip)[name].specifier == requirement.specifier, f"{name} differs in environment.yml"
    assert environment["channels"] == ["conda-forge"]


def test_every_dependency_has_a_least_version():
    for requirement in (NEEDED | LAB).values():
        (least,) = requirement.specifier
        assert least.operator == ">="


@pytest.mark.parametrize("name", sorted(NEEDED | LAB | DEVELOPMENT))
def test_the_lock_holds_every_dependency_at_a_version_that_is_allowed(name):
    requirement = (NEEDED | LAB | DEVELOPMENT)[name]
    assert name in locked(), f"{name} is not in requirements.lock; run `make lock`"
    for entry in locked()[name]:
        version = re.match(r"[^=]+==([^ ;\\]+)", entry)[1]
        assert requirement.specifier.contains(Version(version)), f"the lock has {name} {version}, not {requirement}"


def test_every_entry_of_the_lock_has_one_version_and_hashes():
    assert len(locked()) > 100
    for name, entries in locked().items():
        for entry in entries:
            first, *rest = entry.splitlines()
            assert re.match(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^ ]+( ;.*)? \\$", first), first
            hashes = [line.strip().rstrip("\\").strip() for line in rest if not line.strip().startswith("#")]
            assert hashes, f"{name} has no hash"
            assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), name


def test_the_lock_holds_versions_and_not_addresses():
    assert "://" not in LOCK
    assert not re.search(r"^\s*-(-index|-extra|-find|i|f|-trusted)", LOCK, re.MULTILINE)
    # "http" stands there in the names of packages only.
    names = {canonicalize_name(word) for word in re.findall(r"[a-z]*http[a-z]*", LOCK)}
    assert names <= set(locked()) | {"http"}


def tracked_texts() -> list[Path]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in run.stdout.decode().split("\0") if name]
    return [path for path in files if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


# In parts, so that this file does not name them.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("anaconda", "org"), ("anaconda", "com"), ("tuna", "tsinghua"),
        ("mirrors", "aliyun"), ("mirrors", "ustc"), ("mirrors", "cloud"), ("repo", "huaweicloud"), ("registry", "npm"),
        ("npmjs", "org"), ("npmmirror", "com"), ("jfrog", "io"), ("mirrors", "sjtug"), ("douban", "com/simple"),
    )
]  # fmt: skip


def test_no_tracked_text_names_a_registry_or_mirror():
    files = tracked_texts()
    assert len(files) > 60
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace").lower()
        named = [host for host in HOSTS if host in text]
        assert not named, f"{path.relative_to(ROOT)} names {', '.join(named)}"


def test_the_search_for_hosts_finds_one():
    assert any(host in "https://" + "pypi" + ".org/simple" for host in HOSTS)


def third_party() -> set[str]:
    modules = {module.split(".")[0] for text in sources().values() for module in imported(text)}
    return {canonicalize_name(PACKAGE_OF.get(name, name)) for name in modules - sys.stdlib_module_names - {"ecteam"}}


@pytest.mark.parametrize("package", sorted(third_party()))
def test_every_library_that_is_imported_is_declared(package):
    assert package in NEEDED, f"ecteam imports {package}, which pyproject.toml does not name"


def test_every_dependency_earns_its_place():
    # ipykernel runs the notebooks; nbclient is what papermill runs them with, and its version matters to us.
    assert sorted(set(NEEDED) - third_party() - {"ipykernel", "nbclient"}) == []
