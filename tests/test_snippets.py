"""Every snippet runs, and prints and draws what is recorded; and what the runner says
of those that do not."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from handbook import ROOT, environments, gpu, snippets
from handbook.__main__ import outputs, record

FOLDER = ROOT / "snippets"
ALL = snippets.discover(FOLDER)


@pytest.mark.parametrize(
    "path", ALL, ids=[str(p.relative_to(FOLDER).with_suffix("")) for p in ALL]
)
def test_snippet(path: Path) -> None:
    shown = path.relative_to(ROOT)
    if snippets.unavailable(shown):
        pytest.skip(snippets.unavailable(shown))
    if snippets.is_benchmark(path):
        pytest.skip(
            f"{shown} takes minutes: `make outputs` runs it, its page says when"
        )
    result = snippets.run(path)
    if result.cuda and not path.with_suffix(".cuda.txt").exists():
        pytest.skip(f"{shown} ran on this GPU; `make outputs` records what it printed")
    problem = snippets.check(path, result)
    if problem:  # no assert: pytest would print the problem twice, and this function
        pytest.fail(problem.replace(f"{ROOT}/", ""), pytrace=False)


@pytest.fixture
def snippet(tmp_path: Path) -> Path:
    return tmp_path / "snippets" / "example.py"


def write(snippet: Path, code: str, recorded: str | None = None) -> Path:
    snippet.parent.mkdir(exist_ok=True)
    snippet.write_text(code, "utf-8")
    if recorded is not None:
        snippet.with_suffix(".txt").write_text(recorded, "utf-8")
    return snippet


def test_runs_are_isolated(snippet: Path) -> None:
    write(
        snippet,
        "import builtins, os\nassert not hasattr(builtins, 'x')\n"
        "builtins.x = 1\nos.environ['X'] = '1'\nprint(os.listdir())",
    )
    first, second = snippets.run(snippet), snippets.run(snippet)
    assert first.status == second.status == 0
    assert first.stdout == second.stdout
    assert "example.py" not in first.stdout  # its own folder, not the snippet's


def test_threads_are_pinned(snippet: Path) -> None:
    write(snippet, "import torch\nprint(torch.get_num_threads())")
    assert snippets.run(snippet).stdout == "1\n"


def ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie, soon."""
    for _ in range(50):
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.1)
                continue
        return True
    return False


CHILD = """\
import subprocess, time
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
print(child.pid, flush=True)
"""


def test_hanging_snippet_is_killed_with_its_children(snippet: Path) -> None:
    result = snippets.run(write(snippet, CHILD + "time.sleep(600)\n"), limit_s=2)
    message = snippets.complaint(snippet, result, limit_s=2)
    assert f"{snippet}:1: still running after 2 s, killed" in message
    assert f"python {snippet}" in message
    assert ended(int(result.stdout))


def test_hanging_torchrun_is_killed_with_its_workers(snippet: Path) -> None:
    code = "# launch: torchrun --standalone --nproc-per-node=2\nimport os, time\n"
    code += "print(f'{os.getpid()}\\n', end='')\ntime.sleep(600)\n"
    result = snippets.run(write(snippet, code), limit_s=20)  # torchrun starts in 5
    assert result.status is None
    pids = [int(line) for line in result.stdout.split()]
    assert len(pids) == 2
    assert all(ended(pid) for pid in pids)


def test_process_left_behind_is_named_and_killed(snippet: Path) -> None:
    result = snippets.run(write(snippet, CHILD))
    assert "leaves behind sleep 600" in snippets.complaint(snippet, result)
    assert ended(int(result.stdout))


def test_failing_snippet_names_its_line(snippet: Path) -> None:
    write(snippet, "x = 1\n\nassert x == 2, 'one is not two'\n", "")
    message = snippets.check(snippet, snippets.run(snippet))
    assert f"{snippet}:3: exit status 1" in message
    assert "one is not two" in message
    assert "handbook" not in message  # only the snippet's own frames


def test_other_output_is_shown_as_a_diff(snippet: Path) -> None:
    write(snippet, "print('a')\nprint('b')\n", "a\nc\n")
    message = snippets.check(snippet, snippets.run(snippet))
    assert "example.txt:1: the output is another now" in message
    assert "\n-c\n+b" in message
    assert "make outputs ONLY=example" in message


def test_missing_output_names_the_command(snippet: Path) -> None:
    write(snippet, "print('a')\n")
    message = snippets.check(snippet, snippets.run(snippet))
    assert "no recorded output example.txt" in message
    assert "make outputs ONLY=example" in message


def test_noisy_lines_are_compared_by_shape(snippet: Path) -> None:
    write(snippet, "print('~ 1.7x in 0.25 s')\n", "~ 2x in 1e-3 s\n~ ran on a GPU\n")
    assert snippets.check(snippet, snippets.run(snippet)) == ""
    write(snippet, "print('~ 1.7x in 0.25 min')\n")
    assert "+~ 1.7x in 0.25 min" in snippets.check(snippet, snippets.run(snippet))


def test_long_differences_are_cut(snippet: Path) -> None:
    write(snippet, "for i in range(9999): print(i)\n", "")
    message = snippets.check(snippet, snippets.run(snippet))
    assert "lines more" in message
    assert len(message.splitlines()) < 80


def test_digits_of_quiet_lines_count(snippet: Path) -> None:
    write(snippet, "print('1.7x')\n", "1.8x\n")
    assert "-1.8x\n+1.7x" in snippets.check(snippet, snippets.run(snippet))


def test_recording_refuses_what_differs_on_a_second_run(snippet: Path) -> None:
    write(snippet, "import time\nprint(time.time_ns())\n")
    message = snippets.record(snippet)
    assert f"{snippet}:1: prints something else on a second run" in message
    assert "start lines with a time, a ratio or what hangs on" in message
    assert not snippet.with_suffix(".txt").exists()


def test_recording_refuses_unseeded_numpy(snippet: Path) -> None:
    write(snippet, "import numpy\nprint(numpy.random.rand())\n")
    assert "prints something else on a second run" in snippets.record(snippet)


def test_recording_notes_where_noise_was_measured(snippet: Path) -> None:
    write(snippet, "print('one')\n")
    assert snippets.record(snippet) == ""
    assert snippet.with_suffix(".txt").read_text() == "one\n"
    write(snippet, "import time\nprint('~', time.time_ns(), 'ns')\n")
    assert snippets.record(snippet) == ""
    lines = snippet.with_suffix(".txt").read_text().splitlines()
    assert lines[1].startswith("~ ran on ")
    assert "torch" in lines[1]
    assert snippets.check(snippet, snippets.run(snippet)) == ""


def test_launch_line_starts_processes(snippet: Path) -> None:
    code = """\
# launch: torchrun --standalone --nproc-per-node=2
import os
print("{RANK} of {WORLD_SIZE}\\n".format_map(os.environ), end="")
"""  # one write a rank: torchrun leaves nothing buffered, and pieces of lines would mix
    result = snippets.run(write(snippet, code))
    assert sorted(result.stdout.split("\n")) == ["", "0 of 2", "1 of 2"]


def test_launch_line_sets_variables_and_goes_on(snippet: Path) -> None:
    code = """\
# launch: COLOUR=green \\
#   torchrun --standalone --nproc-per-node=1
import os
print(os.environ["COLOUR"], os.environ["WORLD_SIZE"])
"""
    assert snippets.run(write(snippet, code)).stdout == "green 1\n"


def test_folder_with_requirements_gets_its_environment(
    snippet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "FOLDER", snippet.parent.parent / "environments")
    write(snippet, "import sys\nprint(sys.prefix)\nimport torch\n")
    snippet.with_name("requirements.txt").write_text("# nothing at all\n")
    result = snippets.run(snippet)
    assert result.stdout.startswith(str(environments.FOLDER))
    assert "No module named 'torch'" in result.stderr


def test_system_without_the_packages_is_told_so(snippet: Path) -> None:
    write(snippet, "print()\n")
    assert snippets.unavailable(snippet) == ""
    snippet.with_name("requirements.txt").write_text('x==1; sys_platform == "mars"\n')
    reason = snippets.unavailable(snippet)
    assert 'requirements.txt:1: x is for sys_platform == "mars", this is ' in reason


def test_python_without_its_library_is_told_so(
    snippet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "has_library", lambda: False)
    write(snippet, "print()\n")
    listed = snippet.with_name("requirements.txt")
    listed.write_text(f"{environments.NEEDS_LIBRARY}\n")
    assert "requirements.txt:1: this Python came" in snippets.unavailable(snippet)
    assert "apt-get install libpython3." in snippets.unavailable(snippet)


@pytest.mark.parametrize("launch", ["", "# launch: torchrun --nproc-per-node=1\n"])
def test_nothing_outlives_a_run_that_was_killed(snippet: Path, launch: str) -> None:
    write(snippet, f"{launch}{CHILD}time.sleep(600)\n")
    call = f"snippets.set_environment(Path()); snippets.run(Path({str(snippet)!r}))"
    code = f"from pathlib import Path; from handbook import snippets; {call}"
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # a socket's path is a short one
    environment = {**os.environ, "TMPDIR": str(folder)}
    run = subprocess.Popen([sys.executable, "-c", code], env=environment)
    deadline, pid = time.monotonic() + 60, ""
    while not pid:
        assert time.monotonic() < deadline, "the snippet did not start"
        time.sleep(0.1)
        for path in folder.glob("snippet-*/stdout~"):
            pid = path.read_text()
    run.kill()
    run.wait()
    shutil.rmtree(folder)
    assert ended(int(pid))


# What a contribution must not do, and what its author reads.
NETWORK = "import socket\n\nsocket.create_connection(('192.0.2.1', 80), 1)\n"
HIDDEN = "try:\n    open('/etc/x', 'w')\nexcept OSError:\n    print('fine')\n"
SHELL = "import subprocess\n\nsubprocess.run(['touch', {0!r}], check=True)\n"
CURL = "import sys, subprocess\ncode = {0!r}\n"
CURL += "subprocess.run([sys.executable, '-c', code], check=True)\n"
MEMORY = "import time\n\nx = bytearray(5 << 30)\ntime.sleep(60)\n"
FORKS = "import os, time\n\nwhile True:\n    os.fork()\n    time.sleep(0.01)\n"
LEAVERS = "import subprocess, time\nwhile True:\n    time.sleep(0.01)\n"
LEAVERS += "    subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel that sees to it is Linux"
)


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (NETWORK, "example.py:3: tries socket.getaddrinfo 192.0.2.1"),
        ("import os\nos.mkdir('/etc/x')\n", "example.py:2: tries os.mkdir /etc/x"),
        (HIDDEN, "example.py:1: tries open /etc/x"),
        (MEMORY, "example.py:1: takes "),
        (FORKS, "killed, with all that it had started"),
        (LEAVERS, "processes, at most 64"),
    ],
    ids=["network", "folder", "hidden", "memory", "fork bomb", "fork bomb in sessions"],
)
def test_bad_snippet_is_stopped_and_told(snippet: Path, code: str, what: str) -> None:
    before = set(psutil.pids())
    result = snippets.run(write(snippet, code))
    message = snippets.complaint(snippet, result)
    assert what in message, message
    assert "expected: " in message
    assert "remedy: " in message
    assert len(message.splitlines()) <= 5, message  # one message, no traceback
    new = [pid for pid in set(psutil.pids()) - before if not ended(pid)]
    for pid in new:
        with contextlib.suppress(psutil.NoSuchProcess):
            assert "sleep 600" not in " ".join(psutil.Process(pid).cmdline())


@LINUX
@pytest.mark.parametrize("launch", ["", "# launch: torchrun --nproc-per-node=1\n"])
def test_other_programs_write_nothing_elsewhere(snippet: Path, launch: str) -> None:
    target = snippet.parent.parent / "outside"
    result = snippets.run(write(snippet, launch + SHELL.format(str(target))))
    assert result.status == 1
    assert "Permission denied" in result.stderr
    assert not target.exists()


@LINUX
def test_other_programs_reach_no_network(snippet: Path) -> None:
    result = snippets.run(write(snippet, CURL.format(NETWORK)))
    if os.geteuid() and "timed out" in result.stderr:
        pytest.skip("this system lets no user make a network namespace")
    assert "Network is unreachable" in result.stderr
    address = "import socket\ns = socket.create_server(('127.0.0.1', 0))\n"
    address += "print(socket.create_connection(s.getsockname()).getpeername()[0])\n"
    assert snippets.run(write(snippet, address)).stdout == "127.0.0.1\n"


@LINUX
@pytest.mark.skipif(not shutil.which("setpriv"), reason="no setpriv")
def test_system_that_gives_no_loopback_keeps_its_network(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give up a right")
    address = "import socket\ns = socket.create_server(('127.0.0.1', 0))\n"
    address += "print(socket.create_connection(s.getsockname()).getpeername()[0])"
    command = ["setpriv", "--bounding-set=-net_admin", sys.executable, "-m"]
    command += ["handbook.sandbox", str(tmp_path), sys.executable, "-c", address]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "127.0.0.1\n", done.stderr


def test_benchmark_is_recorded_with_the_version_of_its_code(snippet: Path) -> None:
    bench = write(snippet.with_name("example_bench.py"), "print('~ 1 ms')\n")
    assert snippets.record(bench) == ""
    recorded = bench.with_suffix(".txt").read_text()
    assert recorded.startswith("~ 1 ms\n~ ran on ")
    assert recorded.endswith(f"{snippets.code_version(bench)}\n")


def test_unknown_launcher_is_named(snippet: Path) -> None:
    write(snippet, "# launch: mpirun -n 2\n")
    with pytest.raises(snippets.BadSnippet, match=r"example.py:1: .*`mpirun`"):
        snippets.run(snippet)
    write(snippet, '"""Doc."""\n# launch: torchrun\n')
    with pytest.raises(snippets.BadSnippet, match=r"example.py:2: .* is ignored"):
        snippets.run(snippet)
    assert "is ignored" in record(snippet)  # and the others are still recorded


DRAW = """\
import matplotlib.pyplot as plt
plt.plot([0, 1], [0, {height}])
plt.xlabel("$k$")
plt.savefig("example.svg")
"""


def test_figures_are_recorded_and_compared(snippet: Path) -> None:
    write(snippet, DRAW.format(height=1))
    assert snippets.record(snippet) == ""
    figure = snippet.with_suffix(".svg").read_text()
    assert "currentColor" in figure
    assert "#010203" not in figure
    assert "<style" not in figure  # it would restyle every icon of the page
    assert snippets.check(snippet, snippets.run(snippet)) == ""
    write(snippet, DRAW.format(height=2))
    message = snippets.check(snippet, snippets.run(snippet))
    assert "example.svg:1: the figure differs from the recorded" in message
    write(snippet, "print()\n")
    snippet.with_suffix(".txt").write_text("\n")
    message = snippets.check(snippet, snippets.run(snippet))
    assert "example.svg:1: a recorded figure that example.py draws no more" in message
    write(snippet, DRAW.format(height=2).replace("example.svg", "other.svg"))
    message = snippets.record(snippet)
    assert "example.py:1: saves other.svg" in message
    assert not snippet.with_name("other.svg").exists()


def test_recording_an_unknown_answer_lists_the_known(capsys) -> None:
    assert outputs("training/gradient-acumulation") == 1
    told = capsys.readouterr().err
    assert "no snippet in snippets/training/gradient-acumulation; there are:" in told
    assert "  training/gradient-accumulation/loop" in told


def test_machine_without_a_gpu_is_told_so(capsys: pytest.CaptureFixture) -> None:
    if snippets.has_gpu():
        pytest.skip("this machine has one")
    assert gpu.main([]) == 1
    told = capsys.readouterr().err
    assert "sees no GPU" in told
    assert "remedy: nvidia-smi, then make test-gpu" in told


def test_gpu_run_in_which_no_snippet_used_it_fails(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snippets, "has_gpu", lambda: True)
    assert gpu.main(["fundamentals/revolver-probability/host"]) == 1
    told = capsys.readouterr()
    assert "1 snippets ran, 0 of them on the GPU, 0 failed" in told.out
    assert "no snippet used the GPU" in told.err


def test_gpu_run_names_what_it_cannot_run(snippet: Path) -> None:
    write(snippet, "import nowhere_to_be_found\n")
    assert gpu.lacking(snippet) == "not installed here: nowhere_to_be_found"
    write(snippet, "import helper\nassert helper\n")
    snippet.with_name("helper.py").write_text("import os\n")
    assert gpu.lacking(snippet) == ""
