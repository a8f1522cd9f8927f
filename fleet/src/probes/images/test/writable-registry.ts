/** A registry in memory that takes what is pushed, and refuses what a test says. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'

export interface WritableRegistry extends AsyncDisposable {
  readonly host: string
  /** `METHOD PATH`, without the upload's number. */
  readonly requests: string[]
  readonly blobs: Map<string, Buffer>
  /** By `REPOSITORY/NAME`. */
  readonly manifests: Map<string, StoredManifest>
}

export interface StoredManifest {
  readonly type: string
  readonly bytes: Buffer
}

export interface RegistryTraits {
  /** `user:password` that a token for pushing is given to; none: everybody may push. */
  readonly account?: string
  /** Tokens are good for so many requests. */
  readonly tokenUses?: number
  /** `true`: it has answered. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Whether it lists who refers to a manifest. */
  readonly listsReferrers?: boolean
}

const indexType = 'application/vnd.oci.image.index.v1+json'
const withSubject = z.looseObject({
  artifactType: z.string().optional(),
  subject: z.looseObject({ digest: z.string() }).optional(),
})

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export async function startRegistry(traits: RegistryTraits = {}): Promise<WritableRegistry> {
  const state: State = {
    traits,
    requests: [],
    blobs: new Map(),
    manifests: new Map(),
    usesLeft: 0,
    tokens: 0,
  }
  const server = createServer((request, response) => {
    void answer(state, request, response)
  })
  // Who is not to send a body is told before it is sent.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (traits.before?.(request, response) === true) return
    response.writeContinue()
    void answer(state, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    ...state,
    host: `127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface State extends Pick<WritableRegistry, 'requests' | 'blobs' | 'manifests'> {
  readonly traits: RegistryTraits
  usesLeft: number
  tokens: number
}

const uploadPath = /\/blobs\/uploads\/(?<id>.*)$/
const path =
  /^\/v2\/(?<repository>[a-z0-9/._-]+)\/(?<kind>blobs|manifests|referrers)\/(?<name>[^/?]+)/

async function answer(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? ''
  const url = request.url ?? ''
  const { headers } = request
  state.requests.push(`${method} ${url.replace(/\?.*|uploads\/.*/, '')}`)
  if (state.traits.before?.(request, response) === true) return
  if (url.startsWith('/token')) return giveToken(state, request, response)
  if (!mayGoOn(state, headers.authorization)) return challenge(request, response)
  const type = headers['content-type'] ?? ''
  serve(state, { method, url, type, body: await buffer(request) }, response)
}

interface Asked {
  readonly method: string
  readonly url: string
  readonly type: string
  readonly body: Buffer
}

function serve(state: State, asked: Asked, response: ServerResponse): void {
  const { method, url, type, body } = asked
  if (uploadPath.test(url)) return takeUpload(state, asked, response)
  const { repository = '', kind, name = '' } = path.exec(url)?.groups ?? {}
  if (kind === 'blobs') return give(response, method, state.blobs.get(name))
  if (kind === 'referrers') return giveReferrers(state, repository, name, response)
  const key = `${repository}/${name}`
  if (method === 'PUT') return takeManifest(state, key, { type, bytes: body }, response)
  const found = state.manifests.get(key)
  if (found !== undefined) response.setHeader('content-type', found.type)
  give(response, method, found?.bytes)
}

function takeManifest(
  { manifests }: State,
  key: string,
  stored: StoredManifest,
  response: ServerResponse,
): void {
  const digest = digestOf(stored.bytes)
  manifests.set(key, stored)
  manifests.set(key.replace(/[^/]+$/, digest), stored)
  response.writeHead(201, { 'docker-content-digest': digest }).end()
}

function give(response: ServerResponse, method: string, bytes: Buffer | undefined): void {
  if (bytes === undefined) {
    response.writeHead(404).end()
    return
  }
  response.setHeader('docker-content-digest', digestOf(bytes))
  response.writeHead(200, { 'content-length': bytes.length }).end(method === 'HEAD' ? '' : bytes)
}

function takeUpload(
  { blobs }: State,
  { method, url, body }: Asked,
  response: ServerResponse,
): void {
  if (method === 'POST') {
    response.writeHead(202, { location: `${url}7?state=a%2Fb` }).end()
    return
  }
  const said = new URL(url, 'http://registry').searchParams
  const isWhole = said.get('digest') === digestOf(body) && said.get('state') === 'a/b'
  if (isWhole) blobs.set(digestOf(body), body)
  response.writeHead(isWhole ? 201 : 400).end()
}

function challenge({ headers: { host } }: IncomingMessage, response: ServerResponse): void {
  const realm = `http://${host ?? ''}/token`
  response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="r"` }).end()
}

function giveToken(state: State, request: IncomingMessage, response: ServerResponse): void {
  const { account = '', tokenUses = Number.POSITIVE_INFINITY } = state.traits
  const isKnown = request.headers.authorization === `Basic ${btoa(account)}`
  if (!isKnown) {
    response.writeHead(401).end()
    return
  }
  state.tokens += 1
  state.usesLeft = tokenUses
  response.end(JSON.stringify({ token: `t${state.tokens}` }))
}

function mayGoOn(state: State, authorization: string | undefined): boolean {
  if (state.traits.account === undefined) return true
  if (authorization !== `Bearer t${state.tokens}` || state.usesLeft === 0) return false
  state.usesLeft -= 1
  return true
}

function giveReferrers(
  { traits, manifests }: State,
  repository: string,
  of: string,
  response: ServerResponse,
): void {
  if (traits.listsReferrers !== true) {
    response.writeHead(404).end()
    return
  }
  const referring = [...manifests].flatMap(([key, { type, bytes }]) => {
    if (!key.startsWith(`${repository}/sha256:`)) return []
    const { subject, artifactType } = withSubject.parse(JSON.parse(bytes.toString()))
    const descriptor = { mediaType: type, digest: digestOf(bytes), size: bytes.length }
    return subject?.digest === of ? [{ ...descriptor, artifactType }] : []
  })
  response.setHeader('content-type', indexType)
  response.end(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: referring }))
}
