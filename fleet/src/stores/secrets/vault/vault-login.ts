/** How the store gets a token: one that is given, or a login that gives one for a while. */
import { readFileSync, statSync } from 'node:fs'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import type { VaultAuth } from '../../../core/secrets/vault-settings.ts'
import type { SecretFailure } from '../../../ports/secret-store.ts'
import { unavailable } from '../sealed-files.ts'
import { askVault, fieldOf, refusalOf, type VaultPlace } from './vault-client.ts'

export interface LoginParts {
  readonly place: VaultPlace
  readonly auth: VaultAuth
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Monotonic. */
  readonly nowMs: () => number
}

export type GiveToken = () => Promise<Result<string, SecretFailure>>

/** A login is good for two thirds of its time; then there is another one. */
export function tokens({ place, auth, environment, nowMs }: LoginParts): GiveToken {
  let known: { readonly token: string; readonly untilMs: number } | null = null
  return async () => {
    if (auth.method === 'token') return givenToken(auth.token_file, environment)
    if (known !== null && nowMs() < known.untilMs) return ok(known.token)
    const credentials = credentialsOf(auth, environment)
    if (!credentials.ok) return credentials
    const path = `auth/${auth.mount}/login`
    const startMs = nowMs()
    const answer = await askVault(place, {
      method: 'POST',
      path,
      token: null,
      body: credentials.value,
    })
    if (!answer.ok) return answer
    const token = fieldOf(answer.value.body, 'auth', 'client_token')
    const seconds = fieldOf(answer.value.body, 'auth', 'lease_duration')
    if (answer.value.status !== 200 || typeof token !== 'string') {
      const { status, errors } = answer.value
      if (status !== 400 && status !== 403) return refusalOf(place, answer.value)
      const said = errors.join('; ') || `HTTP ${status}`
      return unavailable(`${place.address} refuses the login by ${auth.method}: ${said}`, loginHint)
    }
    const lastsMs = typeof seconds === 'number' ? (seconds * 1000 * 2) / 3 : 0
    known = { token, untilMs: startMs + lastsMs }
    return ok(token)
  }
}

const loginHint = 'it may be used up or expired: make a new one in Vault'

function givenToken(
  file: string | undefined,
  environment: LoginParts['environment'],
): Result<string, SecretFailure> {
  if (file !== undefined) return secretFile(file)
  const token = environment['VAULT_TOKEN'] ?? environment['BAO_TOKEN'] ?? ''
  if (token !== '') return ok(token.trim())
  const hint = 'set VAULT_TOKEN, or name a file: secrets.auth.token_file'
  return unavailable('there is no token for Vault', hint)
}

function credentialsOf(
  auth: Exclude<VaultAuth, { method: 'token' }>,
  environment: LoginParts['environment'],
): Result<Readonly<Record<string, string>>, SecretFailure> {
  if (auth.method === 'approle') {
    const given = environment['VAULT_SECRET_ID']
    const secret =
      auth.secret_id_file === undefined
        ? missingUnless(given, 'VAULT_SECRET_ID', 'secrets.auth.secret_id_file')
        : secretFile(auth.secret_id_file)
    return secret.ok ? ok({ role_id: auth.role_id, secret_id: secret.value }) : secret
  }
  const jwt =
    auth.jwt_file === undefined
      ? missingUnless(environment['VAULT_JWT'], 'VAULT_JWT', 'secrets.auth.jwt_file')
      : secretFile(auth.jwt_file)
  return jwt.ok ? ok({ role: auth.role, jwt: jwt.value }) : jwt
}

function missingUnless(
  value: string | undefined,
  variable: string,
  setting: string,
): Result<string, SecretFailure> {
  if (value !== undefined && value.trim() !== '') return ok(value.trim())
  return unavailable(`${variable} is not set`, `set it, or name a file: ${setting}`)
}

/** As ssh does with keys: what others can read is no secret. */
function secretFile(path: string): Result<string, SecretFailure> {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      return unavailable(`${path} can be read by others`, `chmod 600 ${path}`)
    }
    const text = readFileSync(path, 'utf8').trim()
    return text === '' ? unavailable(`${path} is empty`, null) : ok(text)
  } catch (error) {
    return fail({ code: 'unavailable', detail: systemReason(error, path), hint: null })
  }
}
