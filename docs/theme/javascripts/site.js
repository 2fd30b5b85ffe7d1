// Search on demand: Pagefind weighs as much as a page, so nothing of it is fetched
// before somebody first searches.

const button = document.querySelector("[data-search]")
const bundle = new URL(button.dataset.search, location.href)
// Instant navigation keeps the header, so the link would go on pointing to the twin of
// the page that was opened first.
const link = document.querySelector(".language-switch")
const here = new URL(link.dataset.here, location.href).href
const there = new URL(link.dataset.there, location.href).href
for (const event of ["pointerdown", "focus", "click"])
  link.addEventListener(event, () => {
    if (location.href.startsWith(here)) link.href = there + location.href.slice(here.length)
  })

let loading

function load() {
  loading ??= new Promise((resolve, reject) => {
    const style = document.createElement("link")
    style.rel = "stylesheet"
    style.href = new URL("pagefind-component-ui.css", bundle).href
    const script = document.createElement("script")
    script.src = new URL("pagefind-component-ui.js", bundle).href
    script.onerror = reject
    style.onerror = reject
    script.onload = () => {
      const config = document.createElement("pagefind-config")
      config.setAttribute("bundle-path", bundle.pathname)
      const modal = document.createElement("pagefind-modal")
      modal.addEventListener("click", event => {
        if (event.target.closest("a")) modal.close()
      })
      document.body.append(config)
      const found = button.dataset.searchFound // Pagefind's own has one Russian plural
      const instance = PagefindComponents.getInstanceManager().getInstance("default")
      instance.setTranslations({ one_result: found, many_results: found })
      document.body.append(modal)
      resolve(modal)
    }
    document.head.append(style, script)
  })
  return loading
}

async function search() {
  let modal
  try {
    modal = await load()
  } catch {
    alert(button.dataset.searchMissing)
    loading = undefined
    return
  }
  modal.open()
}

button.addEventListener("click", search)
document.addEventListener("keydown", event => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]")
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey
  const control = event.key === "k" && (event.ctrlKey || event.metaKey)
  if ((slash && !typing) || control) {
    event.preventDefault()
    search()
  }
})

document$.subscribe(async () => {
  const calculator = document.querySelector(".memory-calculator")
  if (calculator) (await import("./memory-calculator.js")).mount(calculator)
})

// A table or a lab's output wider than its column scrolls: by keyboard too, when it can
// be focused.
const wide = new ResizeObserver(entries => {
  for (const { target } of entries)
    target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1
})
document$.subscribe(() =>
  setTimeout(() => { // Material wraps tables when it sees the new page
    wide.disconnect()
    for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap, .lab pre"))
      wide.observe(wrap)
  }),
)

// Solutions of a lab are folded until asked for; without scripts they stand open.
document$.subscribe(() => {
  for (const cell of document.querySelectorAll(".lab .celltag_solution")) {
    if (cell.closest("details")) continue
    const details = document.createElement("details")
    details.className = "question"
    const summary = document.createElement("summary")
    summary.textContent = cell.closest(".lab").dataset.solution
    cell.replaceWith(details)
    details.append(summary, cell)
  }
})
