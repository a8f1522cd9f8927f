/**
 * Answers a registry's challenge (distribution.github.io/distribution/spec/auth/token): most public
 * registries hand out a short-lived token even to anonymous clients.
 */
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { ImageReference } from '../core/desired/image-reference.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { askHttp, type HttpAnswer } from './ask-http.ts'
import { parseJson } from './parse-json.ts'
import { readBounded } from './read-bounded.ts'
import {
  waitOf,
  type Credentials,
  type RegistryAccess,
  type RegistryFailure,
} from './registry-access.ts'

/** Docker Hub's registry has another name than its images. */
export function registryOrigin(reference: ImageReference, { plainHttp }: RegistryAccess): string {
  const host = reference.registry === 'docker.io' ? 'registry-1.docker.io' : reference.registry
  return `${plainHttp ? 'http' : 'https'}://${host}`
}

const maxTokenBytes = 65_536
// Either name is used; a token is opaque, but must be fit for a header.
const tokenText = z
  .string()
  .regex(/^[\u0021-\u007e]+$/)
  .max(16_384)
const tokenSchema = z.union([
  z.object({ token: tokenText }).transform(({ token }) => token),
  z.object({ access_token: tokenText }).transform((answer) => answer.access_token),
])

/**
 * The value of the Authorization header that answers a `WWW-Authenticate` challenge. Rejects when
 * there is no connection to the token service.
 */
export async function authorize(
  challenge: string,
  reference: ImageReference,
  access: RegistryAccess,
  actions: 'pull' | 'pull,push' = 'pull',
): Promise<Result<string, RegistryFailure>> {
  const { scheme, parameters } = parseChallenge(challenge)
  if (scheme === 'basic') {
    const { credentials } = access
    if (credentials !== null && credentials.kind === undefined) return ok(basic(credentials))
    return refused('unauthorized', `${reference.registry} wants a user and a password`)
  }
  const realm = parameters.get('realm')
  if (scheme !== 'bearer' || realm === undefined || !URL.canParse(realm)) {
    return refused('protocol', `${reference.registry} asks for an unknown kind of authentication`)
  }
  const url = new URL(realm)
  const wanted = access.plainHttp ? ['http:', 'https:'] : ['https:']
  if (!wanted.includes(url.protocol)) {
    return refused('protocol', `${reference.registry} has a token service without TLS`)
  }
  const service = parameters.get('service')
  // Never what the challenge asks for: this one repository is all that is wanted.
  const scope = `repository:${reference.repository}:${actions}`
  const asked = new Map<string, string>(service === undefined ? [] : [['service', service]])
  return fetchToken(url, asked.set('scope', scope), { reference, access })
}

interface TokenPlace {
  readonly reference: ImageReference
  readonly access: RegistryAccess
}

async function fetchToken(
  url: URL,
  asked: ReadonlyMap<string, string>,
  { reference, access }: TokenPlace,
): Promise<Result<string, RegistryFailure>> {
  const response = await askForToken(url, asked, access)
  if (response.status !== 200) {
    await response.body?.cancel()
    if (response.status === 429) {
      return refused('rate-limited', `${reference.registry} ${waitOf(response.headers)}`)
    }
    const detail = `${reference.registry} gives no token (HTTP ${response.status})`
    return refused('unauthorized', detail)
  }
  const body = await readBounded(response, maxTokenBytes)
  const token = tokenSchema.safeParse(body && parseJson(new TextDecoder().decode(body)))
  if (token.success) return ok(`Bearer ${token.data}`)
  return refused('protocol', `the token service of ${reference.registry} sent no token`)
}

/** An identity token is sent in a body, by OAuth 2's way (the same page, "oauth"). */
function askForToken(
  url: URL,
  asked: ReadonlyMap<string, string>,
  { credentials, signal }: RegistryAccess,
): Promise<HttpAnswer> {
  if (credentials?.kind === 'identity token') {
    const form = new URLSearchParams([
      ...asked,
      ...Object.entries({ grant_type: 'refresh_token', client_id: 'timeball' }),
      ['refresh_token', credentials.password],
    ])
    const bytes = Buffer.from(form.toString())
    const body = { sizeBytes: bytes.byteLength, open: () => Readable.from([bytes]) }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return askHttp(url, { method: 'POST', signal, headers, body })
  }
  const there = new URL(url)
  for (const [name, value] of asked) there.searchParams.set(name, value)
  const headers = credentials === null ? {} : { authorization: basic(credentials) }
  return askHttp(there, { method: 'GET', signal, headers })
}

interface Challenge {
  /** In lower case. */
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

/** The first challenge of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). */
export function parseChallenge(text: string): Challenge {
  const [, scheme = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(text.slice(0, 4096)) ?? []
  const pairs = rest.matchAll(
    /(?<![A-Za-z_])([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )
  const parameters = new Map(
    Array.from(pairs, ([, name = '', quoted, plain]): [string, string] => [
      name.toLowerCase(),
      quoted === undefined ? (plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
    ]),
  )
  return { scheme: scheme.toLowerCase(), parameters }
}

function basic({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function refused(
  code: RegistryFailure['code'],
  detail: string,
): { readonly ok: false; readonly failure: RegistryFailure } {
  return fail({ code, detail })
}
