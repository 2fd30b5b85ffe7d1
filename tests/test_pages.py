"""The pages keep the contract of an answer; and every way to break it is told well."""

import functools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from handbook import ROOT, pages
from handbook.cards import answer_paths

EN = "docs/en/training/example.md"
RU = "docs/ru/training/example.md"
SNIPPETS = "snippets/training/example"


ANSWERS = [
    path.relative_to(ROOT / "docs/en").with_suffix("").as_posix()
    for path in answer_paths(ROOT / "docs/en")
]
# `make test ONLY=…` reads the pages of that answer alone.
problems_here = functools.cache(pages.problems)
ONLY = os.environ.get("ONLY", "")


@pytest.mark.parametrize("answer", [*ANSWERS, "all else"])
def test_contract(answer: str) -> None:
    """This project's own pages, snippets and outputs break no rule."""
    found = [
        str(problem)
        for problem in problems_here(only=ONLY)
        if next((name for name in ANSWERS if name in str(problem.path)), "all else")
        == answer
    ]
    if found:  # no assert: pytest would print the problems twice, and this function
        pytest.fail("\n".join(found), pytrace=False)


def test_the_good_tree_has_no_problem(tree: Path) -> None:
    assert pages.problems(tree) == []


def replace(old: str, new: str, *names: str) -> Callable[[Path], None]:
    """A change to one page, or to both languages where none is named."""

    def change(tree: Path) -> None:
        for name in names or (EN, RU):
            text = (tree / name).read_text("utf-8")
            assert old in text, f"{name} has no {old!r}"
            (tree / name).write_text(text.replace(old, new), "utf-8")

    return change


def write(name: str, data: str | bytes) -> Callable[[Path], None]:
    def change(tree: Path) -> None:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        # As it stands: no line ending is turned into another.
        (tree / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    return change


def markup(text: str) -> Callable[[Path], None]:
    """A paragraph of a page in both languages."""
    return replace("Count.", f"Count.\n\n{text}\n\nAgain.")


def on_page(text: str, told: str) -> tuple:
    """A case of the table below: markup that has no place on a page."""
    return markup(text), rf"{EN}:85", f"{told} on a page", "write it in Markdown"


def in_figure(text: str, told: str) -> tuple:
    """A case of the table below: what does not draw in a figure."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">\n{text}\n</svg>\n'
    change = write(f"{SNIPPETS}/one.svg", svg)
    return change, f"{SNIPPETS}/one.svg:2", f"{told} in a figure", "let the snippet"


def notebook(cell: dict) -> Callable[[Path], None]:
    """A lab with one cell, and its source."""
    cell = {"id": "a", "metadata": {}, **cell}
    if cell["cell_type"] == "code":
        cell = {"execution_count": None, "outputs": [], **cell}
    lab = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}

    def change(tree: Path) -> None:
        write("docs/labs/lab.py", "")(tree)
        write("docs/en/labs/lab.ipynb", json.dumps(lab, indent=1))(tree)

    return change


def html_output(source: str) -> dict:
    output = {"output_type": "display_data", "metadata": {}, "data": {}}
    output["data"]["text/html"] = source
    return {"cell_type": "code", "source": "1", "outputs": [output]}


def link(old: str, new: str) -> Callable[[Path], None]:
    return lambda tree: (tree / new).symlink_to(tree / old)


def copy(old: str, new: str) -> Callable[[Path], None]:
    return lambda tree: write(new, (tree / old).read_bytes())(tree)


def remove(*names: str) -> Callable[[Path], None]:
    return lambda tree: [(tree / name).unlink() for name in names]


def swap_sections(tree: Path) -> None:
    for name in (EN, RU):
        text = (tree / name).read_text("utf-8")
        first, second = "## Pitfalls { #pitfalls }", "## Short { #short-answer }"
        text = text.replace(first, "@").replace(second, first).replace("@", second)
        (tree / name).write_text(text, "utf-8")


def move(old: str, new: str) -> Callable[[Path], None]:
    def change(tree: Path) -> None:
        (tree / new).parent.mkdir()
        (tree / old).rename(tree / new)

    return change


def swap_outputs(tree: Path) -> None:
    for name in (EN, RU):
        text = (tree / name).read_text("utf-8")
        text = text.replace("one.txt", "@").replace("two.txt", "one.txt")
        (tree / name).write_text(text.replace("@", "two.txt"), "utf-8")


def add_free_page(tree: Path) -> None:
    for language, formula in (("en", ""), ("ru", "$x^2$")):
        text = f"---\ntitle: T\ndescription: D\n---\n\n# T\n\nText {formula}.\n"
        (tree / "docs" / language / "free.md").write_text(text, "utf-8")


def remove_runs(tree: Path) -> None:
    for name in (EN, RU):
        text = (tree / name).read_text("utf-8")
        text = re.sub(r'```\w+ title="[^"]+"\n.*\n```\n', "", text)
        (tree / name).write_text(text, "utf-8")


# name: (what is broken, where the message points, what it says, the remedy it names)
BAD = {
    "section missing": (
        replace("## Pitfalls { #pitfalls }\n", ""),
        rf"{EN}:\d+",
        "section `pitfalls` is missing",
        "add a heading that ends in { #pitfalls }",
    ),
    "sections out of order": (
        swap_sections,
        f"{EN}:14",
        "section `pitfalls` stands where `short-answer` should",
        "move the section",
    ),
    "unknown section": (
        replace("## Sources", "## More { #more }\n\nText.\n\n## Sources"),
        rf"{EN}:\d+",
        "section `more` is not one of an answer's",
        "make it a ### heading",
    ),
    "short answer too long": (
        replace("Four, because", "Four, " + "indeed " * 120 + "because"),
        f"{EN}:14",
        "the short answer has 123 words",
        "keep the claim",
    ),
    "too few follow-ups": (
        replace('??? question "And 5?"\n\n    Yes, $x_5$.\n', ""),
        rf"{EN}:\d+",
        "5 follow-up questions",
        "add `??? question",
    ),
    "follow-up without an answer": (
        replace("    Yes, $x_5$.\n", ""),
        rf"{EN}:\d+",
        "the follow-up “And 5?” has no answer",
        "indent the answer",
    ),
    "no executed run": (
        remove_runs,
        rf"{EN}:\d+",
        "0 executed runs",
        "include x.py and",
    ),
    "too few runs": (
        replace(
            '--8<-- "training/example/one.txt"', '--8<-- "training/example/two.txt"'
        ),
        rf"{EN}:\d+",
        "2 executed runs",
        "include x.py and",
    ),
    "fence that nobody runs": (
        replace("```python\nassert", "```py\nassert"),
        rf"{EN}:\d+",
        "nobody runs this fence (`py`)",
        "let it run inline",
    ),
    "output typed on the page": (
        replace('--8<-- "training/example/one.txt"', "4"),
        rf"{EN}:\d+",
        'nobody runs this fence (`text title="Output"`)',
        "move the code to a snippet",
    ),
    "fence that is skipped": (
        replace("```python\nassert", "<!--pytest.mark.skip-->\n\n```python\nassert"),
        rf"{EN}:\d+",
        "this fence is marked pytest.mark.skip",
        "remove the mark",
    ),
    "fence of tildes": (
        replace("Count.", "~~~\nx = 1\n~~~"),
        rf"{EN}:\d+",
        "a `~~~` fence",
        "replace ~~~ by ```",
    ),
    "code by indentation": (
        replace("Count.", "Count:\n\n    x = 1\n"),
        f"{EN}:1",
        "8 code blocks, of which 7 are fences",
        "fence it",
    ),
    "include in a bare fence": (
        replace('```python title="one.py"', "```python"),
        rf"{EN}:\d+",
        "an include in a bare `python` fence",
        'write ```python title="file name"',
    ),
    "output of another snippet": (
        swap_outputs,
        rf"{EN}:\d+",
        "two.txt stands under one.py",
        "move the include",
    ),
    "title of another file": (
        replace('title="one.py"', 'title="two.py"'),
        rf"{EN}:\d+",
        '````python title="two.py"` over the code of one.py',
        'write ```python title="one.py"',
    ),
    "output outside a fence": (
        replace(
            '```text title="Output"\n--8<-- "training/example/one.txt"\n```',
            '--8<-- "training/example/one.txt"',
        ),
        rf"{EN}:\d+",
        "one.txt is included outside a fence",
        "put ```python title=… before it",
    ),
    "fence that an import skips": (
        replace(
            "```python\nassert",
            "<!--pytest-codeblocks:importorskip(none)-->\n\n```python\nassert",
        ),
        rf"{EN}:\d+",
        "this fence is marked importorskip(none)",
        "remove the mark",
    ),
    "fence that is not Python": (
        replace("assert 2 + 2 == 4", "x = (", EN),
        rf"{EN}:\d+",
        "this block is not Python: '(' was never closed",
        "mend it",
    ),
    "fence that is not closed": (
        replace("Count.", "```python\nx = 1\n\nCount.", EN),
        rf"{EN}:\d+",
        "fences cannot be read",
        "close the fence",
    ),
    "page in an unknown chapter": (
        move(EN, "docs/en/practice/example.md"),
        "docs/en/practice/example.md:1",
        "this page stands in `practice`",
        "move it",
    ),
    "chapter page without its answers": (
        write(
            "docs/en/training/index.md",
            "---\ntitle: T\ndescription: D\n---\n\n# T\n\n<!-- answer: training -->\n",
        ),
        "docs/en/training/index.md:8",
        "a chapter page that does not list its answers",
        "add the line",
    ),
    "dead link in the README": (
        write("README.md", "# R\n\n[x](docs/none.md)\n"),
        "README.md:3",
        "dead link `docs/none.md`",
        "mend the path",
    ),
    "link to the other language's folder": (
        replace("(#full-answer)", "(../../ru/training/example.md)", EN),
        rf"{EN}:\d+",
        "dead link `../../ru/training/example.md`",
        "mend the path",
    ),
    "formula only on the Russian side of a free page": (
        add_free_page,
        "docs/ru/free.md:1",
        "other inline formulas than docs/en/free.md",
        "bring the two pages together",
    ),
    "front matter of another type": (
        replace("popular: It is three.", "popular: 3", EN),
        f"{EN}:1",
        "front matter: `popular` is 3",
        "add `popular: …`",
    ),
    "include of a missing file": (
        replace("example/one.py", "example/none.py"),
        rf"{EN}:\d+",
        "include of `training/example/none.py`, which does not exist",
        "mend the name",
    ),
    "include of a missing section": (
        replace("example/one.py", "example/one.py:part"),
        rf"{EN}:\d+",
        "include of `training/example/one.py:part`, which does not exist",
        "mend the name",
    ),
    "snippet on no page": (
        write(f"{SNIPPETS}/four.py", "print(4)\n"),
        f"{SNIPPETS}/four.py:1",
        "stands on no page",
        "include it in docs/*/training/example.md",
    ),
    "snippet without output": (
        write(f"{SNIPPETS}/four.py", "print(4)\n"),
        f"{SNIPPETS}/four.py:1",
        "a snippet without a recorded output",
        "make outputs ONLY=training/example/four",
    ),
    "snippet too long": (
        write(f"{SNIPPETS}/one.py", "print(4)\n" * 61),
        f"{SNIPPETS}/one.py:61",
        "61 lines",
        "one idea a snippet",
    ),
    "snippet that asserts nothing": (
        write(f"{SNIPPETS}/one.py", "print(4)\n"),
        f"{SNIPPETS}/one.py:1",
        "asserts nothing",
        "assert what it claims",
    ),
    "output without a snippet": (
        write(f"{SNIPPETS}/four.txt", "4\n"),
        f"{SNIPPETS}/four.txt:1",
        "an output without a snippet",
        "bring the snippet back",
    ),
    "measured number that no run prints": (
        replace("measured: It is 4.", "measured: It is 4.5."),
        f"{EN}:7",
        "`measured` says 4.5, and no recorded output",
        "print it in a snippet",
    ),
    "front matter without a key": (
        replace("popular: It is three.\n", ""),
        f"{EN}:1",
        "front matter has no `popular`",
        "add `popular: …`",
    ),
    "front matter that is not YAML": (
        replace("popular: It", "popular: it: It"),
        f"{EN}:1",
        "front matter is not YAML: line 6",
        "quote the value",
    ),
    "unknown level": (
        replace("level: middle", "level: guru"),
        f"{EN}:4",
        "level `guru` is unknown",
        "choose the level",
    ),
    "dead link": (
        replace("(#full-answer)", "(../inference/none.md)"),
        rf"{EN}:\d+",
        "dead link `../inference/none.md`",
        "mend the path",
    ),
    "dead anchor": (
        replace("(#full-answer)", "(#fuller-answer)"),
        rf"{EN}:\d+",
        "dead anchor `#fuller-answer`",
        "mend the part after #",
    ),
    "Russian page missing": (
        remove(RU),
        f"{EN}:1",
        "docs/ru/training/example.md is missing",
        "write it",
    ),
    "English page missing": (
        remove(EN),
        f"{RU}:1",
        "docs/en/training/example.md is missing",
        "remove this one",
    ),
    "Russian page with other heading ids": (
        replace("## Full {", "### Deep { #deep }\n\n## Full {", RU),
        rf"{RU}:\d+",
        f"other heading ids than {EN}",
        "bring the two pages together",
    ),
    "Russian page with other includes": (
        replace("example/one.txt", "example/two.txt", RU),
        rf"{RU}:\d+",
        f"other includes than {EN}",
        "bring the two pages together",
    ),
    "Russian page with another formula": (
        replace("1{,}5", "1{,}6", RU),
        rf"{RU}:\d+",
        f"other display formulas in full-answer than {EN}",
        "bring the two pages together",
    ),
    "Russian page with another inline formula": (
        replace("2 + 2 = 4$", "2 + 2 = 5$", RU),
        rf"{RU}:\d+",
        f"other inline formulas in short-answer than {EN}",
        "bring the two pages together",
    ),
    "Russian page with fewer follow-ups": (
        replace('??? question "And 5?"\n\n    Yes, $x_5$.\n', "", RU),
        rf"{RU}:\d+",
        f"other number of follow-ups than {EN}",
        "bring the two pages together",
    ),
    "Russian page with another inline block": (
        replace("assert 2 + 2 == 4", "assert 2 + 2 != 5", RU),
        rf"{RU}:\d+",
        f"other inline code blocks than {EN}",
        "bring the two pages together",
    ),
    "script on a page": on_page("<script>alert(1)</script>", "<script>"),
    "script that is loaded": on_page(
        '<div><script src="https://example.org/x.js"></script></div>', "<script>"
    ),
    "frame": on_page('<iframe src="https://example.org/"></iframe>', "<iframe>"),
    "object": on_page('<object data="x.swf"></object>', "<object>"),
    "style sheet": on_page("<style>p { color: red }</style>", "<style>"),
    "style sheet of another host": on_page(
        '<link rel="stylesheet" href="//example.org/x.css">', "<link>"
    ),
    "form": on_page('<form action="https://example.org/"></form>', "<form>"),
    "SVG by hand": on_page("<svg><script>alert(1)</script></svg>", "<svg>"),
    "handler": on_page('<div OnClick="alert(1)">x</div>', "<div onclick=…>"),
    "handler by an attribute list": on_page(
        "[x](#full-answer){ onclick=alert(1) }", "<a onclick=…>"
    ),
    "style that loads": on_page(
        '<div style="background: url(https://example.org/x.png)">x</div>',
        "<div style='background: url(https://example.org/x.png)'>",
    ),
    "link that runs": on_page(
        "[x](javascript:alert(1))", "<a href='javascript:alert(1)'>"
    ),
    "link that runs, disguised": on_page(
        '<a href="java&#10;script&colon;alert(1)">x</a>',
        r"<a href='java\nscript:alert(1)'>",
    ),
    "image of another host": on_page(
        "![x](https://example.org/x.png)", "<img src='https://example.org/x.png'>"
    ),
    "image of another host, without a scheme": on_page(
        '<img src="//example.org/x.png" alt="x">', "<img src='//example.org/x.png'>"
    ),
    "comment that a browser ends early": on_page(
        "<!--> <img src=x onerror=alert(1)> -->", "`<!> <img src=x onerror…`"
    ),
    "invisible character by its entity": (
        markup("a&#x202e;b"),
        f"{EN}:85",
        "an invisible character, U+202E (RIGHT-TO-LEFT OVERRIDE)",
        "delete the entity",
    ),
    "markup in the front matter": (
        replace("popular: It is three.", "popular: It <img src=x onerror=x> is."),
        f"{EN}:6",
        "<img onerror=…> in the front matter's `popular`",
        "say it in words",
    ),
    "markup in the title": (
        replace("title: Page", "title: <b>Page</b>"),
        f"{EN}:2",
        "<b> in the front matter's `title`",
        "say it in words",
    ),
    "invisible character in the front matter": (
        replace("popular: It is three.", r'popular: "It \u202e is."'),
        f"{EN}:6",
        "an invisible character, U+202E",
        "delete the escape",
    ),
    "front matter that nothing reads": (
        replace("popular: It is three.", "popular: It is three.\ntemplate: x.html"),
        f"{EN}:7",
        "front matter: nothing reads `template`",
        "mend its name",
    ),
    "front matter that stands for gigabytes": (
        replace("tags: [example]", "tags: [&a [x, x], &b [*a, *a], [*b, *b]]"),
        f"{EN}:1",
        "front matter is not YAML: an alias",
        "quote the value",
    ),
    "front matter with an impossible date": (
        replace("level: middle", "level: 2024-13-45", EN),
        f"{EN}:1",
        "front matter is not YAML: month must be in 1..12",
        "quote the value",
    ),
    "front matter that is a list": (
        write(EN, "---\n- a\n---\n\n# T\n"),
        f"{EN}:1",
        "front matter is not YAML: ['a'] is not `key: value`",
        "quote the value",
    ),
    "empty page": (
        write(EN, ""),
        f"{EN}:1",
        "section `short-answer` is missing",
        "add a heading",
    ),
    "empty section": (
        replace("Count.\n", ""),
        rf"{EN}:\d+",
        "section `in-the-interview` is empty",
        "write it",
    ),
    "no question above the sections": (
        replace("\n# Page", "\nPage"),
        f"{EN}:1",
        "no heading with the question",
        "write the question",
    ),
    "follow-up without a summary": (
        replace("Yes, $x_5$.", "Yes, $x_5$.\n\n<details></details>"),
        rf"{EN}:\d+",
        "has no answer",
        "indent the answer",
    ),
    "block that is too deep": (
        replace("assert 2 + 2 == 4", "x = " + "(" * 1500, EN),
        rf"{EN}:\d+",
        "this block is not Python: ",
        "mend it",
    ),
    "link without an end": (
        markup(f"[x]({'a' * 500}.md)"),
        f"{EN}:85",
        "dead link `aaaa",
        "mend the path",
    ),
    "output after a fence": (
        replace(
            '```\n\n```text title="Output"\n--8<-- "training/example/one.txt"\n```',
            '```\n--8<-- "training/example/one.txt"',
        ),
        rf"{EN}:\d+",
        "one.txt is included outside a fence",
        "put ```python title=… before it",
    ),
    "script in a figure": in_figure("<script>alert(1)</script>", "<script>"),
    "handler in a figure": in_figure('<g onload="x()"></g>', "<g onload=…>"),
    "page in a figure": in_figure("<foreignObject/>", "<foreignobject>"),
    "image of another host in a figure": in_figure(
        '<image xlink:href="https://example.org/x.png"/>',
        "<image xlink:href='https://example.org/x.png'>",
    ),
    "fill of another host in a figure": in_figure(
        '<rect fill="url(https://example.org/x.svg#a)"/>',
        "<rect fill='url(https://example.org/x.svg#a)'>",
    ),
    "style sheet in a figure": in_figure(
        '<?xml-stylesheet href="x"?>', "`<!xml-stylesheet href=…`"
    ),
    "output that ends its fence": (
        write(f"{SNIPPETS}/one.txt", "4\n```\n<script>alert(1)</script>\n"),
        f"{SNIPPETS}/one.txt:2",
        "`` ``` `` would end".replace("`` ``` ``", "````"),
        "print or write it otherwise",
    ),
    "output that includes": (
        write(f"{SNIPPETS}/one.txt", '4\n--8<-- "training/example/two.py"\n'),
        f"{SNIPPETS}/one.txt:2",
        "would end the fence that includes it",
        "print or write it otherwise",
    ),
    "script in a notebook": (
        notebook({"cell_type": "markdown", "source": "x\n\n<script>x</script>"}),
        "docs/en/labs/lab.ipynb:7",
        "<script> on a page",
        "mend docs/labs/lab.py",
    ),
    "HTML output of a notebook": (
        notebook(html_output("<script>x</script>")),
        "docs/en/labs/lab.ipynb:10",
        "an output of the type text/html",
        "mend docs/labs/lab.py",
    ),
    "raw cell of a notebook": (
        notebook({"cell_type": "raw", "source": "<script>x</script>"}),
        "docs/en/labs/lab.ipynb:6",
        "a cell of the type `raw`",
        "mend docs/labs/lab.py",
    ),
    "invisible character of a notebook": (
        notebook({"cell_type": "code", "source": "x = '\u202e'"}),
        r"docs/en/labs/lab.ipynb:\d+",
        "an invisible character, U+202E",
        "delete it",
    ),
    "notebook without a source": (
        write("docs/en/training/lab.ipynb", "{}"),
        "docs/en/training/lab.ipynb:1",
        "a notebook without its source",
        "write the lab as a percent script",
    ),
    "notebook that is none": (
        write("docs/en/labs/lab.ipynb", "[]"),
        "docs/en/labs/lab.ipynb:1",
        "not a notebook",
        "mend docs/labs/lab.py",
    ),
    "name with a space": (
        write("docs/en/training/my page.md", "x\n"),
        "docs/en/training/my page.md:1",
        "a name that not every machine has",
        "rename it",
    ),
    "name in Cyrillic": (
        write(f"{SNIPPETS}/один.py", "assert 1\n"),
        rf"{SNIPPETS}/.*\.py:1",
        "a name that not every machine has",
        "rename it",
    ),
    "names that differ by case": (
        write("docs/en/training/Example.md", "x\n"),
        "docs/en/training/Example.md:1",
        "a name that not every machine has",
        "rename it",
    ),
    "name of a device": (
        write("docs/en/training/aux.md", "x\n"),
        "docs/en/training/aux.md:1",
        "a name that not every machine has",
        "rename it",
    ),
    "10 MB image": (
        write("docs/en/training/x.png", b"\x89PNG" * 2_500_000),
        "docs/en/training/x.png:1",
        "10.0 MB",
        "draw it as SVG",
    ),
    "file that would be published": (
        write("docs/en/training/x.html", "<script>x</script>\n"),
        "docs/en/training/x.html:1",
        "a `.html` file among the pages",
        "code goes to snippets/",
    ),
    "Windows line ending on a page": (
        write(EN, "---\ntitle: x\r\n---\r\n"),
        f"{EN}:2",
        "a Windows line ending",
        "save it with LF",
    ),
    "Windows line ending in a snippet": (
        write(f"{SNIPPETS}/one.py", "assert 1\r\n"),
        f"{SNIPPETS}/one.py:1",
        "a Windows line ending",
        "save it with LF",
    ),
    "Windows line ending in an output": (
        write(f"{SNIPPETS}/one.txt", "1\n4\r\n"),
        f"{SNIPPETS}/one.txt:2",
        "a Windows line ending",
        "save it with LF",
    ),
    "marker of a merge conflict": (
        replace("Count.", "<<<<<<< HEAD\nCount.\n=======\nCount!\n>>>>>>> x", EN),
        f"{EN}:83",
        "a marker of a merge conflict, `<<<<<<<`",
        "choose between the two",
    ),
    "marker of a merge conflict in an output": (
        write(f"{SNIPPETS}/one.txt", "4\n>>>>>>> theirs\n"),
        f"{SNIPPETS}/one.txt:2",
        "a marker of a merge conflict, `>>>>>>>`",
        "choose between the two",
    ),
    "byte order mark": (
        write(f"{SNIPPETS}/one.py", b"\xef\xbb\xbfassert 1\n"),
        f"{SNIPPETS}/one.py:1",
        "begins with a byte order mark",
        "not “UTF-8 with BOM”",
    ),
    "lone surrogate": (
        write(EN, "# T\n\n\ud800\n".encode("utf-8", "surrogatepass")),
        f"{EN}:3",
        "not UTF-8: invalid continuation byte (byte 0xed)",
        "save it as UTF-8",
    ),
    "page in another encoding": (
        write(RU, "# T\n\nПривет\n".encode("cp1251")),
        f"{RU}:3",
        "not UTF-8",
        "save it as UTF-8",
    ),
    "output that is not text": (
        write(f"{SNIPPETS}/one.txt", b"4\n\xff\n"),
        f"{SNIPPETS}/one.txt:2",
        "not UTF-8",
        "save it as UTF-8",
    ),
    "null byte": (
        write(EN, "# T\n\n\0\n"),
        f"{EN}:3",
        "an invisible character, U+0000 (a control character)",
        "delete it",
    ),
    "code that reads otherwise than it runs": (
        write(f"{SNIPPETS}/one.py", "assert 1\nx = 'a\u202eb'\n"),
        f"{SNIPPETS}/one.py:2",
        "an invisible character, U+202E (RIGHT-TO-LEFT OVERRIDE)",
        "in code write it as an escape",
    ),
    "zero-width space": (
        replace("Count.", "Co\u200bunt.", RU),
        f"{RU}:83",
        "an invisible character, U+200B (ZERO WIDTH SPACE)",
        "delete it",
    ),
    "line without an end": (
        replace("Count.", "[" * 20_000, EN),
        f"{EN}:83",
        "a line of 20000 characters",
        "break it",
    ),
    "symbolic link": (
        link(EN, "docs/en/training/other.md"),
        "docs/en/training/other.md:1",
        "a symbolic link",
        "put the file itself there",
    ),
    "symbolic link to nothing": (
        link("none", "docs/en/training/other.md"),
        "docs/en/training/other.md:1",
        "a symbolic link",
        "put the file itself there",
    ),
    "folder named as a page": (
        lambda tree: (tree / "docs/en/training/other.md").mkdir(),
        "docs/en/training/other.md:1",
        "a folder whose name looks like a file's",
        "rename it",
    ),
    "slug of two chapters": (
        copy(EN, "docs/en/inference/example.md"),
        f"{EN}:1",
        "the slug `example` is that of docs/en/inference/example.md, too",
        "rename it",
    ),
    "page and notebook of one address": (
        write("docs/en/training/example.ipynb", "{}"),
        "docs/en/training/example.ipynb:1",
        f"has the address of {EN}",
        "rename one of them",
    ),
    "page and folder of one address": (
        lambda tree: [
            write(f"docs/en/{name}.md", "x\n")(tree)
            for name in ("training", "training/index")
        ],
        "docs/en/training.md:1",
        "has the address of docs/en/training/index.md",
        "rename one of them",
    ),
    "two pages of one title": (
        copy(EN, "docs/en/training/other.md"),
        "docs/en/training/other.md:2",
        f"has the title of {EN}",
        "name what this page asks",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_page(case: str, tree: Path) -> None:
    spoil, where, what, remedy = BAD[case]
    spoil(tree)
    told = [str(problem) for problem in pages.problems(tree)]
    fitting = [message for message in told if what in message]
    assert fitting, "\n".join(told) or "no problem was found"
    first = fitting[0]
    assert re.match(rf"{where}: ", first), first
    assert "\n  expected: " in first
    assert remedy in first.partition("\n  remedy: ")[2], first
    path, line = first.split(":")[:2]
    if (tree / path).is_file():
        lines = (tree / path).read_bytes().decode("utf-8", "replace").splitlines()
        assert 1 <= int(line) <= max(1, len(lines))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("## Pitfalls { #pitfalls }\n", "", "section `pitfalls` is missing"),
        ("example/one.py", "example/none.py", "include of `training/example/none.py`"),
        ("example/one.txt", "example/no.txt", "include of `training/example/no.txt`"),
    ],
)
def test_one_fault_is_told_once(tree: Path, old: str, new: str, told: str) -> None:
    """And not again as all that differs from the English page because of it."""
    replace(old, new, RU)(tree)
    problems = [problem.what for problem in pages.problems(tree)]
    assert any(told in what for what in problems)
    assert not any("than docs/en" in what for what in problems)
    assert not any("stands under" in what or "over the" in what for what in problems)


def test_what_typography_and_the_site_need_may_stay(tree: Path) -> None:
    """No message where there is nothing to mend."""
    table = "| a | b |\n|:-:|--:|\n| 1 | 2 |"
    kept = f"a\u00a0b\u2009c – “d”\n\n{table}\n\n<div class='figure'>\n\nx\n\n</div>"
    markup(f"{kept}\n\nTitle\n=======\n\n`<script>` is code, [x](http://x.org)")(tree)
    assert {problem.what for problem in pages.problems(tree)} == set()
