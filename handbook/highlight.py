"""A Pygments filter that leaves names and punctuation alone.

The theme gives them the colour of the text, and their tags are a quarter of a page's
elements: without them it is laid out sooner on a phone.
"""

from collections.abc import Iterator

from pygments.filter import Filter
from pygments.lexer import Lexer
from pygments.token import Name, Punctuation, Text, Whitespace

PLAIN = (Name, Punctuation, Whitespace)


class PlainNames(Filter):
    """Registered as `plain-names`; mkdocs.yml names it for Python."""

    def filter(self, lexer: Lexer, stream: Iterator[tuple]) -> Iterator[tuple]:
        """Give plain tokens the type of text, for which no tag is written."""
        for kind, value in stream:
            yield (Text if kind in PLAIN else kind), value
