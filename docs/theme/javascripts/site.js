// Search on demand: Pagefind weighs as much as a page, so nothing of it is fetched
// before somebody first searches.

const button = document.querySelector("[data-search]")
const javascripts = document.currentScript.src
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
  if (location.protocol === "file:") return alert(button.dataset.searchFolder)
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

// What a few pages need is fetched there only, once. (Not by import: a page opened from a
// folder may not.)
const scripts = new Map()
function script(name, base = javascripts) {
  const url = new URL(name, base).href
  if (!scripts.has(url))
    scripts.set(
      url,
      new Promise((resolve, reject) => {
        const tag = Object.assign(document.createElement("script"), { src: url, onload: resolve, onerror: reject })
        document.head.append(tag)
      }).catch(error => {
        scripts.delete(url)
        throw error
      }),
    )
  return scripts.get(url)
}

document$.subscribe(async () => {
  const calculator = document.querySelector(".memory-calculator")
  if (calculator) {
    await script("memory-calculator.js")
    mountMemoryCalculator(calculator)
  }
  const interview = document.querySelector(".interview")
  if (interview) {
    await script("interview.js")
    const folder = location.href
    const loaded = Promise.all([script("ts-fsrs.js"), script("data.js", folder)])
    const data = await loaded.then(() => interviewData, () => null)
    mountInterview(interview, data, async ({ name }) => {
      await script(`${name}.js`, folder)
      return data.asked[name]
    })
  }
  const runnable = document.querySelectorAll("[data-run]")
  if (runnable.length) {
    await script("run.js")
    mountRuns(runnable)
  }
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

// A page opened from a folder: no server adds the name of a folder's page.
document$.subscribe(() => {
  if (location.protocol !== "file:") return
  for (const link of document.querySelectorAll("a[href]"))
    if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html"
})
