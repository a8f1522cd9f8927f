/** Takes secret values out of text that is about to be shown, stored or sent. */
import type { Secret } from './secret.ts'

export type Redact = (text: string) => string

/**
 * A function that replaces each secret by `[secret NAME]`, in its raw, base64, base64url,
 * percent-encoded and JSON-escaped forms. Longer forms go first, so that one which contains another
 * is replaced whole.
 */
export function redactor(secrets: readonly Secret[]): Redact {
  const forms = secrets.flatMap((secret) =>
    formsOf(secret.reveal()).map((form) => ({ form, shown: secret.toString() })),
  )
  forms.sort((a, b) => b.form.length - a.form.length)
  return (text) => forms.reduce((out, { form, shown }) => out.replaceAll(form, shown), text)
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
  return [...new Set(forms)].filter((form) => form.length >= 8)
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
