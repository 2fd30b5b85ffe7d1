"""The elastic snippet on two hosts: network namespaces joined by a virtual cable."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbook import ROOT
from handbook.snippets import TAG, kill, launcher, set_environment

SNIPPET = ROOT / "snippets/training/multi-gpu-training/elastic.py"


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


@pytest.fixture
def hosts() -> Iterator[list[tuple[str, str]]]:
    """Names and addresses of two hosts; skipped where they may not be made."""
    if not shutil.which("ip"):
        pytest.skip("network namespaces need Linux and iproute2")
    tag = uuid.uuid4().hex[:6]
    names = [f"host-{tag}-{n}" for n in range(2)]
    cables = [f"{tag}-{n}" for n in range(2)]
    made = []
    try:
        try:
            for name in names:
                ip("netns", "add", name)
                made.append(name)
            ip("link", "add", cables[0], "type", "veth", "peer", "name", cables[1])
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no right to make network namespaces: {error.stderr.strip()}")
        for n, (name, cable) in enumerate(zip(names, cables, strict=True)):
            ip("link", "set", cable, "netns", name, "name", "eth0")
            ip("-n", name, "address", "add", f"10.77.0.{n + 1}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield [(name, f"10.77.0.{n + 1}") for n, name in enumerate(names)]
    finally:
        for name in made:
            ip("netns", "delete", name)  # and the cable with it


def test_a_worker_killed_on_one_of_two_hosts(
    hosts: list[tuple[str, str]], tmp_path: Path
) -> None:
    set_environment(SNIPPET.parents[2])
    variables, _ = launcher(SNIPPET)
    variables |= {"GLOO_SOCKET_IFNAME": "eth0", TAG: str(tmp_path)}
    agents = []
    for name, address in hosts:
        options = ["--nnodes=2", "--nproc-per-node=1", "--max-restarts=3"]
        options += ["--rdzv-backend=c10d", f"--rdzv-endpoint={hosts[0][1]}:29400"]
        options += ["--rdzv-id=elastic", f"--local-addr={address}"]
        # Names are the same in both namespaces: the first is told that it is the host.
        options += [f"--rdzv-conf=is_host={int(address == hosts[0][1])}"]
        torchrun = [sys.executable, "-m", "torch.distributed.run", *options]
        agents.append(
            subprocess.Popen(
                ["ip", "netns", "exec", name, *torchrun, str(SNIPPET)],
                cwd=tmp_path,
                env={**os.environ, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
    try:
        outputs = [agent.communicate(timeout=120) for agent in agents]
    finally:
        for agent in agents:
            kill(agent.pid, str(tmp_path))
    errors = "\n".join(error for _, error in outputs)
    assert [agent.returncode for agent in agents] == [0, 0], errors[-6000:]
    lines = sorted("".join(printed for printed, _ in outputs).splitlines())
    recorded = SNIPPET.with_suffix(".txt").read_text("utf-8")
    assert lines == sorted(recorded.splitlines()), errors[-6000:]
    assert "exitcode: -9" in errors  # the kill was one
