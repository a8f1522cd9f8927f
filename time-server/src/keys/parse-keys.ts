/** The API keys in an environment or in an `.env` file. Pure. Only their hashes are kept. */
import { createHash } from 'node:crypto'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'

/** One key, without the key. */
export interface ApiKey {
  /** For logs: the variable's name, or the `name` of the JSON form. */
  readonly name: string
  /** SHA-256 of the key in UTF-8. */
  readonly digest: Buffer
  /** Requests a minute; `null`: the server's default. */
  readonly perMinute: number | null
}

const minKeyLength = 8
const maxKeyLength = 512
const maxPerMinute = 1_000_000
const maxKeys = 64
const variable = /^API_KEY_[A-Za-z0-9_]{1,64}$/

/**
 * The keys of all variables `API_KEY_*`, which are the key, or JSON such as
 * `{"key":"…","name":"grafana","rate_limit":60}`. Empty variables count as absent; `API_KEY_FILE…`
 * and the like are keys too. Fails with one sentence for each wrong one, without its value.
 */
export function parseKeys(
  variables: Readonly<Record<string, string | undefined>>,
): Result<readonly ApiKey[], readonly string[]> {
  const keys: ApiKey[] = []
  const problems: string[] = []
  for (const [name, text] of Object.entries(variables)) {
    const value = text?.trim() ?? ''
    if (!variable.test(name) || value === '') continue
    const key = value.startsWith('{') ? parseJsonKey(name, value) : plainKey(name, value)
    if (key.ok) keys.push(key.value)
    else problems.push(key.failure)
  }
  if (keys.length > maxKeys) problems.push(`there are more than ${maxKeys} API keys`)
  return problems.length > 0 ? fail(problems) : ok(keys)
}

/** SHA-256 of what a client presents, to be compared with `ApiKey.digest`. */
export function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function plainKey(
  name: string,
  key: string,
  perMinute: number | null = null,
): Result<ApiKey, string> {
  const isGood = /^[!-~]+$/.test(key) && key.length >= minKeyLength && key.length <= maxKeyLength
  if (isGood) return ok({ name, digest: digestOf(key), perMinute })
  const bounds = `${minKeyLength} to ${maxKeyLength}`
  return fail(`${name} must be ${bounds} printable ASCII characters without blanks`)
}

function parseJsonKey(variableName: string, text: string): Result<ApiKey, string> {
  const form = `${variableName} must be a key, or {"key":"…","name":"…","rate_limit":60}`
  const json = parseObject(text)
  if (json === null || typeof json['key'] !== 'string') return fail(form)
  const { name = variableName, rate_limit: perMinute = null } = json
  if (typeof name !== 'string' || !/^[ -~]{1,64}$/.test(name)) {
    return fail(`${variableName}: its name must have 1 to 64 printable ASCII characters`)
  }
  if (!isRate(perMinute)) {
    return fail(`${variableName}: its rate_limit must be a whole number from 1 to ${maxPerMinute}`)
  }
  const key = plainKey(variableName, json['key'], perMinute)
  return key.ok ? ok({ ...key.value, name }) : key
}

function isRate(value: unknown): value is number | null {
  if (value === null) return true
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxPerMinute
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.fromEntries(Object.entries(value))
  } catch {
    return null
  }
}
