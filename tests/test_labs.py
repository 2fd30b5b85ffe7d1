"""Labs run from top to bottom and print what their notebooks show."""

from pathlib import Path

import nbformat
import pytest

from handbook import LANGUAGES, ROOT, labs

ALL = labs.discover(ROOT)
GOOD = """\
# %% [markdown] lang="en"
# # One
# %% [markdown] lang="ru"
# # Один
# %%
import matplotlib.pyplot as plt
print(1 + 1)
# %%
plt.plot([1, 2]);
# %% tags=["solution"]
assert True
"""


@pytest.mark.parametrize("script", ALL, ids=[path.stem for path in ALL])
def test_lab(script: Path) -> None:
    problem = labs.check(script)
    assert not problem, "\n" + problem.replace(f"{ROOT}/", "")


@pytest.mark.parametrize("script", ALL, ids=[path.stem for path in ALL])
def test_lab_has_exercises_with_folded_solutions(script: Path) -> None:
    for language in LANGUAGES:
        lab = nbformat.read(labs.notebook_path(script, language), as_version=4)
        solutions = [
            cell for cell in lab.cells if labs.SOLUTION in cell.metadata.get("tags", [])
        ]
        assert len(solutions) >= 3, f"{script}: {len(solutions)} solutions, wanted 3"
        assert all(cell.metadata.jupyter.source_hidden for cell in solutions)


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    path = tmp_path / "docs/labs/example.py"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, "utf-8")
    return path


def test_each_language_gets_its_notebook(lab: Path) -> None:
    assert labs.record(lab) == ""
    assert labs.check(lab) == ""
    titles = []
    for language in LANGUAGES:
        notebook = nbformat.read(labs.notebook_path(lab, language), as_version=4)
        titles.append(notebook.cells[0].source)
        assert notebook.cells[1].outputs[0].text == "2\n"
        assert "currentColor" in notebook.cells[2].outputs[0].data[labs.SVG]
    assert titles == ["# One", "# Один"]


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("assert True", "assert False", 10, "this cell failed"),
        ('lang="ru"', 'lang="en"', 3, 'expected: lang="ru"'),
        ('# %% [markdown] lang="ru"\n# # Один\n', "", 3, 'no twin with lang="ru"'),
        ("plt.plot([1, 2]);", "plt.plot([1, 2])", 8, "an object by its address"),
        ("# # One", "# # One $x$", 1, "a formula, which is not rendered"),
    ],
)
def test_bad_lab(lab: Path, old: str, new: str, line: int, expected: str) -> None:
    lab.write_text(GOOD.replace(old, new), "utf-8")
    problem = labs.record(lab)
    assert problem.startswith(f"{lab}:{line}: ")
    assert expected in problem
    assert not labs.notebook_path(lab, "en").exists()


def test_other_output_is_shown_as_a_diff(lab: Path) -> None:
    assert labs.record(lab) == ""
    path = labs.notebook_path(lab, "ru")
    path.write_text(path.read_text("utf-8").replace('"2\\n"', '"3\\n"'), "utf-8")
    problem = labs.check(lab)
    assert problem.startswith(f"{lab}:5: this cell prints something else now")
    assert "\n-3\n+2" in problem


def test_notebook_of_another_version_is_told_so(lab: Path) -> None:
    assert labs.record(lab) == ""
    lab.write_text(GOOD + "# nothing\n", "utf-8")
    problem = labs.check(lab)
    assert "example.ipynb:1: made from another version of example.py" in problem
    assert "make outputs ONLY=labs/example" in problem
