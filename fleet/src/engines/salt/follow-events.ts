/** Follows what minions return on salt-api's event stream, which is opened anew when it ends. */
import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { SaltApi } from './salt-api.ts'

/** What one minion returns of one job. */
export interface Returned {
  readonly jid: string
  readonly id: string
  readonly value: unknown
}

export interface Stream {
  /** Whether what is returned now is seen. */
  isOpen(): boolean
  close(): void
}

const againMs = 1_000
/** Salt cuts its events above 1 MiB. */
const mostLine = 4 << 20

const eventSchema = z.object({
  tag: z.string().regex(/^salt\/job\/\d+\/ret\//),
  data: z.object({ jid: z.string(), id: z.string(), return: z.unknown() }),
})

export function followEvents(api: SaltApi, onReturn: (returned: Returned) => void): Stream {
  const stop = new AbortController()
  let isOpen = false

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      const opened = await api.events(stop.signal)
      if (opened.ok && opened.value.statusCode === 200) {
        isOpen = true
        await readEvents(opened.value, onReturn)
        isOpen = false
      } else if (opened.ok) opened.value.destroy()
      await pause(againMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
  void follow()
  return { isOpen: () => isOpen, close: () => stop.abort() }
}

/** Resolves when the stream has ended, however. */
async function readEvents(
  stream: IncomingMessage,
  onReturn: (returned: Returned) => void,
): Promise<void> {
  let rest = ''
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > mostLine) return
      for (const returned of lines.flatMap(readLine)) onReturn(returned)
    }
  } catch {
    // It is opened anew, and jobs are asked for by their ids meanwhile.
  } finally {
    stream.destroy()
  }
}

/** Empty: it is about something else. */
function readLine(line: string): readonly Returned[] {
  if (!line.startsWith('data: ') || !line.includes('/ret/')) return []
  try {
    const { data } = eventSchema.parse(JSON.parse(line.slice(6)))
    return [{ jid: data.jid, id: data.id, value: data.return }]
  } catch {
    return []
  }
}
