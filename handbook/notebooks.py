"""A page to take along: as a notebook that runs, and as plain Markdown.

Both come from the page and its snippets with their recorded outputs; nothing runs here.
"""

import functools
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from handbook import ROOT
from handbook.environments import parse, requirements
from handbook.pages import Page
from handbook.snippets import is_benchmark, launcher, modules, needs_gpu, siblings

# What a cell of a notebook cannot do: know its file, start processes that import it, or
# leave no trace in the process that runs the next cell.
NEEDS_FILE = re.compile(
    r"__file__|multiprocessing|sys\.argv|os\._exit|data_ptr|set_default|set_grad_enabled"
)
DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # where import and package differ
SVG = "image/svg+xml"
KINDS = (".py", ".txt", ".svg")  # snippets, what they printed, what they drew


@dataclass(frozen=True)
class Part:
    """A stretch of a page: `text` of Markdown, a `block` of inline code, or the `path`
    of an included snippet, output or figure."""

    text: str = ""
    block: str = ""
    path: Path | None = None


def parts(page: Page, url: str) -> Iterator[Part]:
    """A page from its first heading to its end, in order.

    Args:
        page: an answer.
        url: address of the language's site, with a slash at the end: links of the page
            become absolute.
    """
    folder = page.root / "snippets"
    includes = {include.line: folder / include.path for include in page.includes}
    first = len(page.lines) - len(page.body.splitlines())
    cursor = next(n for n in range(first, len(page.lines)) if page.lines[n].strip())
    stops = [(fence.lineno, fence) for fence in page.fences]
    stops += [
        (line - 1, None) for line, path in includes.items() if path.suffix == ".svg"
    ]
    for line, fence in sorted(stops, key=lambda stop: stop[0]):
        if text := prose(page, page.lines[cursor : line - 1], url):
            yield Part(text=text)
        included = includes.get(line + 1)
        yield Part(path=included) if included else Part(block=fence.code)
        cursor = line + (2 if fence is None else fence.code.count("\n") + 1)
    if text := prose(page, page.lines[cursor:], url):
        yield Part(text=text)


def prose(page: Page, lines: list[str], url: str) -> str:
    """Markdown that any reader of Markdown understands: the site's extensions become
    headings, emphasis and plain paragraphs."""
    text = "\n".join(line.removeprefix("    ") for line in lines)
    text = re.sub(r"^(#.*?) \{ #[\w-]+ \}$", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r'^\?\?\? question "(.*)"$', r"### \1", text, flags=re.MULTILINE)
    text = re.sub(
        r"^/// caption\n(.*?)\n///$",
        lambda match: f"*{match[1].strip()}*",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    text = re.sub(r"^</?div.*>$", "", text, flags=re.MULTILINE)
    text = re.sub(
        r"\]\(([^)\s]+)\)", lambda match: f"]({absolute(match[1], page, url)})", text
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def absolute(link: str, page: Page, url: str) -> str:
    """Address of what a link on a page leads to.

    Args:
        link: as the page has it; one that is absolute already stays.
        page: where it stands.
        url: as for `parts`.
    """
    if re.match(r"\w+:", link):
        return link
    path, _, anchor = link.partition("#")
    folder = page.path.parent.relative_to(page.root / "docs" / page.language)
    target = Path("/", folder, path or page.path.name).resolve().relative_to("/")
    name = target.with_suffix("").as_posix() + "/"
    name = "" if name == "index/" else name.removesuffix("index/")
    return f"{url}{name}{'#' if anchor else ''}{anchor}"


def as_markdown(page: Page, url: str) -> str:
    """The page with code and outputs in place.

    Args:
        page: an answer.
        url: as for `parts`; figures are linked from `<root of the site>/figures/`.
    """
    result = []
    for part in parts(page, url):
        if part.path is None:
            result.append(part.text or f"```python\n{part.block.strip()}\n```")
        elif part.path.suffix == ".svg":
            result.append(f"![{part.path.stem}]({figure_url(page, part.path, url)})")
        else:
            language = "python" if part.path.suffix == ".py" else "text"
            title = f' title="{part.path.name}"' if language == "python" else ""
            code = part.path.read_text("utf-8").strip("\n")
            result.append(f"```{language}{title}\n{code}\n```")
    return "\n\n".join(filter(None, result)) + "\n"


def figure_url(page: Page, figure: Path, url: str) -> str:
    """Address at which a figure stands by itself, outside any page."""
    root = url.removesuffix(f"{page.language}/")
    return f"{root}figures/{figure.relative_to(page.root / 'snippets').as_posix()}"


def as_notebook(page: Page, url: str, labels: dict[str, str]) -> nbformat.NotebookNode:
    """The page as a notebook with the recorded outputs.

    Args:
        page: an answer.
        url: as for `parts`.
        labels: texts of the page's language: `install`, `own`, `long`, `gpu`.
    """
    stretch = list(parts(page, url))
    scripts = [p.path for p in stretch if p.path and p.path.suffix == ".py"]
    cells = [new_markdown_cell(stretch[0].text), *install(scripts, labels)]
    written: set[Path] = set()
    for number, part in enumerate(stretch[1:], 1):
        if part.text:
            cells.append(new_markdown_cell(part.text))
        elif part.block:
            cells.append(new_code_cell(part.block.strip()))
        elif part.path.suffix == ".py":
            outputs = []
            for later in stretch[number + 1 : number + 5]:
                if later.path and later.path.stem != part.path.stem:
                    break
                outputs += output(later)
            cells += run(part.path, outputs, written, labels)
    for number, cell in enumerate(cells):
        cell.id = f"{page.path.stem}-{number}"[-64:]  # nbformat's own are random
    metadata = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        },
        "language_info": {"name": "python"},
    }
    notebook = new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return notebook


def output(part: Part) -> list[nbformat.NotebookNode]:
    """A recorded output as a cell holds it."""
    if part.path is None:
        return []
    text = part.path.read_text("utf-8")
    if part.path.suffix == ".svg":
        return [new_output("display_data", {SVG: text, "text/plain": "<figure>"})]
    return [new_output("stream", name="stdout", text=text)]


def install(scripts: list[Path], labels: dict[str, str]) -> list[nbformat.NotebookNode]:
    """The one cell that installs what a page's snippets import."""
    own = next(filter(None, map(requirements, scripts)), None)
    if own:
        packages = " ".join(f'"{requirement}"' for _, requirement in parse(own))
        code = (
            "import os\n\npython = os.path.abspath('environment/bin/python')\n"
            "!python3 -m venv environment\n"
            f"!{{python}} -m pip install -q {packages.replace('; ', ';')}"
        )
        return [new_markdown_cell(labels["own"]), new_code_cell(code)]
    known = test_packages()
    wanted = {
        name: known[name] for path in scripts for name in imports(path) & set(known)
    }
    code = "import sys\n\npython = sys.executable"
    if wanted:
        packages = " ".join(f'"{wanted[name]}"' for name in sorted(wanted))
        code = f"%pip install -q {packages}\n{code}"
    return [new_markdown_cell(labels["install"]), new_code_cell(code)]


@functools.cache
def test_packages() -> dict[str, str]:
    """Requirement of each package that snippets may import, by its distribution."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project["optional-dependencies"]["test"]
    return {re.match(r"[\w-]+", line)[0]: line for line in lines} | {"numpy": "numpy"}


def pins(script: Path) -> list[str]:
    """Packages that a snippet needs, each with the version that the tests take."""
    own = requirements(script)
    listed = [each for _, each in parse(own or ROOT / "requirements/test.txt")]
    if not own:
        needed = imports(script)
        listed = [each for each in listed if each.name in needed]
    return [f"{each.name} {str(each.specifier).removeprefix('==')}" for each in listed]


def imports(script: Path) -> set[str]:
    """Distributions that a snippet and the siblings that it imports need; the standard
    library is left out."""
    result = set()
    for name in modules(script):
        sibling = script.with_name(f"{name}.py")
        if sibling.exists():
            result |= imports(sibling) if sibling != script else set()
        elif name not in sys.stdlib_module_names:
            result.add(DISTRIBUTIONS.get(name, name.replace("_", "-")))
    return result


def data(script: Path) -> list[Path]:
    """Other files of its folder that a snippet, or a sibling that it imports, names."""
    code = "".join(path.read_text("utf-8") for path in [*siblings(script), script])
    files = [p for p in sorted(script.parent.iterdir()) if p.suffix not in KINDS]
    return [path for path in files if path.is_file() and path.stem in code]


def run(
    script: Path,
    outputs: list[nbformat.NotebookNode],
    written: set[Path],
    labels: dict[str, str],
) -> list[nbformat.NotebookNode]:
    """Cells that run a snippet as it runs on the site.

    A plain script is a cell; one that needs a file, several processes or packages of
    its own is written to a file and started from there.

    Args:
        script: the snippet.
        outputs: what it printed and drew.
        written: files that earlier cells have written; grows.
        labels: as for `as_notebook`.
    """
    cells = []
    for path in [*siblings(script), *data(script)]:
        if path not in written:
            written.add(path)
            cells.append(file(path))
    code = script.read_text("utf-8").strip("\n")
    apart = is_benchmark(script) or needs_gpu(script)
    plain = not apart and not launcher(script) and not requirements(script)
    all_code = "".join(path.read_text("utf-8") for path in [*siblings(script), script])
    if plain and not NEEDS_FILE.search(all_code):
        return [*cells, new_code_cell(code, outputs=outputs)]
    if script not in written:
        written.add(script)
        cells.append(file(script))
    command = f"!{{python}} {script.name}"
    if requirements(script):  # a server's folders must not be in each other's way
        folder = script.stem
        command = f"!mkdir {folder} && cd {folder} && {{python}} ../{script.name}"
    if not plain and (launch := launcher(script)):
        variables = "".join(f"{name}={value} " for name, value in launch[0].items())
        arguments = " ".join(launch[1])
        command = (
            f"!{variables}{{python}} -m torch.distributed.run {arguments} {script.name}"
        )
    if not apart:
        return [*cells, new_code_cell(command, outputs=outputs)]
    label = labels["long" if is_benchmark(script) else "gpu"]
    told = "".join(o.text for o in outputs if o.output_type == "stream")
    told = f"\n\n```text\n{told.strip()}\n```" if told else ""
    return [*cells, new_markdown_cell(f"{label}: `{command}`{told}")]


def file(script: Path) -> nbformat.NotebookNode:
    """A cell that writes a snippet to a file."""
    code = script.read_text("utf-8").strip("\n")
    return new_code_cell(f"%%writefile {script.name}\n{code}")
