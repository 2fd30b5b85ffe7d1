"""The site in a real browser, in both languages."""

import json
import re
from collections.abc import Callable, Iterator

import pytest

from handbook import LANGUAGES, ROOT
from handbook.cards import answer_paths

ROOTS = {"en": "", "ru": "ru/"}
DOCS = ROOT / "docs/en"
ANSWERS = [
    path.relative_to(DOCS).with_suffix("").as_posix() + "/"
    for path in answer_paths(DOCS)
]
PAGES = sorted(
    ""
    if path == DOCS / "index.md"
    else re.sub(r"(index)?\.md$", "/", name).replace("//", "/")
    for path in DOCS.rglob("*.md")
    for name in [path.relative_to(DOCS).as_posix()]
)
AXE = ROOT / "requirements/node_modules/axe-core/axe.min.js"


@pytest.fixture
def open_page(browser, site) -> Iterator[Callable]:
    """Opens an address in a fresh profile. Fails at the end if a page logged an error,
    or asked another host, or asked for something that is not there."""
    contexts, wrong = [], []

    def open_(address: str, width: int = 1280, scheme: str = "light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and wrong.append(f"{message.text} {message.location['url']}")
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((site[1], "data:", "blob:"))
                or wrong.append(f"request to {request.url}")
            ),
        )
        page.goto(site[1] + address, wait_until="networkidle")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not wrong, wrong


def serious_axe_findings(page) -> list[str]:
    """What axe-core calls serious or critical, with the elements. KaTeX's visual half,
    hidden from screen readers and half of all elements, is left out."""
    report = page.evaluate("axe.run({exclude: ['.katex-html']})")
    return [
        f"{finding['id']}: {finding['help']}\n  {node['html'][:300]}"
        for finding in report["violations"]
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"][:5]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_page(open_page, language: str, name: str) -> None:
    """Opens without an error or a foreign request, is accessible in both colour schemes
    and does not scroll sideways on a phone. One page load for all: loads dominate."""
    page = open_page(ROOTS[language] + name)
    assert page.locator("h1").is_visible()
    assert page.locator("html").get_attribute("lang") == language
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    # Nothing half faded over, nothing not yet laid out.
    everything = "transition: none !important; content-visibility: visible !important"
    page.add_style_tag(content=f"* {{ {everything} }}")
    page.evaluate(AXE.read_text("utf-8"))
    for scheme, colours in (("light", "default"), ("dark", "slate")):
        if scheme == "dark":
            page.click("[data-md-component=palette] label:not([hidden])")
        page.wait_for_selector(f"body[data-md-color-scheme={colours}]")
        found = serious_axe_findings(page)
        assert not found, f"{scheme} colours:\n" + "\n".join(found)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("window.scrollTo(1000, 0)")
    assert page.evaluate("window.scrollX") == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_switch_keeps_the_page(open_page, site, language: str) -> None:
    other = "ru" if language == "en" else "en"
    page = open_page(ROOTS[language] + ANSWERS[0])
    page.click(".language-switch")
    page.wait_for_url(site[1] + ROOTS[other] + ANSWERS[0])
    assert page.locator("html").get_attribute("lang") == other


def navigate_instantly(page, language: str) -> str:
    """Follow a card of the front page without a page load; address of the answer."""
    page.evaluate("window.notReloaded = true")
    link = page.locator(".answer-question").first
    name = re.search(r"[a-z]+/[a-z-]+/$", link.get_attribute("href"))[0]
    link.click()
    page.wait_for_selector("#short-answer")
    assert page.evaluate("window.notReloaded"), "the page was loaded anew"
    return name


@pytest.mark.parametrize("language", LANGUAGES)
def test_formulas_after_instant_navigation(open_page, language: str) -> None:
    page = open_page(ROOTS[language])
    navigate_instantly(page, language)
    formula = page.locator(".katex-html").first
    assert formula.is_visible()
    assert "KaTeX" in formula.evaluate(
        "e => getComputedStyle(e.parentElement).fontFamily"
    )
    page.wait_for_function("document.fonts.check('16px KaTeX_Main')")
    assert page.locator(".katex-mathml").first.evaluate("e => e.offsetWidth") <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_switch_after_instant_navigation(open_page, site, language) -> None:
    other = "ru" if language == "en" else "en"
    page = open_page(ROOTS[language])
    name = navigate_instantly(page, language)
    page.click(".language-switch")
    page.wait_for_url(site[1] + ROOTS[other] + name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_has_a_copy_button(open_page, language: str) -> None:
    page = open_page(ROOTS[language] + ANSWERS[0])
    buttons = page.locator(".highlight button[data-md-type=copy]")
    assert buttons.count() == page.locator(".highlight pre").count() > 0


def search(page, text: str) -> list[dict]:
    """Open the dialog with the keyboard, type, and return what it lists."""
    page.keyboard.press("/")
    page.locator("pagefind-modal input").fill(text)
    page.wait_for_function(
        "t => document.querySelector('pagefind-summary')?.textContent.includes(t)",
        arg=text,
    )
    page.wait_for_function(
        "document.querySelector('pagefind-results [aria-busy]')?.ariaBusy !== 'true'"
    )
    page.wait_for_timeout(300)
    return page.locator("pagefind-results a").evaluate_all(
        "links => links.map(a => ({href: a.getAttribute('href'), text: a.textContent}))"
    )


FORMS = {
    "en": ["gradient", "gradients", "accumulating", "accumulated"],
    "ru": ["градиент", "градиентами", "градиентов", "накоплением", "микробатчами"],
}


@pytest.mark.parametrize(
    ("language", "word"), [(lang, word) for lang in FORMS for word in FORMS[lang]]
)
def test_search_finds_every_form(open_page, language: str, word: str) -> None:
    page = open_page(ROOTS[language])
    links = [result["href"] for result in search(page, word)]
    assert any("training/gradient-accumulation/" in link for link in links), links
    assert all(("/ru/" in link) == (language == "ru") for link in links), links
    assert any("#" in link for link in links), "no result points into a section"


@pytest.mark.parametrize("word", ["градиент", "микробатч", "вероятность"])
def test_english_site_does_not_answer_in_russian(open_page, word: str) -> None:
    assert search(open_page(""), word) == []


# Code is English in both languages, so some English words do stand on Russian pages.
@pytest.mark.parametrize("word", ["interviewer", "probability", "gradient"])
def test_russian_site_does_not_answer_in_english(open_page, word: str) -> None:
    for result in search(open_page("ru/"), word):
        assert result["href"].startswith("/ru/"), result
        assert re.search("[а-яё]", result["text"]), result


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_by_keyboard_alone(open_page, site, language: str) -> None:
    page = open_page(ROOTS[language])
    search(page, "revolver" if language == "en" else "револьвера")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("revolver-probability"))
    page.keyboard.press("/")
    page.locator("pagefind-modal dialog").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator("pagefind-modal dialog").wait_for(state="hidden")


def test_search_says_why_it_cannot(browser, site) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/pagefind/**", lambda route: route.fulfill(status=404, body=""))
    page.goto(site[1])
    page.on("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as told:
        page.keyboard.press("/")
    assert "make serve" in told.value.message
    context.close()


@pytest.mark.parametrize("address", ["nowhere/", "ru/nowhere/"])
def test_unknown_address_shows_the_404_page(browser, site, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(site[1] + address)
    assert answer.status == 404
    assert page.locator("h1").inner_text() == "404"
    links = page.locator("article a").evaluate_all("links => links.map(a => a.href)")
    assert site[1] in links
    assert f"{site[1]}ru/" in links
    context.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_layout_is_stable(open_page, name: str) -> None:
    """Neither loading nor reading to the end moves what the reader looks at."""
    page = open_page(name, width=390)
    page.evaluate(
        """window.shift = 0
        new PerformanceObserver(list => {
          for (const entry of list.getEntries()) window.shift += entry.value
        }).observe({type: "layout-shift", buffered: true})"""
    )
    for _ in range(60):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(30)
    page.wait_for_timeout(500)
    assert page.evaluate("window.scrollY") > 5000
    assert page.evaluate("window.shift") <= 0.02


@pytest.mark.parametrize("language", LANGUAGES)
def test_link_into_a_section_lands_there(open_page, language: str) -> None:
    page = open_page(f"{ROOTS[language]}{ANSWERS[0]}#in-the-interview")
    page.wait_for_timeout(500)
    top = "document.querySelector('#in-the-interview').getBoundingClientRect().top"
    assert 0 <= page.evaluate(top) < 200


def test_both_languages_are_indexed(site) -> None:
    entry = json.loads((site[0] / "pagefind/pagefind-entry.json").read_text())
    counts = {name: part["page_count"] for name, part in entry["languages"].items()}
    assert counts["en"] == counts["ru"] > 0
