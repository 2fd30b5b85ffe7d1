"""Inline blocks of pages: a failing one names its line, none leaves anything behind."""

import subprocess
import sys
from pathlib import Path

import pytest

PAGE = """\
# Page

```python
open("here.txt", "w").close()
assert 1 == 1
```

```{syntax}
{code}
```
"""


@pytest.mark.parametrize(
    ("syntax", "code", "says"),
    [
        (
            "python",
            "x = 1\nassert x == 2",
            "page.md:10: this block fails: AssertionError",
        ),
        (
            "python",
            "import sys\nsys.exit()",
            "page.md:10: this block fails: SystemExit",
        ),
        ("sh", "false", "page.md:8: this block fails"),
    ],
)
def test_failing_block(tmp_path: Path, syntax: str, code: str, says: str) -> None:
    (tmp_path / "page.md").write_text(PAGE.format(syntax=syntax, code=code))
    command = [sys.executable, "-m", "pytest", "--codeblocks", "-p", "handbook.blocks"]
    done = subprocess.run(
        [*command, "page.md"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout
    assert says in done.stdout
    assert "remedy: mend the block" in done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert not (tmp_path / "here.txt").exists()
