import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** With a line feed at its end, so that curl leaves the prompt alone. */
export function jsonAnswer(
  context: Context,
  status: ContentfulStatusCode,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = `${JSON.stringify(body)}\n`
  return context.body(text, status, { 'content-type': 'application/json', ...headers })
}
