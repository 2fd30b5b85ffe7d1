"""Outputs in tabs: a Markdown extension that puts what a GPU printed beside what the
CPU printed, wherever both are recorded. Pages include `x.txt`; `x.cuda.txt` follows.

An extension, so that every builder shows them; `pymdownx.tabbed` draws the tabs.
"""

import re
from pathlib import Path

from markdown import Extension
from markdown.preprocessors import Preprocessor

from handbook import ROOT

INCLUDE = re.compile(r'\s*--8<-- "(?P<stem>[^":]+)\.txt"')
LABELS = {"CPU": ".txt", "GPU": ".cuda.txt"}


class TabsPreprocessor(Preprocessor):
    """Writes Markdown, so that includes and fences go the way of any page."""

    def __init__(self, md, folder: Path) -> None:
        super().__init__(md)
        self.folder = folder

    def run(self, lines: list[str]) -> list[str]:
        result: list[str] = []
        rest = iter(lines)
        for line in rest:
            match = INCLUDE.fullmatch(line)
            opened = result[-1] if result else ""
            both = match and (self.folder / f"{match['stem']}.cuda.txt").exists()
            if not both or not opened.lstrip().startswith("```"):
                result.append(line)
                continue
            result.pop()
            closing = next(rest)
            margin = opened[: len(opened) - len(opened.lstrip())]
            for label, suffix in LABELS.items():
                include = line.replace(
                    f'{match["stem"]}.txt"', f'{match["stem"]}{suffix}"'
                )
                fence = [f"    {part}" for part in (opened, include, closing)]
                result += [f'{margin}=== "{label}"', "", *fence, ""]
        return result


class TabsExtension(Extension):
    """Registered before includes are carried out."""

    def __init__(self, **options) -> None:
        self.config = {"snippets": ["snippets", "folder of snippets, from the root"]}
        super().__init__(**options)

    def extendMarkdown(self, md) -> None:
        folder = ROOT / self.getConfig("snippets")
        md.preprocessors.register(TabsPreprocessor(md, folder), "tabs", 33)


def makeExtension(**options) -> TabsExtension:
    """Entry point of Python-Markdown."""
    return TabsExtension(**options)
