// The calculator of training/training-memory. Its formulas are those of the snippet
// training/training-memory/calculator.py; a browser test compares the two.

// Bytes per parameter: working weights, gradients, fp32 copy of the gradients, fp32
// master copy of the weights, one number of state.
const PRECISIONS = {
  fp32: [4, 4, 0, 0, 4],
  "mixed-2": [2, 2, 0, 4, 4],
  "mixed-4": [2, 4, 0, 4, 4],
  "mixed-6": [2, 2, 4, 4, 4],
  "16-bit": [2, 2, 0, 0, 2],
}
const STATES = { SGD: 0, momentum: 1, AdamW: 2, "8-bit AdamW": 2 } // numbers a parameter
const PARTS = ["weights", "gradients", "states", "activations", "logits"]

// Name, first value, smallest, largest, whole numbers only.
const NUMBERS = [
  ["parameters", "7.5", 0.000001, 1e5, false],
  ["gpus", "64", 1, 1e6, true],
  ["batch", "1", 1, 1e6, true],
  ["length", "2048", 1, 1e8, true],
  ["layers", "32", 1, 1e4, true],
  ["hidden", "4096", 1, 1e6, true],
  ["heads", "32", 1, 1e4, true],
  ["vocabulary", "32000", 0, 1e8, true],
]
const CHOICES = {
  precision: ["mixed-2", "mixed-4", "mixed-6", "fp32", "16-bit"],
  optimizer: Object.keys(STATES),
  sharding: ["0", "1", "2", "3"],
  attention: ["stored", "fused"],
  checkpointing: ["no", "yes"],
}
const GROUPS = {
  model: ["parameters", "precision", "optimizer", "sharding", "gpus"],
  data: ["batch", "length", "layers", "hidden", "heads", "vocabulary", "attention", "checkpointing"],
}

const TEXT = {
  en: {
    model: "Weights, gradients, optimizer",
    data: "Activations on one GPU",
    parameters: "Parameters, billions",
    precision: "Precision",
    "mixed-2": "mixed, 16-bit gradients",
    "mixed-4": "mixed, FP32 gradients",
    "mixed-6": "mixed, gradients in both",
    fp32: "FP32",
    "16-bit": "16-bit throughout",
    optimizer: "Optimizer",
    SGD: "SGD",
    momentum: "SGD with momentum",
    AdamW: "AdamW",
    "8-bit AdamW": "8-bit AdamW",
    sharding: "Sharding",
    0: "none (DDP)",
    1: "ZeRO 1",
    2: "ZeRO 2",
    3: "ZeRO 3, FSDP",
    gpus: "GPUs",
    batch: "Batch, sequences",
    length: "Length, tokens",
    layers: "Layers",
    hidden: "Hidden size",
    heads: "Heads",
    vocabulary: "Vocabulary",
    attention: "Attention",
    stored: "scores are stored",
    fused: "FlashAttention",
    checkpointing: "Checkpointing",
    no: "none",
    yes: "every layer",
    weights: "weights",
    gradients: "gradients",
    states: "optimizer and master copy",
    activations: "activations",
    logits: "logits",
    total: "On one GPU",
    part: "Part",
    bytes: "GB",
    notNumber: "{}: a number is needed, such as {}",
    notWhole: "{}: a whole number is needed",
    tooSmall: "{}: at least {}",
    tooLarge: "{}: at most {}",
    tooMany: "{}: more than the hidden size",
  },
  ru: {
    model: "Веса, градиенты, оптимизатор",
    data: "Активации на одном GPU",
    parameters: "Параметры, млрд",
    precision: "Точность",
    "mixed-2": "смешанная, градиенты 16 бит",
    "mixed-4": "смешанная, градиенты FP32",
    "mixed-6": "смешанная, градиенты 16 бит и FP32",
    fp32: "FP32",
    "16-bit": "всё в 16 битах",
    optimizer: "Оптимизатор",
    SGD: "SGD",
    momentum: "SGD с моментом",
    AdamW: "AdamW",
    "8-bit AdamW": "8-битный AdamW",
    sharding: "Шардирование",
    0: "нет (DDP)",
    1: "ZeRO 1",
    2: "ZeRO 2",
    3: "ZeRO 3, FSDP",
    gpus: "Число GPU",
    batch: "Батч, последовательностей",
    length: "Длина, токенов",
    layers: "Число слоёв",
    hidden: "Ширина",
    heads: "Число голов",
    vocabulary: "Размер словаря",
    attention: "Внимание",
    stored: "матрица сохраняется",
    fused: "FlashAttention",
    checkpointing: "Checkpointing",
    no: "нет",
    yes: "каждый слой",
    weights: "веса",
    gradients: "градиенты",
    states: "оптимизатор и мастер-копия",
    activations: "активации",
    logits: "логиты",
    total: "На одном GPU",
    part: "Часть",
    bytes: "ГБ",
    notNumber: "{}: нужно число, например {}",
    notWhole: "{}: нужно целое число",
    tooSmall: "{}: не меньше {}",
    tooLarge: "{}: не больше {}",
    tooMany: "{}: больше ширины",
  },
}

function modelBytes(parameters, precision, optimizer, stage, gpus) {
  const [weights, gradients, copy, master, state] = PRECISIONS[precision]
  const states = STATES[optimizer] * (optimizer === "8-bit AdamW" ? 1 : state)
  const share = first => (stage >= first ? 1 / gpus : 1)
  return [
    weights * share(3),
    gradients * share(2) + copy * share(1),
    (master + states) * share(1),
  ].map(bytes => bytes * parameters)
}

function activationBytes(v, precision) {
  const { batch: b, length: s, hidden: h, heads: a, layers, vocabulary } = v
  const [linear, square, kept] = precision === "fp32" ? [66, 9, 4] : [34, 5, 2]
  const layer = linear * s * b * h + (v.attention === "fused" ? 0 : square * a * s * s * b)
  const all = v.checkpointing === "yes" ? layers * kept * s * b * h + layer : layers * layer
  return [all, 4 * s * b * vocabulary]
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

globalThis.mountMemoryCalculator = root => {
  if (root.childElementCount) return
  const language = document.documentElement.lang
  const text = TEXT[language]
  const say = (key, ...values) => values.reduce((t, value) => t.replace("{}", value), text[key])
  const places = { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  const usual = new Intl.NumberFormat(language, places)
  const small = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 })
  const limit = new Intl.NumberFormat(language, { maximumSignificantDigits: 21 })
  const point = language === "ru" ? "," : "."

  const numbers = Object.fromEntries(NUMBERS.map(([name, ...rest]) => [name, rest]))
  const inputs = {}
  const form = element("form", { class: "memory-form", autocomplete: "off" })
  for (const [group, names] of Object.entries(GROUPS)) {
    const fields = names.map(name => {
      const id = `memory-${name}`
      const input =
        name in numbers
          ? element("input", { id, inputmode: "decimal", value: numbers[name][0].replace(".", point) })
          : element("select", { id }, ...CHOICES[name].map(value => element("option", { value }, text[value])))
      inputs[name] = input
      return element("div", { class: `memory-field-${name}` }, element("label", { for: id }, text[name]), input)
    })
    form.append(element("fieldset", {}, element("legend", {}, text[group]), ...fields))
  }
  inputs.optimizer.value = "AdamW"
  inputs.attention.value = "fused"

  const error = element("p", { class: "memory-error", role: "alert", id: "memory-error" })
  const bar = element("div", { class: "memory-bar", "aria-hidden": "true" })
  const cells = {}
  const rows = [...PARTS, "total"].map(part => {
    cells[part] = element("td", { "data-part": part })
    const swatch = part === "total" ? "" : element("i", { class: `memory-${part}` })
    return element("tr", {}, element("th", { scope: "row" }, swatch, text[part]), cells[part])
  })
  const head = element("tr", {}, element("th", {}, text.part), element("th", {}, text.bytes))
  const table = element("table", { class: "memory-table" }, element("thead", {}, head), element("tbody", {}, ...rows))
  const result = element("div", { class: "memory-result", "aria-live": "polite" }, table)
  const slices = PARTS.map(part => element("i", { class: `memory-${part}` }))
  bar.append(...slices)

  function fault(name, typed) {
    const [first, smallest, largest, whole] = numbers[name]
    if (!/^[+-]?\d+([.,]\d+)?(e\d+)?$/i.test(typed))
      return say("notNumber", text[name], first.replace(".", point))
    const value = Number(typed.replace(",", "."))
    if (value < smallest) return say("tooSmall", text[name], limit.format(smallest))
    if (value > largest) return say("tooLarge", text[name], limit.format(largest))
    if (whole && !Number.isInteger(value)) return say("notWhole", text[name])
    return ""
  }

  function update() {
    const values = {}
    const faults = []
    for (const [name, input] of Object.entries(inputs)) {
      const typed = input.value.trim()
      let wrong = name in numbers ? fault(name, typed) : ""
      values[name] = name in numbers ? Number(typed.replace(",", ".")) : typed
      if (!wrong && name === "heads" && values.heads > values.hidden) wrong = say("tooMany", text.heads)
      if (wrong) faults.push(wrong)
      input.toggleAttribute("aria-invalid", false)
      input.removeAttribute("aria-describedby")
      if (wrong) {
        input.setAttribute("aria-invalid", "true")
        input.setAttribute("aria-describedby", "memory-error")
      }
    }
    error.textContent = faults.join("; ")
    bar.hidden = faults.length > 0
    if (faults.length) {
      for (const cell of Object.values(cells)) {
        cell.textContent = "—"
        delete cell.dataset.bytes
      }
      return
    }
    const { precision, optimizer, sharding, gpus } = values
    const bytes = [
      ...modelBytes(values.parameters * 1e9, precision, optimizer, Number(sharding), gpus),
      ...activationBytes(values, precision),
    ]
    const total = bytes.reduce((a, b) => a + b)
    for (const [i, amount] of [...bytes, total].entries()) {
      const cell = cells[PARTS[i] ?? "total"]
      cell.dataset.bytes = amount
      cell.textContent = (amount < 1e7 ? small : usual).format(amount / 1e9)
      if (slices[i]) slices[i].style.width = `${(100 * amount) / total}%`
    }
  }

  form.addEventListener("input", update)
  form.addEventListener("submit", event => event.preventDefault())
  root.append(form, error, bar, result)
  update()
}
