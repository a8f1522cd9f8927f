/** One Python string literal: prefix, quotes and escapes. */

export type StringReading =
  | { readonly kind: 'text' | 'bytes'; readonly text: string; readonly end: number }
  | { readonly kind: 'unsupported'; readonly what: string; readonly end: number }
  /** Python refuses it. */
  | { readonly kind: 'mistake'; readonly end: number }

const opening = /([uU]|[rR]|[bB]|[bB][rR]|[rR][bB]|[fF]|[fF][rR]|[rR][fF])?("""|'''|"|')/y

/** The literal that starts at `at`; `null` when none does. */
export function readPythonString(source: string, at: number): StringReading | null {
  opening.lastIndex = at
  const [whole, prefixText = '', quote = ''] = opening.exec(source) ?? []
  if (whole === undefined) return null
  const prefix = prefixText.toLowerCase()
  const start = at + whole.length
  const close = closingQuote(source, start, quote)
  // An f-string is no literal, whatever is in it.
  if (close === null || prefix.includes('f')) return { kind: 'mistake', end: source.length }
  const end = close + quote.length
  const body = source.slice(start, close)
  const kind = prefix.includes('b') ? 'bytes' : 'text'
  if (kind === 'bytes' && /[\u0080-\uFFFF]/.test(body)) return { kind: 'mistake', end }
  const text: Unescaped = prefix.includes('r')
    ? { kind: 'text', text: body }
    : unescapePython(body, kind)
  return text.kind === 'text' ? { kind, text: text.text, end } : { ...text, end }
}

function closingQuote(source: string, start: number, quote: string): number | null {
  for (let at = start; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source.startsWith(quote, at)) return at
    else if (quote.length === 1 && source[at] === '\n') return null
  }
  return null
}

type Unescaped =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unsupported'; readonly what: string }
  | { readonly kind: 'mistake' }

const simple = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

const escape =
  /\\(?:(?<octal>[0-7]{1,3})|x(?<byte>[0-9a-fA-F]{2})|u(?<short>[0-9a-fA-F]{4})|U(?<long>[0-9a-fA-F]{8})|(?<other>[^]))/gu

/** The text of a literal's inside. Escapes that Python does not know stay as they are. */
export function unescapePython(body: string, kind: 'text' | 'bytes' = 'text'): Unescaped {
  const troubles: Unescaped[] = []
  const text = body.replace(escape, (whole: string, ...rest) => {
    const groups: Groups = rest.at(-1)
    const made = unescape(whole, groups, kind)
    if (typeof made === 'string') return made
    troubles.push(made)
    return ''
  })
  return troubles[0] ?? finish(text)
}

type Groups = Readonly<Record<string, string | undefined>>

function unescape(whole: string, groups: Groups, kind: 'text' | 'bytes'): string | Unescaped {
  const { octal, byte, short, long, other } = groups
  if (other !== undefined) return named(whole, other, kind)
  const wide = short ?? long
  if (wide !== undefined && kind === 'bytes') return whole
  const code = Number.parseInt(octal ?? byte ?? wide ?? '', octal === undefined ? 16 : 8)
  return code > 0x10ffff ? { kind: 'mistake' } : String.fromCodePoint(code)
}

/** An escape of one character; `\x` and `\u` come here when their digits are missing. */
function named(whole: string, other: string, kind: 'text' | 'bytes'): string | Unescaped {
  if (kind === 'text' && other === 'N') return { kind: 'unsupported', what: 'a \\N escape' }
  const isCutOff = other === 'x' || (kind === 'text' && /[uU]/.test(other))
  return isCutOff ? { kind: 'mistake' } : (simple.get(other) ?? whole)
}

/** Half of a surrogate pair is a character for Python, but cannot be printed. */
function finish(text: string): Unescaped {
  return text.isWellFormed()
    ? { kind: 'text', text }
    : { kind: 'unsupported', what: 'half a character' }
}
