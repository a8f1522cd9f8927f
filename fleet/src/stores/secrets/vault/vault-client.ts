/**
 * HashiCorp Vault's and OpenBao's HTTP interface, as far as secrets need it: a login, and one document
 * of the KV store, version 2. Sources: their API documentation, "KV secrets engine - version 2",
 * "AppRole", "JWT/OIDC", and "HTTP status codes".
 */
import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import type { SecretFailure } from '../../../ports/secret-store.ts'
import { safeAddressRule } from '../../../core/secrets/vault-settings.ts'
import { isSafeAddress } from '../../../core/setting-values.ts'
import { unavailable } from '../sealed-files.ts'

export interface VaultPlace {
  /** `https://…`, or http on this machine. */
  readonly address: string
  readonly namespace: string | null
  /** PEM of the authority that signed the server's certificate; `null`: those of the system. */
  readonly caFile: string | null
}

export interface VaultQuestion {
  readonly method: 'GET' | 'POST'
  /** Below `/v1/`. */
  readonly path: string
  readonly token: string | null
  readonly body?: unknown
}

export interface VaultAnswer {
  readonly status: number
  /** `null`: there was none, or it was no JSON. */
  readonly body: unknown
  /** Of Vault, printable. */
  readonly errors: readonly string[]
}

/** A server that sends without end, or not at all, holds nobody up. */
const mostBytes = 4 << 20
const timeoutMs = 15_000
const attempts = 3
const firstPauseMs = 200

/** Overloaded, restarting, or a standby without a leader: worth another try. */
const passing: ReadonlySet<number> = new Set([412, 429, 500, 502, 503, 504])

/** Asks again where the trouble may pass; a write only where it was not taken. */
export async function askVault(
  place: VaultPlace,
  question: VaultQuestion,
): Promise<Result<VaultAnswer, SecretFailure>> {
  const { address } = place
  if (address === '') {
    return unavailable('nothing says where Vault is', 'set VAULT_ADDR, or secrets.address')
  }
  if (!isSafeAddress(address))
    return unavailable(`${printable(address, 200)}: ${safeAddressRule}`, null)
  for (let attempt = 1; ; attempt += 1) {
    const answer = await askOnce(place, question)
    const isPassing = answer.ok && passing.has(answer.value.status) && !isSealed(answer.value)
    if (!isPassing || attempt === attempts) return answer
    await pause(firstPauseMs * 2 ** (attempt - 1))
  }
}

export function isSealed({ status, errors }: VaultAnswer): boolean {
  return status === 503 && errors.some((each) => each.includes('sealed'))
}

async function askOnce(
  place: VaultPlace,
  { method, path, token, body }: VaultQuestion,
): Promise<Result<VaultAnswer, SecretFailure>> {
  const text = body === undefined ? null : JSON.stringify(body)
  const headers = {
    // Else a browser on this machine could be made to ask.
    'X-Vault-Request': 'true',
    ...(token === null ? {} : { 'X-Vault-Token': token }),
    ...(place.namespace === null ? {} : { 'X-Vault-Namespace': place.namespace }),
    ...(text === null
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  try {
    const url = new URL(`/v1/${path}`, place.address)
    const ca = place.caFile === null ? undefined : readFileSync(place.caFile)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const signal = AbortSignal.timeout(timeoutMs)
    const request = send(url, { method, headers, signal, ...(ca === undefined ? {} : { ca }) })
    request
      .on('error', reject)
      .on('response', resolve)
      .end(text ?? undefined)
    const message = await promise
    return ok(answerOf(message.statusCode ?? 0, await readAll(message)))
  } catch (error) {
    return unavailable(reasonOf(error, place.address), hintFor(error))
  }
}

async function readAll(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of message) {
    const bytes = Buffer.from(part)
    size += bytes.length
    if (size > mostBytes) throw new Error('the answer is larger than 4 MiB')
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}

function answerOf(status: number, text: string): VaultAnswer {
  const body = parse(text)
  const errors = fieldOf(body, 'errors')
  const said = Array.isArray(errors) ? errors.map((each) => printable(String(each), 200)) : []
  return { status, body, errors: said }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A member of what came; `undefined`: it is not there, or what came is no mapping. */
export function fieldOf(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, name)
        ? Reflect.get(found, name)
        : undefined,
    value,
  )
}

const untrusted: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function reasonOf(error: unknown, address: string): string {
  if (untrusted.has(codeOf(error)))
    return `${address}: its certificate is signed by nobody that is known here`
  if (error instanceof Error && error.name === 'TimeoutError')
    return `${address}: no answer in time`
  return printable(systemReason(error, address), 300)
}

function hintFor(error: unknown): string | null {
  return untrusted.has(codeOf(error)) ? 'name its authority: secrets.ca_file' : null
}

/** What an answer that is none of the expected ones means. */
export function refusalOf(
  { address }: VaultPlace,
  answer: VaultAnswer,
): Result<never, SecretFailure> {
  const { status, errors } = answer
  const said = errors.length === 0 ? `HTTP ${status}` : errors.join('; ')
  if (isSealed(answer)) {
    return unavailable(
      `${address} is sealed: it gives no secrets`,
      'unseal it: vault operator unseal',
    )
  }
  if (status === 403)
    return unavailable(`${address} refuses: ${said}`, 'see its policy, and the token')
  return fail({ code: 'unavailable', detail: `${address}: ${said}`, hint: null })
}
