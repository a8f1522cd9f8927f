/** Takes secret values out of text that is about to be shown, stored or sent. */
import type { Secret } from './secret.ts'

export type Redact = (text: string) => string

/**
 * A function that replaces each secret by `[secret NAME]`, in its raw, base64, base64url,
 * percent-encoded and JSON-escaped forms. Where forms overlap the whole of them is replaced. The
 * time it takes does not grow with the number of secrets, since a fleet has thousands.
 */
export function redactor(secrets: readonly Secret[]): Redact {
  const index = indexForms(secrets)
  return (text) => {
    let out = ''
    let copied = 0
    for (const { start, end, shown } of findForms(text, index)) {
      out += `${text.slice(copied, start)}${shown}`
      copied = end
    }
    return copied === 0 ? text : out + text.slice(copied)
  }
}

interface Form {
  readonly form: string
  readonly shown: string
}

interface FormIndex {
  /** Marks the hashes of all beginnings: nearly all text is passed over by this alone. */
  readonly marks: Uint8Array
  /** Forms by their first characters, the longest first. */
  readonly byStart: ReadonlyMap<string, readonly Form[]>
}

const startLength = 8

function indexForms(secrets: readonly Secret[]): FormIndex {
  const shown = new Map(
    secrets.flatMap((secret) =>
      formsOf(secret.reveal()).map((form) => [form, secret.toString()] as const),
    ),
  )
  const forms = [...shown].map(([form, text]): Form => ({ form, shown: text }))
  forms.sort((a, b) => b.form.length - a.form.length)
  const byStart = Map.groupBy(forms, ({ form }) => form.slice(0, startLength))
  const marks = new Uint8Array(1 << 16)
  for (const start of byStart.keys()) marks[hashAt(start, 0)] = 1
  return { marks, byStart }
}

function hashAt(text: string, at: number): number {
  let hash = 0
  for (let i = at; i < at + 4; i += 1) hash = (hash * 31 + text.charCodeAt(i)) & 0xffff
  return hash
}

interface Found {
  readonly start: number
  end: number
  readonly shown: string
}

/** In order, not overlapping. */
function findForms(text: string, { marks, byStart }: FormIndex): Found[] {
  const found: Found[] = []
  if (byStart.size === 0) return found
  for (let start = 0; start + startLength <= text.length; start += 1) {
    if (marks[hashAt(text, start)] !== 1) continue
    const forms = byStart.get(text.slice(start, start + startLength)) ?? []
    const match = forms.find(({ form }) => text.startsWith(form, start))
    if (match === undefined) continue
    const end = start + match.form.length
    const last = found.at(-1)
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end)
    else found.push({ start, end, shown: match.shown })
  }
  return found
}

function formsOf(value: string): string[] {
  const base64 = encodeBase64(value)
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
    ...innerBase64(value),
  ]
  return forms.filter((form) => form.length >= startLength)
}

/** The parts of a base64 text which are the same wherever the value stands in the encoded bytes. */
function innerBase64(value: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = encodeBase64('\0'.repeat(shift) + value)
    const start = Math.ceil((shift * 4) / 3)
    const whole = Math.floor(((shift + value.length) * 4) / 3)
    return encoded.slice(start, whole)
  })
}

/** Secrets are printable ASCII (`secretProblem`), which is what btoa takes. */
function encodeBase64(value: string): string {
  return btoa(value)
}
