/** `/api/v1/events`: what happens, as server-sent events (HTML, "Server-sent events"). */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { eventKinds } from '../../app/serve/event-hub.ts'
import type { ApiEnv } from './env.ts'
import type { ApiParts } from './parts.ts'
import { policy, refusals } from './policy.ts'
import { problem, problemResponse } from './problem.ts'

/** Of all readers, and of one address: connections that stay are left for others. */
export const mostReaders = { all: 64, each: 32 } as const

/** Tells proxies and readers that the stream is alive; a token that was revoked is read no longer. */
const beatMs = 5_000

const getEvents = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/events',
  tags: ['events'],
  summary: 'What happens, as it happens (server-sent events)',
  description: `Kinds: ${eventKinds.join(', ')}. After \`resync\` something was missed: read what is shown anew.`,
  request: {
    headers: z.object({
      'last-event-id': z.string().max(64).optional().describe('Goes on behind this event.'),
    }),
  },
  responses: {
    ...refusals,
    200: {
      description: 'A stream that does not end by itself.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    503: problemResponse('There are too many readers.'),
  },
})

export function addEvents(api: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  const readers = new Map<string, number>()
  api.openapi(getEvents, (context) => {
    const caller = context.get('caller')
    const own = readers.get(caller.from) ?? 0
    const all = [...readers.values()].reduce((sum, each) => sum + each, 0)
    if (all >= mostReaders.all || own >= mostReaders.each) {
      const detail = `there are ${all} readers of events, and ${own} from ${caller.from}`
      return problem(context, 503, { code: 'readers', detail }, { 'retry-after': '30' })
    }
    readers.set(caller.from, own + 1)
    const ended = new AbortController()
    const lastId = context.req.header('last-event-id') ?? null
    const next = parts.events.follow(lastId, ended.signal)[Symbol.asyncIterator]()
    const bytes = new TextEncoder()
    const end = (): void => {
      if (ended.signal.aborted) return
      ended.abort()
      const left = (readers.get(caller.from) ?? 1) - 1
      if (left === 0) readers.delete(caller.from)
      else readers.set(caller.from, left)
    }
    let coming = next.next()
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(bytes.encode('retry: 3000\n\n')),
      // Called when there is room: who does not read is not written to, and falls behind the hub.
      async pull(stream) {
        const { promise: beat, resolve } = Promise.withResolvers<null>()
        const timer = setTimeout(() => resolve(null), beatMs)
        const found = await Promise.race([coming, beat])
        clearTimeout(timer)
        if (!(caller.from === 'socket' || (await parts.isStill(caller))) || found?.done === true) {
          end()
          stream.close()
        } else if (found === null) {
          stream.enqueue(bytes.encode(': still here\n\n'))
        } else {
          coming = next.next()
          const { id, kind, data } = found.value
          stream.enqueue(bytes.encode(`id: ${id}\nevent: ${kind}\ndata: ${data}\n\n`))
        }
      },
      cancel: end,
    })
    return context.body(body, 200, {
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
    })
  })
}
