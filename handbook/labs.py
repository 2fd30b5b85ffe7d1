"""Labs: notebooks to explore, kept as one percent script with text in both languages.

`docs/labs/<name>.py` is the only source. Recording runs it once and writes a notebook
with outputs for each language, `docs/<language>/labs/<name>.ipynb`: what the site shows
and a reader downloads.
"""

import copy
import os
import re
import tempfile
from pathlib import Path

import jupytext
import nbclient
import nbformat

from handbook import LANGUAGES
from handbook.snippets import difference, normal_figure

FOLDER = Path("docs/labs")
TIME_LIMIT_S = 120
SOLUTION = "solution"  # tag of a cell that is folded until asked for
SVG = "image/svg+xml"
SANS = "font-family: sans-serif"
FIGURE = "<figure>\n"


class BadLab(Exception):
    """A lab that cannot become notebooks; the message says where and why."""


def discover(root: Path) -> list[Path]:
    """The sources of all labs, in order."""
    return sorted((root / FOLDER).glob("*.py"))


def notebook_path(script: Path, language: str) -> Path:
    """Where the notebook of a lab in one language stands."""
    return script.parents[1] / language / "labs" / f"{script.stem}.ipynb"


def read(script: Path) -> nbformat.NotebookNode:
    """The lab with the text of both languages, without outputs.

    Raises:
        BadLab: a text cell names no language, or has no twin.
    """
    lab = jupytext.read(script, fmt="py:percent")
    expected, starts = LANGUAGES[0], cell_lines(script)
    for cell, line in zip(lab.cells, starts, strict=True):
        language = cell.metadata.get("lang")
        shown = f"{script}:{line}"
        if cell.cell_type == "markdown":
            if language != expected:
                raise BadLab(
                    f'{shown}: a text cell with lang="{language}"\n'
                    f'  expected: lang="{expected}": each text stands in '
                    f"{' and '.join(LANGUAGES)}, in this order\n"
                    f'  remedy: # %% [markdown] lang="{expected}"'
                )
            others = LANGUAGES[LANGUAGES.index(expected) + 1 :]
            expected = others[0] if others else LANGUAGES[0]
            if "$" in cell.source:
                raise BadLab(
                    f"{shown}: a formula, which is not rendered in a lab\n"
                    "  expected: `code` or words\n  remedy: link to the answer"
                )
        elif expected != LANGUAGES[0]:
            raise BadLab(
                f'{shown}: the text before it has no twin with lang="{expected}"\n'
                f"  expected: each text in {' and '.join(LANGUAGES)}\n"
                f'  remedy: # %% [markdown] lang="{expected}"'
            )
    for number, cell in enumerate(lab.cells):
        cell.id = f"{script.stem}-{number}"  # nbformat's own are random
    return lab


def cell_lines(script: Path) -> list[int]:
    """Lines at which the cells of a percent script begin."""
    lines = script.read_text("utf-8").splitlines()
    return [n for n, line in enumerate(lines, 1) if line.startswith("# %%")]


def execute(script: Path) -> nbformat.NotebookNode:
    """Run a lab from top to bottom in an empty folder; the result has the outputs.

    Raises:
        BadLab: a cell failed, or took too long.
    """
    lab = read(script)
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    client = nbclient.NotebookClient(
        lab,
        timeout=TIME_LIMIT_S,
        kernel_name="python3",
        extra_arguments=["--InlineBackend.figure_formats=svg"],
    )
    with tempfile.TemporaryDirectory(prefix="lab-") as name:
        client.resources = {"metadata": {"path": name}}
        environment["IPYTHONDIR"] = f"{name}/.ipython"  # not the user's own settings
        try:
            client.execute(env=environment)
        except (nbclient.exceptions.CellExecutionError, TimeoutError) as error:
            cells = [c for c in lab.cells if c.cell_type == "code"]
            failed = next(
                (
                    cell
                    for cell in cells
                    if any(x.output_type == "error" for x in cell.outputs)
                ),
                cells[-1],
            )
            line = cell_lines(script)[lab.cells.index(failed)]
            told = re.sub(r"\x1b\[[\d;]*m", "", str(error))
            raise BadLab(
                f"{script}:{line}: this cell failed\n"
                f"  expected: it runs within {TIME_LIMIT_S} s\n"
                f"  remedy: jupytext --to ipynb {script}, and run it\n{told[-3000:]}"
            ) from None
    for cell, line in zip(lab.cells, cell_lines(script), strict=True):
        if " at 0x" in printed(cell):
            raise BadLab(
                f"{script}:{line}: this cell shows an object by its address\n"
                "  expected: the same text on every run\n"
                "  remedy: end it with plt.show(), or print what matters"
            )
    for number, cell in enumerate(lab.cells):
        cell.metadata.pop("execution", None)  # times of day
        merge_streams(cell)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if SVG in data:
                figure = normal_figure(data[SVG], f"{script.stem}-{number}")
                # An image of its own on the page, not a part of it as in an answer.
                output.data = {SVG: figure.replace("font-family: inherit", SANS)}
                output.metadata = {}
    return lab


def merge_streams(cell: nbformat.NotebookNode) -> None:
    """Join what a cell printed: where the kernel parts it depends on timing."""
    outputs = []
    for output in cell.get("outputs", []):
        last = outputs[-1] if outputs else None
        if last and output.get("name") and output.get("name") == last.get("name"):
            last.text += output.text  # only a stream has a name
        else:
            outputs.append(output)
    if outputs:
        cell.outputs = outputs


def in_language(lab: nbformat.NotebookNode, language: str) -> nbformat.NotebookNode:
    """The notebook that a reader of one language gets."""
    result = copy.deepcopy(lab)
    result.metadata = nbformat.from_dict(
        {
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            },
            "language_info": {"name": "python"},
        }
    )
    result.cells = [
        cell for cell in result.cells if cell.metadata.get("lang") in (None, language)
    ]
    for cell in result.cells:
        cell.metadata.pop("lang", None)
        if SOLUTION in cell.metadata.get("tags", []):  # folded in Jupyter, too
            cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    nbformat.validate(result)
    return result


def printed(cell: nbformat.NotebookNode) -> str:
    """What a cell printed and showed, as text; a figure stands as one line."""
    text = ""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            text += output.text
        elif SVG in output.get("data", {}):
            text += FIGURE
        else:
            text += output.get("data", {}).get("text/plain", "") + "\n"
    return text


def check(script: Path) -> str:
    """What is wrong with a lab and its recorded notebooks; empty if nothing."""
    try:
        lab = execute(script)
    except BadLab as error:
        return str(error)
    remedy = f"  remedy: if the new one is right, make outputs ONLY=labs/{script.stem}"
    starts = cell_lines(script)
    for language in LANGUAGES:
        path = notebook_path(script, language)
        if not path.exists():
            return f"{script}:1: no recorded notebook {path.name}\n{remedy}"
        recorded = nbformat.read(path, as_version=4)
        now = in_language(lab, language)
        if [cell.source for cell in recorded.cells] != [c.source for c in now.cells]:
            return (
                f"{path}:1: made from another version of {script.name}\n"
                f"  expected: the cells of the script\n{remedy}"
            )
        for old, new in zip(recorded.cells, now.cells, strict=True):
            diff = difference(printed(old), printed(new), str(path))
            if diff:
                line = starts[[cell.id for cell in lab.cells].index(new.id)]
                return (
                    f"{script}:{line}: this cell prints something else now\n"
                    "  expected: the lines marked -, printed: those marked +\n"
                    f"{remedy}\n{diff}"
                )
    return ""


def record(script: Path) -> str:
    """Run a lab and write its notebooks. Returns a complaint, and writes nothing, where
    it fails."""
    try:
        lab = execute(script)
    except BadLab as error:
        return str(error)
    for language in LANGUAGES:
        path = notebook_path(script, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(in_language(lab, language), path)
    return ""
