"""Answer cards: a Markdown extension that lists answers from their own front matter.

A line `<!-- answers -->` becomes a card for every answer, `<!-- answers: training -->`
for those of one chapter. A Markdown extension, so that every builder shows them and
checks their links.
"""

import re
from pathlib import Path

import frontmatter
import yaml
from markdown import Extension
from markdown.preprocessors import Preprocessor
from mkdocs.exceptions import BuildError

from handbook import CHAPTERS, ROOT

MARKER = re.compile(r"<!-- answers(?:: (?P<chapter>[a-z-]+))? -->")


def answer_paths(docs: Path, chapter: str | None = None) -> list[Path]:
    """Answer pages below a language's folder, chapter by chapter, in the order of the
    navigation; what is not in it comes last."""
    chapters = [chapter] if chapter else CHAPTERS
    config = docs.parents[1] / "mkdocs.yml"
    text = config.read_text("utf-8") if config.exists() else ""
    entries = re.findall(r"^ +- ([\w-]+/[\w-]+)\.md$", text, re.MULTILINE)
    place = {entry: number for number, entry in enumerate(entries)}
    return [
        path
        for name in chapters
        for path in sorted(
            sorted((docs / name).glob("*.md")),
            key=lambda path: place.get(f"{path.parent.name}/{path.stem}", len(place)),
        )
        if path.stem != "index"
    ]


class CardsPreprocessor(Preprocessor):
    """Writes Markdown, so that links and emphasis go the way of any page."""

    def __init__(self, md, options: dict) -> None:
        super().__init__(md)
        self.docs = ROOT / options["docs"]
        self.options = options

    def run(self, lines: list[str]) -> list[str]:
        result = []
        for line in lines:
            match = MARKER.fullmatch(line.strip())
            if match and match["chapter"] not in (None, *CHAPTERS):
                known = ", ".join(CHAPTERS)
                raise BuildError(f"`{line}`: no such chapter; there are {known}")
            result += self.cards(match["chapter"]) if match else [line]
        return result

    def cards(self, chapter: str | None) -> list[str]:
        """Markdown of the cards; `chapter` is where the page that lists them stands."""
        lines = ['<div class="answers" markdown>', ""]
        for path in answer_paths(self.docs, chapter):
            try:
                meta = frontmatter.load(path).metadata
                meta["title"], meta["popular"], meta["measured"]
            except (KeyError, yaml.YAMLError) as error:
                raise BuildError(f"{path}: front matter: {error}") from None
            link = path.relative_to(self.docs / (chapter or "")).as_posix()
            lines += [
                '<section class="answer" markdown>',
                f"[{meta['title']}]({link}){{ .answer-question }}",
                "",
                f"<span>{self.options['popular']}</span> {meta['popular']}",
                "{ .answer-popular }",
                "",
                f"<span>{self.options['measured']}</span> {meta['measured']}",
                "{ .answer-measured }",
                "",
                "</section>",
                "",
            ]
        return [*lines, "</div>"]


class CardsExtension(Extension):
    """Registered before HTML blocks are parsed."""

    def __init__(self, **options) -> None:
        self.config = {
            "docs": ["docs/en", "folder of the language's pages, from the root"],
            "popular": ["People say", "label of the popular answer"],
            "measured": ["The run shows", "label of what the runs show"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md) -> None:
        md.preprocessors.register(CardsPreprocessor(md, self.getConfigs()), "cards", 27)


def makeExtension(**options) -> CardsExtension:
    """Entry point of Python-Markdown."""
    return CardsExtension(**options)
