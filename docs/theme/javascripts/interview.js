// The page «Mock interview»: a question at random, thinking aloud against a clock, then
// the short answer and the follow-ups one by one. FSRS (ts-fsrs) says what comes back
// when; progress stays in this browser. Questions come from the answers' own pages.

globalThis.mountInterview = (() => {
  const TEXT = {
    en: {
      chapters: "Chapters",
      levels: "Levels",
      minutes: "Minutes to think and answer",
      start: "Ask me",
      none: "No question fits this choice: add a chapter or a level.",
      missing: "The questions could not be loaded. Reload the page; in a local copy use “make serve”.",
      offline: "This question could not be loaded: is there a network? Your progress is kept.",
      aloud: "Answer aloud, as you would at a whiteboard. Then look.",
      show: "Show the answer",
      grade: "How did it go?",
      grades: ["Did not know", "With gaps", "Well", "Easily"],
      followUp: (n, all) => `Follow-up ${n} of ${all}`,
      enough: "Another question",
      finish: "Finish",
      choose: "Chapters and levels",
      whole: "The whole answer",
      over: "Time is up",
      done: "That was the last follow-up.",
      again: "Comes back soonest:",
      nothing: "Nothing was graded on this question.",
      seen: (seen, all, due) => `${seen} of ${all} questions and follow-ups graded, ${due} due now.`,
      keep: "Your progress is kept in this browser only.",
      export: "Export",
      import: "Import",
      erase: "Delete",
      sure: "Delete your progress in both languages? This cannot be undone.",
      replace: "Replace your progress by that of the file?",
      bad: "This file is not an export from this page.",
    },
    ru: {
      chapters: "Главы",
      levels: "Уровни",
      minutes: "Минут на размышление и ответ",
      start: "Спросите меня",
      none: "Под этот выбор нет вопросов: добавьте главу или уровень.",
      missing: "Вопросы не загрузились. Перезагрузите страницу; в своей копии нужен «make serve».",
      offline: "Вопрос не загрузился: проверьте соединение. Прогресс сохранён.",
      aloud: "Ответьте вслух, как у доски. Потом сверьтесь.",
      show: "Показать ответ",
      grade: "Как получилось?",
      grades: ["Никак", "С пробелами", "Хорошо", "Легко"],
      followUp: (n, all) => `Дополнительный вопрос ${n} из ${all}`,
      enough: "Другой вопрос",
      finish: "Закончить",
      choose: "Главы и уровни",
      whole: "Ответ целиком",
      over: "Время вышло",
      done: "Это был последний дополнительный вопрос.",
      again: "Скоро повторим:",
      nothing: "По этому вопросу оценок нет.",
      seen: (seen, all, due) => `Оценено ${seen} из ${all} вопросов, считая дополнительные; пора повторить: ${due}.`,
      keep: "Прогресс хранится только в этом браузере.",
      export: "Сохранить в файл",
      import: "Загрузить из файла",
      erase: "Удалить",
      sure: "Удалить прогресс в русской и английской версиях? Отменить это нельзя.",
      replace: "Заменить ваш прогресс прогрессом из файла?",
      bad: "В этом файле нет сохранённого прогресса собеседования.",
    },
  }
  const STORE = "answers-that-run.interview"

  /** Cards by id: FSRS's own, dates as ISO text. Storage may be forbidden. */
  function load() {
    try {
      return JSON.parse(localStorage.getItem(STORE)) ?? {}
    } catch {
      return {}
    }
  }

  function save(cards) {
    try {
      localStorage.setItem(STORE, JSON.stringify(cards))
    } catch {
      // Private browsing: the interview goes on, its end is forgotten.
    }
  }

  function element(name, properties = {}, ...children) {
    const result = Object.assign(document.createElement(name), properties)
    result.append(...children.filter(child => child != null))
    return result
  }

  const random = list => list[Math.floor(Math.random() * list.length)]

  /** Shows the interview in `root`: `data` is what to choose from, `details(answer)` gives a
   * promise of the answer's question, short answer and follow-ups. */
  return (root, data, details) => {
    const language = document.documentElement.lang
    const text = TEXT[language]
    let clock

    const id = (answer, number) =>
      number ? `${language}/${answer.name}#${answer.followUps[number - 1]}` : `${language}/${answer.name}`
    const ids = answer => [answer.id, ...answer.followUps].map((_, number) => id(answer, number))
    const due = key => {
      const card = load()[key]
      return card && new Date(card.due) <= new Date()
    }
    const unseen = key => !load()[key]

    function screen(...children) {
      clearInterval(clock)
      root.replaceChildren(...children.filter(child => child != null))
      const first = root.querySelector("h2, h3")
      if (first) {
        first.tabIndex = -1
        first.focus()
      }
    }

    function choices(title, name, values, chosen) {
      const boxes = Object.entries(values).map(([value, label]) =>
        element(
          "label",
          {},
          element("input", { type: "checkbox", name, value, checked: !chosen || chosen.includes(value) }),
          ` ${label}`,
        ),
      )
      return element("fieldset", {}, element("legend", { textContent: title }), ...boxes)
    }

    function setUp(form = {}) {
      const told = element("p", { className: "interview-told" })
      told.setAttribute("role", "status")
      const keys = data.answers.flatMap(ids)
      const count = test => keys.filter(test).length
      const numbers = element("p", {
        textContent: text.seen(keys.length - count(unseen), keys.length, count(due)),
      })
      const minutes = element("input", { type: "number", min: 1, max: 30, value: form.minutes ?? 2, name: "minutes" })
      const asked = element(
        "form",
        {},
        choices(text.chapters, "chapter", data.chapters, form.chapter),
        choices(text.levels, "level", data.levels, form.level),
        element("label", { className: "interview-minutes" }, `${text.minutes} `, minutes),
        element("p", {}, element("button", { className: "md-button md-button--primary", textContent: text.start })),
        told,
      )
      asked.addEventListener("submit", event => {
        event.preventDefault()
        const fields = new FormData(asked)
        form = {
          chapter: fields.getAll("chapter"),
          level: fields.getAll("level"),
          minutes: Math.max(1, Number(fields.get("minutes")) || 2),
        }
        if (!next(form)) told.textContent = text.none
      })
      screen(asked, numbers, keeping())
    }

    function keeping() {
      const file = element("input", { type: "file", accept: "application/json", hidden: true })
      file.addEventListener("change", async () => {
        try {
          const cards = JSON.parse(await file.files[0].text())
          const all = Object.values(cards)
          if (!all.length || !all.every(card => !isNaN(new Date(card.due)) && "stability" in card))
            throw new TypeError()
          if (Object.keys(load()).length && !confirm(text.replace)) return
          save(cards)
          setUp()
        } catch {
          alert(text.bad)
        }
      })
      const button = (label, onclick) =>
        element("button", { className: "interview-small", type: "button", textContent: label, onclick })
      return element(
        "p",
        { className: "interview-keep" },
        `${text.keep} `,
        button(text.export, () => {
          const blob = new Blob([JSON.stringify(load(), null, 1)], { type: "application/json" })
          const link = element("a", { href: URL.createObjectURL(blob), download: "interview.json" })
          link.click()
          setTimeout(() => URL.revokeObjectURL(link.href), 1000)
        }),
        " ",
        button(text.import, () => file.click()),
        " ",
        button(text.erase, () => {
          if (!confirm(text.sure)) return
          localStorage.removeItem(STORE)
          setUp()
        }),
        file,
      )
    }

    /** What is due comes first, then what was never asked, then what is due soonest. */
    function next(form, last) {
      const pool = data.answers.filter(
        answer => form.chapter.includes(answer.chapter) && form.level.includes(answer.level),
      )
      if (!pool.length) return false
      const others = pool.length > 1 ? pool.filter(({ name }) => name !== last?.name) : pool
      const late = others.filter(answer => ids(answer).some(due))
      const fresh = others.filter(answer => unseen(id(answer, 0)))
      const cards = load()
      const soonest = answer => Math.min(...ids(answer).map(key => new Date(cards[key]?.due ?? 8e15)))
      const rest = [...others].sort((a, b) => soonest(a) - soonest(b)).slice(0, 1)
      const answer = random([late, fresh, rest].find(list => list.length))
      const numbers = ids(answer).map((_, number) => number)
      const wanted = numbers.filter(number => due(id(answer, number)) || unseen(id(answer, number)))
      details(answer).then(
        asked => ask(form, { ...answer, asked }, wanted.length ? wanted : numbers, []),
        () => screen(element("p", { textContent: text.offline }), onward(form, answer)),
      )
      return true
    }

    function timer(minutes) {
      const started = Date.now()
      const shown = element("span", { className: "interview-clock" })
      shown.setAttribute("role", "timer")
      const tick = () => {
        const seconds = Math.floor((Date.now() - started) / 1000)
        shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
        shown.classList.toggle("interview-late", seconds >= minutes * 60)
        if (seconds >= minutes * 60) shown.textContent += ` · ${text.over}`
      }
      return [shown, tick]
    }

    function ask(form, answer, [number, ...later], graded) {
      const followUp = number ? answer.asked.followUps[number - 1] : null
      const [shown, tick] = timer(form.minutes)
      const heading = element("h2", { innerHTML: followUp ? followUp.question : answer.title })
      const where = element("p", {
        className: "interview-where",
        textContent: followUp
          ? `${answer.title} · ${text.followUp(number, answer.followUps.length)}`
          : `${data.chapters[answer.chapter]} · ${data.levels[answer.level]}`,
      })
      const asked = followUp ? null : element("div", { innerHTML: answer.asked.asked })
      const reveal = element("button", {
        className: "md-button md-button--primary",
        type: "button",
        textContent: text.show,
      })
      const below = element("div", {}, element("p", { textContent: text.aloud }), element("p", {}, reveal, " ", shown))
      reveal.addEventListener("click", () => {
        clearInterval(clock)
        const link = element("a", { href: answer.url, textContent: text.whole })
        const solution = element("div", {
          className: "interview-answer",
          innerHTML: followUp ? followUp.answer : answer.asked.short,
        })
        const grades = text.grades.map((label, index) =>
          element("button", {
            className: `interview-grade interview-grade-${index + 1}`,
            type: "button",
            textContent: label,
            onclick: () => {
              const cards = load()
              const key = id(answer, number)
              const card = cards[key] ?? FSRS.createEmptyCard()
              cards[key] = FSRS.fsrs({ enable_fuzz: false }).next(card, new Date(), index + 1).card
              save(cards)
              graded = [...graded, { title: heading.innerHTML, due: cards[key].due }]
              if (later.length) ask(form, answer, later, graded)
              else end(form, answer, graded, text.done)
            },
          }),
        )
        below.replaceChildren(
          solution,
          element("p", {}, link),
          element("p", { className: "interview-how", textContent: text.grade }),
          element("p", { className: "interview-grades" }, ...grades),
        )
        solution.tabIndex = -1
        solution.focus({ preventScroll: true })
      })
      screen(where, heading, asked, below, ending(form, answer, graded))
      tick()
      clock = setInterval(tick, 1000)
    }

    function ending(form, answer, graded) {
      const button = (label, onclick) =>
        element("button", { className: "interview-small", type: "button", textContent: label, onclick })
      return element(
        "p",
        { className: "interview-keep" },
        button(text.enough, () => next(form, answer)),
        " ",
        button(text.finish, () => end(form, answer, graded, "")),
      )
    }

    function onward(form, answer) {
      const button = (className, textContent, onclick) =>
        element("button", { className, type: "button", textContent, onclick })
      return element(
        "p",
        {},
        button("md-button md-button--primary", text.enough, () => next(form, answer)),
        " ",
        button("md-button", text.choose, () => setUp(form)),
      )
    }

    function end(form, answer, graded, told) {
      const soon = [...graded].sort((a, b) => a.due - b.due).slice(0, 5)
      const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" })
      const list = soon.map(({ title, due }) => element("li", { innerHTML: `${title} — ${when.format(new Date(due))}` }))
      screen(
        element("h2", { textContent: soon.length ? text.again : text.nothing }),
        told ? element("p", { textContent: told }) : null,
        element("ul", {}, ...list),
        onward(form, answer),
        element("p", {}, element("a", { href: answer.url, textContent: text.whole })),
      )
    }

    if (data) setUp()
    else screen(element("p", { textContent: text.missing }))
  }
})()
