// Run buttons: Python in the browser (Pyodide, pinned) for snippets that need the
// standard library or NumPy only. Nothing is fetched before the first click.

globalThis.mountRuns = (() => {
  const PYODIDE = "https://cdn.jsdelivr.net/pyodide/v314.0.7/full/"
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 }
  const TEXT = {
    en: {
      run: "Run",
      stop: "Stop",
      loading: "Loading Python…",
      packages: "Loading NumPy…",
      running: "Running…",
      done: seconds => `Ran in this browser in ${seconds} s. Edit the code, run it again.`,
      failed: "Failed. Edit the code, run it again.",
      stopped: "Stopped.",
      offline: "Python could not be loaded from cdn.jsdelivr.net: no network, blocked, or an old browser. The page stays as it was.",
      code: "Code, editable",
      output: "Output in this browser",
      title: "Runs in your browser; Python comes from cdn.jsdelivr.net",
    },
    ru: {
      run: "Запустить",
      stop: "Стоп",
      loading: "Загружается Python…",
      packages: "Загружается NumPy…",
      running: "Выполняется…",
      done: seconds => `Выполнено в этом браузере за ${seconds} с. Поправьте код и запустите ещё раз.`,
      failed: "Ошибка. Поправьте код и запустите ещё раз.",
      stopped: "Остановлено.",
      offline: "Python не загрузился с cdn.jsdelivr.net: нет сети, адрес закрыт или браузер старый. Страница не изменилась.",
      code: "Код, можно править",
      output: "Вывод в этом браузере",
      title: "Выполняется в вашем браузере; Python загружается с cdn.jsdelivr.net",
    },
  }

  // The worker's whole program. It comes as a blob, because a page opened from a folder
  // may not start a worker from a file.
  async function work(base) {
    const queue = []
    let python
    onmessage = async ({ data }) => (python ? execute(data) : queue.push(data))
    try {
      const { loadPyodide } = await import(`${base}pyodide.mjs`)
      python = await loadPyodide({ indexURL: base })
    } catch (error) {
      return postMessage({ offline: String(error) })
    }
    queue.forEach(execute)

    async function execute({ code, name, packages }) {
      const write = text => postMessage({ text })
      python.setStdout({ batched: line => write(`${line}\n`) })
      python.setStderr({ batched: line => write(`${line}\n`) })
      if (packages.length) {
        postMessage({ packages })
        let why = ""
        const quiet = { messageCallback: () => {}, errorCallback: text => (why += text) }
        await python.loadPackage(packages, quiet).catch(error => (why += error))
        if (packages.some(name => !python.loadedPackages[name]))
          return postMessage({ offline: why })
      }
      postMessage({ running: true })
      const started = performance.now()
      const globals = python.globals.get("dict")()
      globals.set("__name__", "__main__")
      try {
        await python.runPythonAsync(code, { filename: name, globals })
        postMessage({ seconds: (performance.now() - started) / 1000 })
      } catch (error) {
        // Frames of the machinery between the first line and the snippet's own say nothing.
        const lines = error.message.split("\n")
        const own = lines.findIndex(line => line.includes(`File "${name}"`))
        write([lines[0], ...lines.slice(Math.max(1, own))].join("\n"))
        postMessage({ failed: true })
      }
    }
  }

  let worker // one for the page: Python is loaded once
  let busy // the run that waits for it

  function start() {
    const program = `(${work})(${JSON.stringify(PYODIDE)})`
    const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }))
    worker = new Worker(url, { type: "module" })
    worker.onmessage = ({ data }) => busy?.(data)
    worker.onerror = error => busy?.({ offline: error.message ?? "" })
  }

  function kill() {
    worker?.terminate()
    worker = undefined
  }

  function mount(title, text) {
    const name = title.textContent.trim()
    const packages = title.dataset.run.split(" ").filter(Boolean)
    const block = title.closest(".highlight")
    const code = block.querySelector("code")
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "run-button",
      textContent: text.run,
      title: text.title,
    })
    const told = Object.assign(document.createElement("p"), { className: "run-told", hidden: true })
    told.setAttribute("role", "status")
    const output = Object.assign(document.createElement("pre"), { className: "run-output", tabIndex: 0, hidden: true })
    output.setAttribute("aria-label", text.output)
    title.append(button)
    block.append(told, output)

    function finish(message, loaded = true) {
      busy = undefined
      button.textContent = text.run
      told.textContent = message
      if (!loaded) kill()
    }

    button.addEventListener("click", () => {
      if (button.textContent === text.stop) {
        kill()
        return finish(text.stopped)
      }
      if (busy) {
        kill() // another snippet's run: it is told that it was stopped
        busy({ stopped: true })
      }
      code.contentEditable = "plaintext-only"
      code.setAttribute("role", "textbox")
      code.setAttribute("aria-multiline", "true")
      code.setAttribute("aria-label", text.code)
      code.spellcheck = false
      button.textContent = text.stop
      told.hidden = false
      told.textContent = worker ? text.running : text.loading
      output.textContent = ""
      output.hidden = true
      if (!worker) start()
      busy = data => {
        if (data.text !== undefined) {
          output.hidden = false
          output.append(data.text)
        } else if (data.packages) told.textContent = text.packages
        else if (data.running) told.textContent = text.running
        else if (data.failed) finish(text.failed)
        else if (data.stopped) finish(text.stopped)
        else if (data.offline !== undefined) finish(text.offline, false)
        else finish(text.done(data.seconds.toLocaleString(document.documentElement.lang, digits)))
      }
      worker.postMessage({ code: code.innerText, name, packages })
    })
  }

  return titles => {
    const text = TEXT[document.documentElement.lang]
    for (const title of titles) if (!title.querySelector(".run-button")) mount(title, text)
  }
})()
