"""The pages keep the contract of an answer; and every way to break it is told well."""

import functools
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
problems_here = functools.cache(pages.problems)


@pytest.mark.parametrize("answer", [*ANSWERS, "all else"])
def test_contract(answer: str) -> None:
    """This project's own pages, snippets and outputs break no rule."""
    found = [
        str(problem)
        for problem in problems_here()
        if next((name for name in ANSWERS if name in str(problem.path)), "all else")
        == answer
    ]
    assert not found, "\n" + "\n".join(found)


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


def write(name: str, text: str) -> Callable[[Path], None]:
    return lambda tree: (tree / name).write_text(text, "utf-8")


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
    assert int(line) <= len((tree / path).read_text("utf-8").splitlines())
