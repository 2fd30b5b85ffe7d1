"""A process that outlives a test run by a moment and kills what the run left behind.

Ctrl-C, `kill -9` and a lost terminal give the run itself no chance to stop its servers.
"""

import contextlib
import os
import subprocess
import sys
import uuid

import psutil

SESSION = "HANDBOOK_SESSION"  # marks every process that a run has started

_guards: dict[int, subprocess.Popen] = {}


def start() -> None:
    """Guard this process, once. What it starts from now on will not outlive it."""
    if os.getpid() not in _guards:
        os.environ[SESSION] = uuid.uuid4().hex
        _guards[os.getpid()] = subprocess.Popen(
            [sys.executable, "-m", "handbook.guard"],
            stdin=subprocess.PIPE,  # nobody writes: it closes when this process ends
            start_new_session=True,  # Ctrl-C is for the run, not for its guard
        )


def kill_session(session: str) -> None:
    """Kill every process of a session but this one."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(SESSION) == session:
                process.kill()


if __name__ == "__main__":
    sys.stdin.read()
    for _ in range(2):  # one may have started another meanwhile
        kill_session(os.environ[SESSION])
