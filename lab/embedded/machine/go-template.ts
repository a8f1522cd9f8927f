/**
 * The part of Go's templates that is used with `docker … --format`: fields (`.A.B`), `index . "A"`,
 * `json`, `urlquery`, and `if` and `with` with `else`, nested as one likes. A missing field is shown as
 * `<no value>`.
 */
export function renderGoTemplate(template: string, data: unknown): string {
  const tokens = template
    .replaceAll(String.raw`\t`, '\t')
    .replaceAll(String.raw`\n`, '\n')
    .split(/(\{\{.*?\}\})/s)
  const { text } = renderUntilEnd(tokens, 0, data)
  return text
}

interface Rendered {
  readonly text: string
  /** The token that ended it: `else`, `end`, or the end of the template. */
  readonly at: number
}

function renderUntilEnd(tokens: readonly string[], from: number, dot: unknown): Rendered {
  let text = ''
  let at = from
  while (at < tokens.length) {
    const token = tokens[at] ?? ''
    const action = /^\{\{-?\s*(.*?)\s*-?\}\}$/s.exec(token)?.[1]
    if (action === 'else' || action === 'end') break
    const block = /^(if|with)\s+(.*)$/s.exec(action ?? '')
    if (block !== null) {
      const value = evaluate(block[2] ?? '', dot)
      const rendered = renderBlock(tokens, at, {
        value,
        dot: block[1] === 'with' ? value : dot,
        outer: dot,
      })
      text += rendered.text
      at = rendered.at
    } else text += action === undefined ? token : show(evaluate(action, dot), action)
    at += 1
  }
  return { text, at }
}

interface Block {
  readonly value: unknown
  /** `.` in the first half. */
  readonly dot: unknown
  /** `.` after `else`. */
  readonly outer: unknown
}

/** `at` of the result is the block's `end`. */
function renderBlock(tokens: readonly string[], start: number, block: Block): Rendered {
  const first = renderUntilEnd(tokens, start + 1, block.dot)
  const hasElse = /^\{\{-?\s*else\s*-?\}\}$/.test(tokens[first.at] ?? '')
  const second = hasElse ? renderUntilEnd(tokens, first.at + 1, block.outer) : null
  return {
    text: isTrue(block.value) ? first.text : (second?.text ?? ''),
    at: second?.at ?? first.at,
  }
}

function evaluate(expression: string, dot: unknown): unknown {
  const indexed = /^index\s+(\.[\w.]*)\s+"([^"]*)"$/.exec(expression)
  if (indexed !== null) return field(lookUp(dot, indexed[1] ?? ''), indexed[2] ?? '')
  const [, path = ''] = /^(?:(?:json|urlquery)\s+)?(\.[\w.]*)$/.exec(expression) ?? []
  return lookUp(dot, path)
}

function lookUp(data: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (name === '' ? value : field(value, name)), data)
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false
}

function show(value: unknown, action: string): string {
  if (action.startsWith('json')) return JSON.stringify(value ?? null)
  if (action.startsWith('urlquery')) return encodeURIComponent(String(value))
  if (value === undefined || value === null) return '<no value>'
  if (Array.isArray(value)) return `[${value.map((each) => show(each, '')).join(' ')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
