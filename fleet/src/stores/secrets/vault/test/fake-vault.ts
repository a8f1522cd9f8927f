/**
 * As much of Vault's HTTP interface as the store uses, with the answers that its documentation and
 * its source have for each case.
 */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { fieldOf } from '../vault-client.ts'

interface Version {
  readonly data: unknown
  readonly state: 'there' | 'deleted' | 'destroyed'
}

export interface FakeVault {
  readonly address: string
  /** By namespace, mount and path. */
  readonly documents: Map<string, Version[]>
  /** Tokens that are good, and whether they may write. */
  readonly tokens: Map<string, 'read' | 'write'>
  readonly logins: string[]
  /** Answers of the next requests, before any other. */
  readonly next: { readonly status: number; readonly errors: readonly string[] }[]
  sealed: boolean
  stop(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body?: unknown
}

const denied: Answer = { status: 403, body: { errors: ['permission denied'] } }

interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
}

export async function startFakeVault(tls: Certificate | null = null): Promise<FakeVault> {
  const vault: State = {
    documents: new Map(),
    tokens: new Map([['root', 'write']]),
    logins: [],
    next: [],
    sealed: false,
  }
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    void bodyOf(request).then((body) => {
      const { status, body: answer } = answerTo(vault, request, body)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(answer === undefined ? '' : JSON.stringify(answer))
    })
  }
  const server = tls === null ? createServer(serve) : createTlsServer({ ...tls }, serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = server.address()
  assert.ok(at !== null && typeof at === 'object')
  const { port } = at
  return Object.assign(vault, {
    address: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

type State = Pick<FakeVault, 'documents' | 'tokens' | 'logins' | 'next' | 'sealed'>

function answerTo(vault: State, request: IncomingMessage, body: unknown): Answer {
  const forced = vault.next.shift()
  if (forced !== undefined) return { status: forced.status, body: { errors: forced.errors } }
  if (vault.sealed) return { status: 503, body: { errors: ['Vault is sealed'] } }
  if (request.headers['x-vault-request'] !== 'true') return { status: 500 }
  const path = (request.url ?? '').replace(/^\/v1\//, '')
  if (/^auth\/[a-z]+\/login$/.test(path)) return login(vault, path, body)
  const token = String(request.headers['x-vault-token'])
  return vault.tokens.has(token) ? answerToKnown(vault, { request, path, token }, body) : denied
}

interface Asked {
  readonly request: IncomingMessage
  readonly path: string
  readonly token: string
}

function answerToKnown(vault: State, { request, path, token }: Asked, body: unknown): Answer {
  if (path === 'auth/token/lookup-self') return { status: 200, body: { data: {} } }
  const [, mount, document] = /^([a-z]+)\/data\/(.+)$/.exec(path) ?? []
  if (mount !== 'secret' || document === undefined) {
    const errors = [`no handler for route "${path}". route entry not found.`]
    return { status: 404, body: { errors } }
  }
  const namespace = String(request.headers['x-vault-namespace'] ?? '')
  const key = `${namespace} ${mount} ${document}`
  if (request.method === 'GET') return read(vault.documents.get(key) ?? [])
  return vault.tokens.get(token) === 'write' ? write(vault, key, body) : denied
}

function read(versions: readonly Version[]): Answer {
  const newest = versions.at(-1)
  if (newest === undefined) return { status: 404, body: { errors: [] } }
  const metadata = {
    version: versions.length,
    deletion_time: newest.state === 'deleted' ? '2026-11-29T10:00:00Z' : '',
    destroyed: newest.state === 'destroyed',
  }
  const isThere = newest.state === 'there'
  return {
    status: isThere ? 200 : 404,
    body: { data: { data: isThere ? newest.data : null, metadata } },
  }
}

function write(vault: State, key: string, body: unknown): Answer {
  const cas = fieldOf(body, 'options', 'cas')
  const data = fieldOf(body, 'data')
  const versions = vault.documents.get(key) ?? []
  if (cas !== versions.length) {
    const errors = ['check-and-set parameter did not match the current version']
    return { status: 400, body: { errors } }
  }
  vault.documents.set(key, [...versions, { data, state: 'there' }])
  return { status: 200, body: { data: { version: versions.length + 1 } } }
}

function login(vault: State, path: string, body: unknown): Answer {
  const given = (name: string): unknown => fieldOf(body, name)
  vault.logins.push(path)
  const isGood = path.includes('approle')
    ? given('role_id') === 'the-role' && given('secret_id') === 'the-secret-id'
    : given('role') === 'the-role' && given('jwt') === 'the.jwt'
  if (!isGood) return { status: 400, body: { errors: ['invalid role or secret ID'] } }
  const token = `token-${vault.logins.length}`
  vault.tokens.set(token, 'write')
  return { status: 200, body: { auth: { client_token: token, lease_duration: 3600 } } }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const part of request) text += String(part)
  return text === '' ? null : JSON.parse(text)
}
