"""The interactive session, through a real pseudo-terminal."""

import sys
from pathlib import Path

import pexpect


def test_ctrl_c_hints_and_ctrl_d_leaves(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "scriptbot"], env={"XDG_STATE_HOME": str(tmp_path), "TERM": "xterm"}, timeout=5
    )
    child.expect(r"0m>")
    child.sendcontrol("c")
    child.expect("leaves")
    child.expect(r"0m>")
    child.sendcontrol("d")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert (tmp_path / "scriptbot" / "history").stat().st_mode & 0o777 == 0o600
