"""A new answer: both pages, a first snippet with its output, and both navigations.

Nothing it writes passes for content. What is still to be written is what the contract
of an answer misses, so an unfinished page cannot be merged unnoticed.
"""

import os
import re
from pathlib import Path

from handbook import CHAPTERS, LANGUAGES, ROOT, hygiene, pages, snippets
from handbook.problem import Problem

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 60
CONFIGS = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
HEADINGS = {
    "en": (
        "Short answer",
        "Full answer",
        "Pitfalls",
        "Follow-ups",
        "In the interview",
        "Sources",
    ),
    "ru": (
        "Короткий ответ",
        "Полный ответ",
        "Подводные камни",
        "Дополнительные вопросы",
        "Как отвечать",
        "Источники",
    ),
}
OUTPUT = {"en": "Output", "ru": "Вывод"}
SNIPPET = """\
total = sum(range(1, 101))
print("1 + 2 + … + 100 =", total)
"""
RUN = """
```python title="first.py"
--8<-- "{answer}/first.py"
```

```text title="{output}"
--8<-- "{answer}/first.txt"
```
"""


class Refused(Exception):
    """A name that a new answer cannot have; the message says why and what could."""


def check(answer: str, root: Path) -> None:
    """Whether a new answer can have this name.

    Raises:
        Refused: it cannot.
    """
    chapter, _, slug = answer.partition("/")
    example = "make new SLUG=inference/speculative-decoding"
    if chapter not in CHAPTERS or not slug:
        raise Refused(
            f"`{answer}` names no chapter\n"
            f"  expected: <chapter>/<slug>, chapter: {', '.join(CHAPTERS)}\n"
            f"  remedy: {example}"
        )
    right = SLUG.fullmatch(slug) and len(slug) <= SLUG_LENGTH and slug != "index"
    if not right or hygiene.DEVICE.fullmatch(slug):
        raise Refused(
            f"`{slug}` cannot be a slug\n"
            "  expected: words of small Latin letters and digits, joined by `-`, "
            f"at most {SLUG_LENGTH} characters, not `index`\n"
            f"  remedy: {example}"
        )
    taken = [
        path
        for place in (*(f"docs/{language}" for language in LANGUAGES), "snippets")
        for path in sorted(root.glob(f"{place}/*/{slug}*"))
        if path.name.partition(".")[0] == slug
    ]
    if taken:
        raise Refused(
            f"`{slug}` is taken by {taken[0].relative_to(root)}\n"
            "  expected: a slug that no answer has, in any chapter\n"
            "  remedy: extend that answer, or name what yours asks besides"
        )


def page(answer: str, language: str) -> str:
    """Source of an empty page: the keys, the six sections, the first run."""
    text = "---\n" + "".join(f"{key}:\n" for key in pages.KEYS) + "---\n"
    for name, heading in zip(pages.SECTIONS, HEADINGS[language], strict=True):
        text += f"\n## {heading} {{ #{name} }}\n"
        if name == "full-answer":
            text += RUN.format(answer=answer, output=OUTPUT[language])
    return text


def add_to_navigation(config: Path, answer: str) -> None:
    """Add a page after the last of its chapter. The file is edited as text, because a
    YAML library would drop its comments."""
    lines = config.read_text("utf-8").splitlines(keepends=True)
    entry = f"- {answer.partition('/')[0]}/"
    last = max(n for n, line in enumerate(lines) if line.lstrip().startswith(entry))
    indent = lines[last][: lines[last].index("-")]
    lines.insert(last + 1, f"{indent}- {answer}.md\n")
    config.write_text("".join(lines), "utf-8")


def create(answer: str, root: Path = ROOT) -> list[Problem]:
    """Create an answer. Gives what is still to be written.

    Args:
        answer: chapter and slug, such as `inference/speculative-decoding`.
        root: folder with `docs/`, `snippets/` and both configurations.

    Raises:
        Refused: it cannot have this name.
    """
    answer = answer.removeprefix("docs/en/").removesuffix(".md").strip("/")
    check(answer, root)
    snippet = root / "snippets" / answer / "first.py"
    snippet.parent.mkdir(parents=True)
    snippet.write_text(SNIPPET, "utf-8")
    for language in LANGUAGES:
        path = root / "docs" / language / f"{answer}.md"
        path.write_text(page(answer, language), "utf-8")
        add_to_navigation(root / CONFIGS[language], answer)
    snippets.set_environment(root / "snippets")
    os.chdir(root)
    complaint = snippets.record(snippet.relative_to(root))
    if complaint:
        raise RuntimeError(complaint)
    return pages.problems(root, only=answer)


def main(answer: str, root: Path = ROOT) -> int:
    """Create an answer and say what is still to be written; the value is the exit
    status."""
    snippets.PRELOAD = []  # the first snippet imports nothing
    try:
        gaps = create(answer, root)
    except Refused as error:
        print(f"make new: {error}")
        return 1
    print(f"created docs/{{{','.join(LANGUAGES)}}}/{answer}.md,")
    print(f"  snippets/{answer}/first.py and what it printed, first.txt;")
    print(f"  added to {' and '.join(CONFIGS.values())}\n")
    print("still to be written:")
    for gap in gaps:
        print(f"  {gap.path}:{gap.line}: {gap.what}")
    print(f"\nmake test ONLY={answer} says this again, with what is expected.")
    return 0
