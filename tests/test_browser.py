"""The site in a real browser, in both languages."""

import itertools
import json
import re
import runpy
import urllib.parse
from pathlib import Path

import pytest
from conftest import visit, wait_until

from handbook import LANGUAGES, ROOT, labs
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
    else re.sub(r"(index)?\.(md|ipynb)$", "/", name).replace("//", "/")
    for path in [*DOCS.rglob("*.md"), *DOCS.rglob("*.ipynb")]
    for name in [path.relative_to(DOCS).as_posix()]
)
AXE = ROOT / "requirements/node_modules/axe-core/axe.min.js"


def serious_axe_findings(page, rules: list[str] | None = None) -> list[str]:
    """What axe-core calls serious or critical, with the elements. KaTeX's visual half,
    hidden from screen readers and half of all elements, is left out."""
    options = {"runOnly": rules} if rules else {}
    report = page.evaluate(f"axe.run({{exclude: ['.katex-html']}}, {options})")
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
        # Other colours are all that the second scheme changes.
        rules = ["color-contrast"] if scheme == "dark" else None
        found = serious_axe_findings(page, rules)
        assert not found, f"{scheme} colours:\n" + "\n".join(found)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("window.scrollTo(1000, 0)")
    assert page.evaluate("window.scrollX") == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("script", labs.discover(ROOT), ids=lambda path: path.stem)
def test_lab(open_page, site, language: str, script: Path) -> None:
    """Solutions are folded, figures drawn, the notebook comes as it was recorded."""
    page = open_page(f"{ROOTS[language]}labs/{script.stem}/")
    solutions = page.locator(".lab details")
    assert solutions.count() >= 3
    code = solutions.first.locator("code").first
    assert not code.is_visible()
    solutions.first.locator("summary").click()
    assert code.is_visible()
    widths = page.locator(".lab img").evaluate_all(
        "all => all.map(x => x.naturalWidth)"
    )
    assert widths
    assert all(widths)
    address = page.locator(".lab-links a[download]").evaluate("link => link.href")
    assert address.startswith(site[1])
    recorded = labs.notebook_path(script, language).read_bytes()
    assert page.request.get(address).body() == recorded


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
    wait_until(page, "document.fonts.check('16px KaTeX_Main')")
    assert page.locator(".katex-mathml").first.evaluate("e => e.offsetWidth") <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_switch_after_instant_navigation(open_page, site, language) -> None:
    other = "ru" if language == "en" else "en"
    page = open_page(ROOTS[language])
    name = navigate_instantly(page, language)
    page.click(".language-switch")
    page.wait_for_url(site[1] + ROOTS[other] + name)


INJECTED = {
    "inline script": "<script>window.injected = 1</script>",
    "handler": "<img src='x:' onerror='window.injected = 1'>",
    "script of another host": "<script src='https://example.org/x.js'></script>",
    "picture of another host": "<img src='https://example.org/x.png'>",
    "frame": "<iframe src='https://example.org/'></iframe>",
}


@pytest.mark.parametrize("markup", INJECTED.values(), ids=list(INJECTED))
def test_policy_stops_what_the_site_did_not_write(browser, site, markup: str) -> None:
    """Markup that came into a page by whatever way: nothing runs, no host is asked.
    That the site needs no more is seen by all other tests: a breach is an error."""
    context = browser.new_context()
    page = context.new_page()
    told, asked = [], []
    page.on("console", lambda message: told.append(message.text))
    page.on("response", lambda response: asked.append(response.url))
    page.route(f"{site[1]}how-to-answer/", lambda route: add(route, markup))
    visit(page, f"{site[1]}how-to-answer/")
    assert any("Content Security Policy" in text for text in told), told
    assert page.evaluate("window.injected") is None
    assert all(url.startswith(site[1]) for url in asked), asked
    context.close()


def add(route, markup: str) -> None:
    """Answer with the page and some markup at its end."""
    answer = route.fetch()
    body = answer.text().replace("</article>", f"{markup}</article>")
    route.fulfill(response=answer, body=body)


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_has_a_copy_button(open_page, language: str) -> None:
    page = open_page(ROOTS[language] + ANSWERS[0])
    buttons = page.locator(".highlight button[data-md-type=copy]")
    assert buttons.count() == page.locator(".highlight pre").count() > 0


def search(page, text: str) -> list[dict]:
    """Open the dialog with the keyboard, type, and return what it lists."""
    page.keyboard.press("/")
    page.locator("pagefind-modal input").fill(text)
    wait_until(
        page,
        "t => document.querySelector('pagefind-summary')?.textContent.includes(t)",
        text,
    )
    wait_until(
        page,
        "document.querySelector('pagefind-results [aria-busy]')?.ariaBusy !== 'true'",
    )
    read = (
        "links => links.map(a => ({href: a.getAttribute('href'), text: a.textContent}))"
    )
    links, before = page.locator("pagefind-results a"), None
    while (found := links.evaluate_all(read)) != before:  # they come one by one
        before = found
        page.wait_for_timeout(500)
    return found


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


@pytest.mark.parametrize("name", [*ANSWERS, "interview/", "ru/interview/"])
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
    assert page.evaluate("window.scrollY") > (5000 if name in ANSWERS else 300)
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


CALCULATOR = "training/training-memory/"
FORMULAS = ROOT / "snippets/training/training-memory/calculator.py"
ZERO_PAPER = {"0": 120, "1": 31.4, "2": 16.6, "3": 1.9}  # GB; 1910.02054, figure 1


def fill(page, **values: object) -> None:
    """Type into the fields of the calculator, and choose in its lists."""
    for name, value in values.items():
        field = page.locator(f"#memory-{name}")
        choose = field.evaluate("e => e.tagName") == "SELECT"
        (field.select_option if choose else field.fill)(str(value))


def shown_bytes(page) -> list[float]:
    """Bytes of the five parts and their sum; nothing where nothing is computed."""
    return page.locator(".memory-table td[data-bytes]").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.bytes))"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_calculator_agrees_with_the_paper(open_page, language: str) -> None:
    page = open_page(ROOTS[language] + CALCULATOR)
    point = "," if language == "ru" else "."
    fill(page, parameters=f"7{point}5", precision="mixed-2", optimizer="AdamW", gpus=64)
    for stage, gigabytes in ZERO_PAPER.items():
        fill(page, sharding=stage)
        assert round(sum(shown_bytes(page)[:3]) / 1e9, 1) == gigabytes
    assert page.locator("[data-part=weights]").inner_text() == f"0{point}23"


def test_calculator_agrees_with_the_snippet(open_page) -> None:
    page = open_page(CALCULATOR)
    formulas = runpy.run_path(str(FORMULAS))
    model = itertools.product(
        (("fp32", 4), ("mixed", 2), ("mixed", 4), ("mixed", 6), ("16-bit", 2)),
        ("SGD", "momentum", "AdamW", "8-bit AdamW"),
        range(4),
    )
    for (precision, gradients), optimizer, stage in model:
        chosen = f"mixed-{gradients}" if precision == "mixed" else precision
        fill(page, parameters=7, precision=chosen, optimizer=optimizer)
        fill(page, sharding=stage, gpus=8)
        expected = formulas["model_bytes"](
            7e9, precision, gradients, optimizer, stage, 8
        )
        assert shown_bytes(page)[:3] == pytest.approx(expected), (chosen, optimizer)
    sizes = {"batch": 3, "length": 1024, "hidden": 768, "heads": 12, "layers": 5}
    fill(page, **sizes, vocabulary=50257)
    data = itertools.product(("fp32", "mixed"), (False, True), (False, True))
    for precision, fused, checkpointing in data:
        fill(page, precision=precision.replace("mixed", "mixed-4"))
        fill(page, attention="fused" if fused else "stored")
        fill(page, checkpointing="yes" if checkpointing else "no")
        expected = formulas["activation_bytes"](
            *sizes.values(), 50257, precision, fused, checkpointing
        )
        *_, layers, logits, total = shown_bytes(page)
        assert [layers, logits] == pytest.approx(expected)
        assert total == pytest.approx(sum(shown_bytes(page)[:5]))


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("gpus", "-2", "GPUs: at least 1"),
        ("gpus", "", "GPUs: a number is needed, such as 64"),
        ("gpus", "2.5", "GPUs: a whole number is needed"),
        ("batch", "many", "Batch, sequences: a number is needed, such as 1"),
        ("layers", "1e99", "Layers: at most 10,000"),
        ("parameters", "0", "Parameters, billions: at least 0.000001"),
        ("heads", "5000", "Heads: more than the hidden size"),
    ],
)
def test_calculator_says_what_is_wrong(
    open_page, field: str, typed: str, message: str
) -> None:
    page = open_page(CALCULATOR)
    fill(page, **{field: typed})
    assert page.locator(".memory-error").inner_text() == message
    assert page.locator(f"#memory-{field}").get_attribute("aria-invalid") == "true"
    assert shown_bytes(page) == []
    assert not page.locator(".memory-bar").is_visible()
    fill(page, **{field: "8"})
    assert page.locator(".memory-error").inner_text() == ""
    assert len(shown_bytes(page)) == 6


def test_calculator_by_keyboard(open_page) -> None:
    page = open_page(CALCULATOR)
    page.locator("#memory-parameters").focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("1")
    for key in ("Tab", "Tab", "Tab", "ArrowDown", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.id") == "memory-gpus"
    assert page.locator("#memory-sharding").input_value() == "1"
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("12")
    assert shown_bytes(page)[2] == pytest.approx(1e9)


def test_site_works_from_a_folder(browser, site) -> None:
    """Opened as a file: links between pages and languages, formulas, the calculator,
    the interview, Run; search says in a word why it does not."""
    page = browser.new_page()
    page.set_default_timeout(10_000)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((site[0] / "index.html").as_uri())
    page.locator(".md-tabs a", has_text="Training").click()
    page.locator(".answer-question", has_text="GB").click()
    page.wait_for_url("**/training/training-memory/index.html")
    assert page.locator(".memory-calculator input").first.is_visible()
    assert page.evaluate("document.fonts.check('16px KaTeX_Main')")
    page.locator(".language-switch").click()
    page.wait_for_url("**/ru/training/training-memory/index.html")
    told = []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.locator("[data-search]").click()
    assert "make serve" in told[0]
    page.goto((site[0] / "interview/index.html").as_uri())
    page.locator(".interview form button").click()
    page.locator("[role=timer]").wait_for()
    page.goto((site[0] / "fundamentals/revolver-probability/index.html").as_uri())
    page.locator(".run-button").first.click()
    page.locator(".run-told", has_text="cdn.jsdelivr.net").wait_for(timeout=30_000)
    page.close()
    assert not wrong, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_ways_from_an_answer(open_page, site, language: str) -> None:
    """Level, time, tags above it; files, what ran, sources and a prefilled issue below;
    each file is there, each address names this answer."""
    page = open_page(f"{ROOTS[language]}training/training-memory/")
    assert re.search(r"\d+ ", page.locator(".about-top").inner_text())
    assert page.locator(".md-tag").count() >= 3
    about = page.locator(".about")
    assert "peak_gpu.py" in about.inner_text()
    for link in about.locator("a").evaluate_all("all => all.map(a => a.href)"):
        assert "training-memory" in link
        if link.startswith(site[1]):
            assert page.request.get(link).ok, link
    issue = about.locator("a[href*='issues/new']").get_attribute("href")
    fields = urllib.parse.parse_qs(urllib.parse.urlparse(issue).query)
    assert fields["page"] == [f"docs/{language}/training/training-memory.md"]
    form = ROOT / ".github/ISSUE_TEMPLATE" / fields["template"][0]
    assert "id: page" in form.read_text("utf-8")
    source = page.locator(".filename a").first.get_attribute("href")
    assert (ROOT / source.partition("/blob/main/")[2]).exists()
