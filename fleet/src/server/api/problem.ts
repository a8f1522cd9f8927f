/** Refusals of the API, as `application/problem+json` (RFC 9457). */
import { z } from 'zod'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** `type` is left out, which stands for `about:blank`: `title` is the phrase of the status. */
export const problemSchema = z
  .strictObject({
    title: z.string().describe('The phrase of the status.'),
    status: z.number().int(),
    code: z.string().describe('For programs, such as not-found.'),
    detail: z.string().describe('What is wrong, in a sentence.'),
    hint: z.string().nullable().describe('What to do next.'),
    errors: z
      .array(z.strictObject({ where: z.string(), what: z.string() }))
      .readonly()
      .optional()
      .describe('Which parts of the request are wrong.'),
  })
  .meta({ id: 'Problem' })

export type ProblemBody = z.output<typeof problemSchema>

const titles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const satisfies Partial<Record<ContentfulStatusCode, string>>

export type ProblemStatus = keyof typeof titles

export type ProblemText = Pick<ProblemBody, 'code' | 'detail' | 'errors'> & {
  readonly hint?: string | null
}

export function problem<S extends ProblemStatus>(
  context: Context,
  status: S,
  { code, detail, hint = null, errors }: ProblemText,
  headers: Readonly<Record<string, string>> = {},
) {
  const told = { title: titles[status], status, code, detail, hint }
  const body: ProblemBody = errors === undefined ? told : { ...told, errors }
  return context.json(body, status, { 'content-type': 'application/problem+json', ...headers })
}

/** For the document: what an operation may be refused with. */
export function problemResponse(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } }
}
