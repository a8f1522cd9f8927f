/** Answers over HTTP, and how they are sent. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a path answers. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  /** More of them, names and values in turns: as Node sends them without another look. */
  readonly headers?: readonly string[]
}

export const jsonType = 'application/json'

/** A JSON body with a line feed at its end, so that curl leaves the prompt alone. */
export function jsonAnswer(status: number, body: unknown, headers: readonly string[] = []): Answer {
  return { status, type: jsonType, body: `${JSON.stringify(body)}\n`, headers }
}

/** `error` is for programs and does not change, `message` for people. */
export function failureAnswer(
  status: number,
  error: string,
  message: string,
  headers: readonly string[] = [],
): Answer {
  return jsonAnswer(status, { error, message }, headers)
}

/** Sends it; of a HEAD request only the head. `headers` as in an answer. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  headers: readonly string[],
): void {
  const { status, type, body } = answer
  // Without a body there is none of these (RFC 9110 section 8.6).
  if (status === 204) {
    response.writeHead(status, ['cache-control', 'no-store', ...(answer.headers ?? []), ...headers])
    response.end()
    return
  }
  // Nearly all bodies are ASCII, and Node writes Latin-1 much faster than UTF-8.
  const length = Buffer.byteLength(body)
  const encoding = length === body.length ? 'latin1' : 'utf8'
  const head = [
    'content-type',
    type,
    'content-length',
    String(length),
    'cache-control',
    'no-store',
    'x-content-type-options',
    'nosniff',
  ]
  if (answer.headers !== undefined) head.push(...answer.headers)
  if (headers.length > 0) head.push(...headers)
  response.writeHead(status, head)
  if (request.method === 'HEAD') response.end()
  else response.end(body, encoding)
}

/** The first header of that name, which is in lower case; `null` without one. */
export function headerOf({ rawHeaders }: IncomingMessage, name: string): string | null {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const each = rawHeaders[at]
    if (each?.length === name.length && each.toLowerCase() === name)
      return rawHeaders[at + 1] ?? null
  }
  return null
}
