/**
 * Talks to one repository of a registry (OCI distribution specification 1.1). The login is asked for
 * when the registry wants to know who asks, and not before.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { ImageReference } from '../../core/desired/image-reference.ts'
import { askHttp, type HttpAnswer, type HttpQuestion } from '../ask-http.ts'
import { connectionErrorText } from '../connection-error.ts'
import { parseJson } from '../parse-json.ts'
import { readBounded } from '../read-bounded.ts'
import { waitOf, type Credentials, type RegistryFailure } from '../registry-access.ts'
import { authorize, registryOrigin } from '../registry-token.ts'

export interface SessionOptions {
  readonly reference: ImageReference
  readonly plainHttp: boolean
  readonly actions: 'pull' | 'pull,push'
  /** `null`: there is none. The failure is a sentence without secrets. */
  readonly login: (registry: string) => Promise<Result<Credentials | null, string>>
  /** Without an answer, or without taking in what is sent. */
  readonly silenceMs: number
  readonly signal: AbortSignal
}

export interface SessionQuestion extends Pick<HttpQuestion, 'method' | 'body'> {
  /** Below the repository, as `blobs/sha256:…`, or a place that the registry named. */
  readonly path: string | URL
  readonly headers?: Readonly<Record<string, string>>
  /** What it is about, for people: `layer sha256:…`. */
  readonly about: string
  /** Answers that are none of the failures. */
  readonly expects: readonly number[]
}

export interface RegistrySession {
  readonly reference: ImageReference
  /** A place that the registry named, perhaps without host; `null`: none, or one without TLS. */
  placeOf(location: string): URL | null
  /** An answer whose body nobody needs. */
  ask(question: SessionQuestion): Promise<Result<HttpAnswer, RegistryFailure>>
  /** What there is, within bounds; `null`: it is not there. */
  read(question: ReadQuestion): Promise<Result<Uint8Array | null, RegistryFailure>>
}

export interface ReadQuestion extends Pick<SessionQuestion, 'path' | 'headers' | 'about'> {
  readonly maxBytes: number
}

export function openSession(options: SessionOptions): RegistrySession {
  const { reference, signal } = options
  const origin = registryOrigin(reference, { ...options, credentials: null, timeoutMs: 0 })
  const talk = talker(options, origin)

  async function guarded<T>(
    work: () => Promise<Result<T, RegistryFailure>>,
  ): Promise<Result<T, RegistryFailure>> {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) return fail({ code: 'aborted', detail: 'interrupted' })
      const why = whyOf(error, options)
      return fail({ code: 'unreachable', detail: `${reference.registry}: ${why}` })
    }
  }

  return {
    reference,
    placeOf(location) {
      const base = baseOf(reference, origin)
      if (location === '' || !URL.canParse(location, base)) return null
      const place = new URL(location, base)
      return ['https:', new URL(origin).protocol].includes(place.protocol) ? place : null
    },
    ask: (question) =>
      guarded(async () => {
        const answer = await talk(question)
        if (answer.ok) await answer.value.body?.cancel()
        return answer
      }),
    read: (question) =>
      guarded(async () => {
        const answer = await talk({ ...question, method: 'GET', expects: [200, 404] })
        return answer.ok ? await contentOf(answer.value, question, reference) : answer
      }),
  }
}

function baseOf({ repository }: ImageReference, origin: string): string {
  return `${origin}/v2/${repository}/`
}

/** Asks until it is answered, or nobody knows how to be let in. */
function talker(
  options: SessionOptions,
  origin: string,
): (question: SessionQuestion) => Promise<Result<HttpAnswer, RegistryFailure>> {
  const { reference } = options
  const keys = keyring(options)

  async function send({ path, method, headers, body }: SessionQuestion): Promise<HttpAnswer> {
    const url = new URL(path, baseOf(reference, origin))
    // Never to another host: uploads may be sent elsewhere.
    const authorization = url.origin === origin ? keys.current() : null
    const all = { ...headers, ...(authorization === null ? {} : { authorization }) }
    return await withinSilence(options, body, async (limit, watched) => {
      const sent = watched === undefined ? {} : { body: watched }
      const answer = await askHttp(url, { method, headers: all, signal: limit, ...sent })
      if (method !== 'GET' || answer.status < 301 || answer.status > 308) return answer
      await answer.body?.cancel()
      return await fetch(url, { headers: all, signal: limit })
    })
  }

  return async (question) => {
    for (;;) {
      const answer = await send(question)
      if (question.expects.includes(answer.status)) {
        keys.worked()
        return ok(answer)
      }
      const isAsked = answer.status === 401 || answer.status === 403
      const challenge = answer.headers.get('www-authenticate')
      const said = await saidIn(answer)
      if (!isAsked) return fail(refusalOf(reference, question, answer, said))
      const next = await keys.next(challenge)
      if (next === 'none-left') return fail(deniedOf(reference, { question, said, keys }))
      if (!next.ok) return next
    }
  }
}

/** `null`: it is not there. */
async function contentOf(
  answer: HttpAnswer,
  { maxBytes, about }: ReadQuestion,
  { registry }: ImageReference,
): Promise<Result<Uint8Array | null, RegistryFailure>> {
  if (answer.status === 404) {
    await answer.body?.cancel()
    return ok(null)
  }
  const bytes = await readBounded(answer, maxBytes)
  if (bytes !== null) return ok(bytes)
  return fail({
    code: 'protocol',
    detail: `${registry} sends more than ${maxBytes} bytes for ${about}`,
  })
}

function whyOf(error: unknown, { silenceMs }: SessionOptions): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const isSilence = cause instanceof Silence || (cause instanceof Error && isTimeout(cause))
  return isSilence
    ? `no answer within ${Math.ceil(silenceMs / 1000)} s`
    : connectionErrorText(error)
}

/** Of `AbortSignal.timeout`. */
function isTimeout({ name }: Error): boolean {
  return name === 'TimeoutError'
}

interface Keyring {
  /** The value of the header; `null`: nobody asked yet. */
  current(): string | null
  user(): string | null
  /** What there is was enough. */
  worked(): void
  /** Another try with more than before. */
  next(challenge: string | null): Promise<Result<null, RegistryFailure> | 'none-left'>
}

/** First what everybody gets, then what the login gets, and that once more: tokens do not last. */
function keyring(options: SessionOptions): Keyring {
  const { reference, actions } = options
  let authorization: string | null = null
  let credentials: Credentials | null = null
  let tries: 'anonymous' | 'login' | 'renewed' | 'none' = actions === 'pull' ? 'anonymous' : 'login'

  let last: string | null = null

  async function take(challenge: string): Promise<Result<null, RegistryFailure>> {
    const access = { ...options, credentials, timeoutMs: options.silenceMs }
    const limit = AbortSignal.timeout(options.silenceMs)
    const signal = AbortSignal.any([options.signal, limit])
    const answer = await authorize(challenge, reference, { ...access, signal }, actions)
    if (!answer.ok) return answer
    authorization = answer.value
    return ok(null)
  }

  return {
    current: () => authorization,
    user: () => credentials?.user ?? null,
    worked() {
      if (authorization !== null) tries = credentials === null ? 'anonymous' : 'renewed'
    },
    async next(asked) {
      // Who has refused a token does not always say again how to get one.
      const challenge = asked ?? last
      last = challenge
      if (challenge === null || tries === 'none') return 'none-left'
      if (tries === 'anonymous') {
        tries = 'login'
        const taken = await take(challenge)
        if (taken.ok || taken.failure.code !== 'unauthorized') return taken
      }
      if (tries === 'renewed') {
        tries = 'none'
        return await take(challenge)
      }
      const found = await options.login(reference.registry)
      if (!found.ok) return fail({ code: 'unauthorized', detail: found.failure })
      credentials = found.value
      tries = credentials === null ? 'none' : 'renewed'
      if (credentials === null) return 'none-left'
      return await take(challenge)
    },
  }
}

function deniedOf(
  { registry, repository }: ImageReference,
  {
    question: { about },
    said,
    keys,
  }: { readonly question: SessionQuestion; readonly said: string; readonly keys: Keyring },
): RegistryFailure {
  const user = keys.user()
  const place = `${registry}/${repository}`
  const detail =
    user === null
      ? `${registry} wants to know who asks for ${about} of ${place}: docker login ${registry}`
      : `${registry} does not let ${printable(user, 80)} have or change ${about} of ${place}${said}`
  return { code: 'unauthorized', detail }
}

function refusalOf(
  { registry, repository }: ImageReference,
  { about, method, body }: SessionQuestion,
  { status, headers }: HttpAnswer,
  said: string,
): RegistryFailure {
  const isWrite = method === 'POST' || method === 'PUT'
  switch (status) {
    case 404:
      return isWrite
        ? {
            code: 'not-found',
            detail: `${registry} has no ${repository}, and makes none by itself${said}`,
          }
        : { code: 'not-found', detail: `there is no ${about} in ${registry}/${repository}` }
    case 413: {
      const size = body === undefined ? '' : ` (${body.sizeBytes} bytes)`
      const detail = `${registry}, or a proxy before it, takes nothing as large as ${about}${size} (HTTP 413); in nginx client_max_body_size says how much`
      return { code: 'protocol', detail }
    }
    case 429:
      return { code: 'rate-limited', detail: `${registry} ${waitOf(headers)}` }
    default:
      return { code: 'protocol', detail: `${registry} answered HTTP ${status} to ${about}${said}` }
  }
}

const maxErrorBytes = 16_384

/** `: what the registry says`, or nothing (specification, "Error Codes"). */
async function saidIn(answer: HttpAnswer): Promise<string> {
  const bytes = await readBounded(answer, maxErrorBytes).catch(() => null)
  const body = bytes === null ? null : parseJson(new TextDecoder().decode(bytes))
  const errors: unknown =
    typeof body === 'object' && body !== null && 'errors' in body ? body.errors : null
  const first: unknown = Array.isArray(errors) ? errors[0] : null
  if (typeof first !== 'object' || first === null) return ''
  const message = 'message' in first ? first.message : null
  return typeof message === 'string' && message !== '' ? `: ${printable(message, 200)}` : ''
}

class Silence extends Error {}

/**
 * Ends what neither answers nor takes anything in for a while, however long it takes as a whole. What
 * is only asked for has that time for all of its answer.
 */
async function withinSilence(
  { silenceMs, signal }: SessionOptions,
  body: SessionQuestion['body'],
  work: (limit: AbortSignal, body: SessionQuestion['body']) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  if (body === undefined) {
    return await work(AbortSignal.any([signal, AbortSignal.timeout(silenceMs)]), body)
  }
  const silence = new AbortController()
  const begin = (): NodeJS.Timeout => setTimeout(() => silence.abort(new Silence()), silenceMs)
  let timer = begin()
  const watched = {
    sizeBytes: body.sizeBytes,
    async *open() {
      for await (const chunk of body.open()) {
        clearTimeout(timer)
        timer = begin()
        yield chunk
      }
    },
  }
  try {
    return await work(AbortSignal.any([signal, silence.signal]), watched)
  } catch (error) {
    throw silence.signal.aborted && !signal.aborted ? silence.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}
