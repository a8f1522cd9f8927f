/**
 * The socket over which Ansible's side asks for bundles and tells what devices say. Each connection
 * begins with a line that says what it is about. It is in a folder that is this user's alone.
 */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { z } from 'zod'

const headSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('next'), device: z.string(), ansible: z.string().max(64) }),
  z.object({
    kind: z.literal('output'),
    job: z.string(),
    /** The socket of a connection that Ansible shares; `null`: it shares none. */
    control: z.string().nullable().default(null),
  }),
  z.object({
    kind: z.literal('end'),
    job: z.string(),
    code: z.int().nullable(),
    stderr: z.string(),
    log: z.string().nullable(),
  }),
  /** By Ansible itself. */
  z.object({ kind: z.literal('refused'), job: z.string(), why: z.string() }),
])

export type Head = z.output<typeof headSchema>

/** Deals with a connection; `rest` is what came after the head. It is closed afterwards. */
export type Answerer = (
  head: Head,
  socket: Socket,
  rest: AsyncIterable<Uint8Array>,
) => Promise<void>

export interface Exchange {
  close(): void
}

const maxHeadBytes = 256 * 1024

export async function openExchange(path: string, answer: Answerer): Promise<Exchange> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    serve(socket, answer)
      .catch(() => {})
      .finally(() => socket.destroySoon())
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function serve(socket: Socket, answer: Answerer): Promise<void> {
  const chunks: AsyncIterator<Uint8Array> = socket[Symbol.asyncIterator]()
  let read = Buffer.alloc(0)
  while (!read.includes(newline)) {
    if (read.length > maxHeadBytes) return
    const next = await chunks.next()
    if (next.done === true) return
    read = Buffer.concat([read, next.value])
  }
  const at = read.indexOf(newline)
  const head = headSchema.parse(JSON.parse(read.subarray(0, at).toString('utf8')))
  await answer(head, socket, after(read.subarray(at + 1), chunks))
}

const newline = 0x0a

async function* after(
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  if (first.length > 0) yield first
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    yield next.value
  }
}
