"""What Markdown cannot do by itself: formulas, answer cards, executed snippets.

Pages and snippets know nothing of this package; `mkdocs.yml` and the tests use it.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("en", "ru")
CHAPTERS = ("training", "architectures", "inference", "fundamentals")
