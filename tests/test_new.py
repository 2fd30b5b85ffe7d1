"""`make new` starts an answer whose gaps are what the contract misses, and no more."""

import re
import shutil
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from handbook import LANGUAGES, ROOT, new, pages

ANSWER = "inference/speculative-decoding"
EMPTY = ("short-answer", "pitfalls", "in-the-interview", "sources")
GAPS = {
    *(f"front matter has no `{key}`" for key in pages.KEYS),
    *(f"section `{name}` is empty" for name in EMPTY),
    "no heading with the question",
    "0 follow-up questions",
    "1 executed runs",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    """A copy of the sources; the working folder is left as it was."""
    for name in ("docs", "snippets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in new.CONFIGS.values():
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_new_answer(project: Path) -> None:
    before = set(pages.problems(project))
    configs = {c: (project / c).read_text("utf-8") for c in new.CONFIGS.values()}
    gaps = new.create(ANSWER, project)
    assert set(pages.problems(project)) - before == set(gaps)
    for language in LANGUAGES:
        shown = Path(f"docs/{language}/{ANSWER}.md")
        assert {gap.what for gap in gaps if gap.path == shown} == GAPS
    others = [gap for gap in gaps if gap.path.parts[0] != "docs"]
    assert [gap.what for gap in others] == ["this snippet asserts nothing"]

    folder = project / "snippets" / ANSWER
    assert (folder / "first.txt").read_text("utf-8") == "1 + 2 + … + 100 = 5050\n"
    russian = (project / "docs/ru" / f"{ANSWER}.md").read_text("utf-8")
    for heading in re.findall(r"^## (.+) \{", russian, re.MULTILINE):
        assert re.fullmatch(r"[А-Яа-яё ]+", heading)

    for config, text in configs.items():
        lines = (project / config).read_text("utf-8").splitlines()
        added = f"      - {ANSWER}.md"
        assert lines[lines.index(added) - 1].startswith("      - inference/")
        lines.remove(added)
        assert lines == text.splitlines()
        site = load_config(
            str(project / config), site_dir=str(project / "site"), strict=True
        )
        base = [str(project / "snippets")]
        site.mdx_configs["pymdownx.snippets"]["base_path"] = base
        build(site)
        built = (project / "site" / ANSWER / "index.html").read_text("utf-8")
        assert "1 + 2 + … + 100 = 5050" in built


def test_what_it_says(project: Path, capsys) -> None:
    assert new.main(ANSWER, project) == 0
    said = capsys.readouterr().out
    assert f"docs/{{en,ru}}/{ANSWER}.md" in said
    assert f"snippets/{ANSWER}/first.py:1: this snippet asserts nothing" in said
    assert f"make test ONLY={ANSWER}" in said
    assert new.main(ANSWER, project) == 1
    assert f"is taken by docs/en/{ANSWER}.md" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("fundamentals/revolver-probability", "is taken by docs/en/fundamentals/rev"),
        ("training/revolver-probability", "is taken by docs/en/fundamentals/revolver"),
        ("labs/attention-again", "names no chapter"),
        ("training/attention", "is taken by docs/en/labs/attention.ipynb"),
        ("speculative-decoding", "names no chapter"),
        ("", "names no chapter"),
        ("inference/", "names no chapter"),
        ("inference/a b", "`a b` cannot be a slug"),
        ("inference/../x", "`../x` cannot be a slug"),
        ("inference/Декодирование", "cannot be a slug"),
        ("inference/Speculative", "cannot be a slug"),
        ("inference/index", "cannot be a slug"),
        ("inference/aux", "cannot be a slug"),
        ("inference/x" + "x" * 60, "cannot be a slug"),
    ],
)
def test_refusal(answer: str, says: str) -> None:
    with pytest.raises(new.Refused) as refused:
        new.check(answer, ROOT)
    assert says in str(refused.value)
    assert "\n  expected: " in str(refused.value)
    assert "\n  remedy: " in str(refused.value)
