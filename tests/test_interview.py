"""The mock interview, in a real browser."""

import json

import pytest
from conftest import visit, wait_until

from handbook import LANGUAGES, ROOT
from handbook.cards import answer_paths
from handbook.pages import Page

ROOTS = {"en": "", "ru": "ru/"}
STORE = "answers-that-run.interview"


def begin(page) -> None:
    page.locator(".interview form button").click()
    page.locator("[role=timer]").wait_for()


def reveal(page) -> str:
    page.locator(".md-button--primary").click()
    return page.locator(".interview-answer").inner_text()


def stored(page) -> dict:
    return json.loads(page.evaluate(f"localStorage.getItem('{STORE}')") or "{}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_interview(open_page, language: str) -> None:
    """Chosen chapter and level only; every follow-up; what went badly comes first."""
    docs = ROOT / "docs" / language
    pages = {path.stem: Page(path, ROOT) for path in answer_paths(docs, "training")}
    page = open_page(f"{ROOTS[language]}interview/")
    page.locator(".interview form").wait_for()
    for box in page.locator("input[name=chapter]:not([value=training])").all():
        box.uncheck()
    begin(page)
    title = page.locator("h2").inner_text()
    asked = next(p for p in pages.values() if p.meta["title"] == title)
    begun = asked.section("short-answer")[0].get_text().split()[0]
    assert begun in reveal(page)
    questions = asked.soup.select("details.question summary")
    page.locator(".interview-grade-3").click()
    for number in range(1, len(questions) + 1):
        page.locator("[role=timer]").wait_for()
        assert f"{number} " in page.locator(".interview-where").inner_text()
        assert reveal(page)
        page.locator(f".interview-grade-{1 if number == 2 else 4}").click()
    cards = stored(page)
    assert len(cards) == len(questions) + 1
    assert all(key.startswith(f"{language}/training/") for key in cards)
    due = sorted((card["due"], key) for key, card in cards.items())
    assert cards[due[0][1]]["reps"] == 1
    assert cards[due[0][1]]["difficulty"] == max(
        c["difficulty"] for c in cards.values()
    )
    assert page.locator(".interview li").count() == 5


def test_what_is_due_is_asked_first_and_alone(open_page) -> None:
    page = open_page("interview/")
    begin(page)
    title = page.locator("h2").inner_text()
    reveal(page)
    page.locator(".interview-grade-1").click()
    page.locator("[role=timer]").wait_for()
    for _ in range(20):  # until the last follow-up is graded
        reveal(page)
        page.locator(".interview-grade-4").click()
        if not page.locator("[role=timer]").count():
            break
    key = next(k for k, c in stored(page).items() if "#" not in k and c["lapses"] == 0)
    page.evaluate(
        """([store, key]) => {
          const cards = JSON.parse(localStorage.getItem(store))
          cards[key].due = new Date(Date.now() - 1000).toISOString()
          localStorage.setItem(store, JSON.stringify(cards))
        }""",
        [STORE, key],
    )
    page.reload()
    page.locator(".interview form").wait_for()
    for _ in range(3):  # by chance it would be another one
        begin(page)
        assert page.locator("h2").inner_text() == title
        page.locator(".interview-keep button").last.click()
        page.locator(".md-button:not(.md-button--primary)").click()


def test_progress_can_be_exported_imported_and_deleted(open_page, tmp_path) -> None:
    page = open_page("interview/")
    begin(page)
    reveal(page)
    page.locator(".interview-grade-2").click()
    page.reload()
    buttons = page.locator(".interview-keep button")
    with page.expect_download() as download:
        buttons.nth(0).click()
    download.value.save_as(tmp_path / "interview.json")
    cards = stored(page)
    assert json.loads((tmp_path / "interview.json").read_text()) == cards
    assert len(cards) == 1
    page.once("dialog", lambda dialog: dialog.accept())
    buttons.nth(2).click()
    assert not stored(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "interview.json")
    wait_until(page, f"localStorage.getItem('{STORE}') !== null")
    assert stored(page) == cards
    (tmp_path / "bad.json").write_text('{"x": 1}')
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
    page.locator("input[type=file]").set_input_files(tmp_path / "bad.json")
    page.wait_for_timeout(300)
    assert dialogs
    assert stored(page) == cards


def test_nothing_chosen_is_told(open_page) -> None:
    page = open_page("interview/")
    page.locator(".interview form").wait_for()
    for box in page.locator("input[name=level]").all():
        box.uncheck()
    page.locator(".interview form button").click()
    assert page.locator("[role=status]").inner_text()
    assert not page.locator("[role=timer]").count()


def test_a_question_is_fetched_when_it_is_asked(browser, site) -> None:
    """Not all with the page; without network a word says so, and one may ask again."""
    page = browser.new_page()  # not open_page: to fail to load is an error there
    visit(page, f"{site[1]}interview/")
    page.locator(".interview form").wait_for()
    fetched = "performance.getEntriesByType('resource').map(entry => entry.name)"
    loaded = [name.partition("/interview/")[2] for name in page.evaluate(fetched)]
    assert [name for name in loaded if name] == ["data.js"]
    page.route("**/interview/*/*.js", lambda route: route.abort())
    page.locator(".interview form button").click()
    page.get_by_text("is there a network").wait_for()
    page.unroute("**/interview/*/*.js")
    page.locator(".md-button--primary").click()
    page.locator("[role=timer]").wait_for()
    assert reveal(page)
    page.close()


def test_by_keyboard_alone(open_page) -> None:
    page = open_page("interview/")
    page.locator(".interview form button").focus()
    page.keyboard.press("Enter")
    page.locator("[role=timer]").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    for wanted in ("md-button--primary", "interview-grade"):
        for _ in range(20):
            page.keyboard.press("Tab")
            if wanted in page.evaluate("document.activeElement.className"):
                break
        page.keyboard.press("Enter")
    assert len(stored(page)) == 1
