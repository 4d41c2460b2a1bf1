from __future__ import annotations

import pathlib
import subprocess
import sys

import bgcopy
from bgcopy import _bgcopy


def test_the_generated_files_are_those_of_the_tables(tmp_path: pathlib.Path) -> None:
    generate = pathlib.Path(__file__).parent.parent / "generate.py"
    subprocess.run([sys.executable, str(generate), str(tmp_path)], check=True)
    package = pathlib.Path(bgcopy.__file__).parent
    for name in ("enums.py", "result.py"):
        assert (tmp_path / name).read_text() == (package / name).read_text(), f"run generate.py: {name} is old"


def test_every_member_has_the_value_of_the_sdk() -> None:
    members = {
        value
        for name in bgcopy.enums.__all__
        for value in getattr(bgcopy, name).__members__.values()
    }
    for group, kind, _, rows in _bgcopy.constants():
        for name, value, _ in rows:
            assert kind == "sizes" or value in members, (group, name)
