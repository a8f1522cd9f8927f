/** Where in a store a secret is: of one device, or of all that have none of their own. */
import type { Secret } from './secret.ts'

export interface SecretPlace {
  /** `null`: of every device that has none of its own. */
  readonly device: string | null
  /** Such as `API_KEY_1`. */
  readonly name: string
}

/** What is known of a secret without its value. */
export interface KeptSecret extends SecretPlace {
  /** `null`: the store does not know. */
  readonly setAtUnixMs: number | null
}

/** `secret: null` takes it away. */
export interface SecretChange extends SecretPlace {
  readonly secret: Secret | null
  readonly atUnixMs: number
}

const nameGrammar = /^[A-Z][A-Z0-9_]{0,63}$/

/** As in an `.env`. */
export function isSecretName(text: string): boolean {
  return nameGrammar.test(text)
}

/** `API_KEY_1`, or `pi-gps-01/API_KEY_1`; `null`: the text is neither. */
export function parsePlace(text: string): SecretPlace | null {
  const slash = text.lastIndexOf('/')
  const name = text.slice(slash + 1)
  const device = slash === -1 ? null : text.slice(0, slash)
  return isSecretName(name) && device !== '' ? { device, name } : null
}

/** As `parsePlace` reads it. */
export function formatPlace({ device, name }: SecretPlace): string {
  return device === null ? name : `${device}/${name}`
}

/** Those of all devices first, then by device, each by name. */
export function comparePlaces(a: SecretPlace, b: SecretPlace): number {
  return compare(a.device ?? '', b.device ?? '') || compare(a.name, b.name)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
