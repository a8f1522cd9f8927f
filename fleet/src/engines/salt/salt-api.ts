/**
 * salt-api's HTTP interface (rest_cherrypy), as far as jobs need it. Source: Salt's documentation,
 * "netapi modules", rest_cherrypy. A token is got by eauth when it is first needed, and once more
 * when it has ended.
 */
import { readFileSync } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import { z } from 'zod'

export interface SaltPlace {
  /** `https://…`, or http on this machine. */
  readonly api: string
  /** PEM of the authority that signed its certificate; `null`: those of the system. */
  readonly caFile: string | null
  readonly eauth: string
  readonly user: string
  /** Fails with what to do about it. */
  readonly password: () => Promise<Result<string, string>>
}

/**
 * `gone`: nobody answers, or the master behind it does not; it may come back. `refused`: who we are,
 * or what we want, is not allowed.
 */
export interface ApiFailure {
  readonly kind: 'gone' | 'refused'
  readonly detail: string
}

export interface SaltApi {
  /** The `return` of one command ("lowstate"). */
  command(low: Readonly<Record<string, unknown>>): Promise<Result<unknown, ApiFailure>>
  /** Server-sent events, until they end or the signal comes. */
  events(signal: AbortSignal): Promise<Result<IncomingMessage, ApiFailure>>
  close(): void
}

/** A master that is started anew lets salt-api wait for it. */
const answerMs = 60_000
const mostBytes = 16 << 20

const loginSchema = z.object({ return: z.tuple([z.object({ token: z.string() })]) })
const returnSchema = z.object({ return: z.tuple([z.unknown()]) })

export function saltApi(place: SaltPlace): SaltApi {
  const send = sender(place)
  let token: Promise<Result<string, ApiFailure>> | null = null

  async function logIn(): Promise<Result<string, ApiFailure>> {
    const password = await place.password()
    if (!password.ok) return fail({ kind: 'refused', detail: password.failure })
    const { user: username, eauth } = place
    const body = { username, eauth, password: password.value }
    const answer = await send('/login', { token: null, body, signal: null })
    if (!answer.ok) return answer
    if (answer.value.statusCode === 401) {
      const detail = `salt-api knows no user ${username} with this password (eauth ${eauth})`
      return fail({ kind: 'refused', detail })
    }
    const read = await readAnswer(answer.value, loginSchema)
    return read.ok ? ok(read.value.return[0].token) : read
  }

  async function withToken(
    path: string,
    given: Pick<Sending, 'body' | 'signal'>,
  ): Promise<Result<IncomingMessage, ApiFailure>> {
    for (let attempt = 1; ; attempt += 1) {
      const known = await (token ??= logIn())
      if (!known.ok) {
        token = null
        return known
      }
      const answer = await send(path, { ...given, token: known.value })
      if (!answer.ok || answer.value.statusCode !== 401) return answer
      answer.value.destroy()
      token = null
      if (attempt === 2) {
        const what = given.body === null ? 'events' : 'a job that carries bundles'
        const detail = `salt-api does not allow ${what} to ${place.user} (external_auth of the master)`
        return fail({ kind: 'refused', detail })
      }
    }
  }

  return {
    async command(low) {
      const answer = await withToken('/', { body: [low], signal: AbortSignal.timeout(answerMs) })
      if (!answer.ok) return answer
      const read = await readAnswer(answer.value, returnSchema)
      return read.ok ? ok(read.value.return[0]) : read
    },
    events: (signal) => withToken('/events', { body: null, signal }),
    close: () => send.close(),
  }
}

interface Sending {
  readonly token: string | null
  /** `null`: it is a question without one. */
  readonly body: unknown
  readonly signal: AbortSignal | null
}

interface Sender {
  (path: string, sending: Sending): Promise<Result<IncomingMessage, ApiFailure>>
  close(): void
}

function sender({ api, caFile }: SaltPlace): Sender {
  const isTls = api.startsWith('https:')
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })

  async function send(
    path: string,
    { token, body, signal }: Sending,
  ): Promise<Result<IncomingMessage, ApiFailure>> {
    const text = body === null ? undefined : JSON.stringify(body)
    const headers = {
      accept: body === null ? 'text/event-stream' : 'application/json',
      ...(token === null ? {} : { 'X-Auth-Token': token }),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }
    try {
      const ca = caFile === null ? {} : { ca: readFileSync(caFile) }
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
      const options = {
        method: text === undefined ? 'GET' : 'POST',
        signal: signal ?? AbortSignal.timeout(answerMs),
        ...{ headers, agent, ...ca },
      }
      const request = isTls ? httpsRequest : httpRequest
      request(new URL(path, api), options).on('error', reject).on('response', resolve).end(text)
      return ok(await promise)
    } catch (error) {
      return fail({ kind: 'gone', detail: reasonOf(error, api) })
    }
  }
  return Object.assign(send, { close: () => agent.destroy() })
}

async function readAnswer<T>(
  message: IncomingMessage,
  schema: z.ZodType<T>,
): Promise<Result<T, ApiFailure>> {
  try {
    const parts: Buffer[] = []
    let size = 0
    for await (const part of message) {
      const bytes = Buffer.from(part)
      size += bytes.length
      if (size > mostBytes) throw new Error('the answer of salt-api is larger than 16 MiB')
      parts.push(bytes)
    }
    const text = Buffer.concat(parts).toString('utf8')
    if (message.statusCode === 200) return ok(schema.parse(JSON.parse(text)))
    const detail = `salt-api answers with HTTP ${message.statusCode}${whyIn(text)}`
    return fail({ kind: 'gone', detail })
  } catch (error) {
    return fail({ kind: 'gone', detail: reasonOf(error, 'salt-api') })
  }
}

/** CherryPy's page of an error says it in one paragraph. */
function whyIn(page: string): string {
  const said = /<p>([^<]{1,300})<\/p>/.exec(page)?.[1]
  return said === undefined ? '' : `: ${printable(said)}`
}

const untrusted: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

function reasonOf(error: unknown, api: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (untrusted.has(code)) {
    return `${api}: its certificate is signed by nobody that is known here; salt.ca_file names its authority`
  }
  const isLate = error instanceof Error && error.name === 'TimeoutError'
  return isLate ? `${api}: no answer in time` : printable(systemReason(error, api))
}
