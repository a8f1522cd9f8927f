/**
 * A client that asks about forty times a second until its standard input ends, and then prints how
 * often it got which status; `lost` is no answer. A line feed says that it has begun. Usage: `node steady-requests.ts URL`; the key is
 * the first line of standard input. Only for tests, which run it where the server can be reached.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

const url = process.argv[2] ?? ''
const input = createInterface(process.stdin)
const [key]: unknown[] = await once(input, 'line')
const headers = { 'x-api-key': String(key) }
const stop = new AbortController()
input.once('close', () => stop.abort())

async function ask(): Promise<string> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000) })
    await response.arrayBuffer()
    return String(response.status)
  } catch {
    return 'lost'
  }
}

const counts = new Map<string, number>()
while (!stop.signal.aborted) {
  const status = await ask()
  if (counts.size === 0) process.stdout.write('\n')
  counts.set(status, (counts.get(status) ?? 0) + 1)
  await delay(25)
}
process.stdout.write(`${JSON.stringify(Object.fromEntries(counts))}\n`)
