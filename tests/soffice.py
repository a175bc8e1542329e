"""LibreOffice without a window, as a second reckoner of workbooks: every formula is counted again at loading."""

import shutil
import subprocess
from pathlib import Path

import pytest

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_soffice = pytest.mark.skipif(
    SOFFICE is None, reason="no soffice here: install libreoffice-calc-nogui to have LibreOffice recalculate workbooks"
)


def converted(files: list[Path], folder: Path, kind: str = "xlsx") -> list[Path]:
    """The files as LibreOffice saves them after counting every formula again, in a folder of their own."""
    assert SOFFICE
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    out = folder / f"as_{kind}"
    command = [SOFFICE, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"]
    run = subprocess.run(
        [*command, "--convert-to", kind, "--outdir", str(out), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    found = [out / f"{file.stem}.{kind}" for file in files]
    assert all(path.is_file() for path in found), run.stdout + run.stderr
    return found
