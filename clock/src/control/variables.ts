/** The text of an answer: `name=value, name="text, with commas",\r\n…`. Pure. RFC 9327 §4. */

/** Variables by name, as the daemon wrote them, without quotes and control characters. */
export type Variables = ReadonlyMap<string, string>

const maxVariables = 512
const validName = /^[A-Za-z_][\w.]*$/
// The control characters are what is looked for.
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f]/g

/**
 * Reads the variables of an answer. Anything that is not `name=value` is left out: ntpsec 1.2.2 is
 * known to send uninitialised bytes in some values. The first of two equal names counts.
 */
export function parseVariables(data: Uint8Array): Variables {
  const text = Buffer.from(data).toString('latin1').replaceAll(controls, ' ')
  const variables = new Map<string, string>()
  for (const item of splitItems(text)) {
    const equals = item.indexOf('=')
    const name = item.slice(0, Math.max(equals, 0)).trim()
    if (!validName.test(name) || variables.has(name)) continue
    if (variables.size >= maxVariables) break
    variables.set(name, unquote(item.slice(equals + 1).trim()))
  }
  return variables
}

/** Splits at the commas outside quotes, in one pass: the text may be hostile and 64 KiB long. */
function splitItems(text: string): string[] {
  const items: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted
    if (text[at] !== ',' || isQuoted) continue
    items.push(text.slice(start, at))
    start = at + 1
  }
  return [...items, text.slice(start)]
}

/** ntpd escapes nothing inside quotes. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text
  const end = text.indexOf('"', 1)
  return end === -1 ? text.slice(1) : text.slice(1, end)
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/** A decimal number, or `null` when it is absent or not a finite number: never a false zero. */
export function numberOf(variables: Variables, name: string): number | null {
  const text = variables.get(name)
  if (text === undefined || !decimal.test(text)) return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/** A whole number ≥ 0, decimal or with `0x` as ntpsec writes registers; `null` when it is neither. */
export function countOf(variables: Variables, name: string): number | null {
  const text = variables.get(name)
  if (text === undefined || !/^(0x[0-9a-fA-F]{1,12}|\d{1,15})$/.test(text)) return null
  return Number(text)
}

/** Text; `null` when it is absent or empty. */
export function textOf(variables: Variables, name: string): string | null {
  const text = variables.get(name)
  return text === undefined || text === '' ? null : text
}

/**
 * An NTP time `0xSSSSSSSS.FFFFFFFF` in units of 2^-32 s since the beginning of its era; `null` when
 * absent or zero, by which ntpd means "never".
 */
export function ntpTimeOf(variables: Variables, name: string): bigint | null {
  const match = /^0x([0-9a-fA-F]{8})\.([0-9a-fA-F]{8})$/.exec(variables.get(name) ?? '')
  if (match === null) return null
  const time = BigInt(`0x${match[1]}${match[2]}`)
  return time === 0n ? null : time
}
