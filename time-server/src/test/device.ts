/** The image's processes in a world, as its entry point starts them, and what they answer. */
import { fileURLToPath } from 'node:url'
import { until } from './namespace.ts'
import type { Run, World } from './namespace.ts'

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** An answer of the HTTP server. `body` is `null` where it was not JSON. */
export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

/** Starts the entry point with the environment of a device. */
export function startDevice(world: World, environment: Readonly<Record<string, string>>): Run {
  return world.start(['sh', pathOf('../../image/entrypoint')], {
    TIME_SERVER_APP: pathOf('../main.ts'),
    TIME_SERVER_NODE: process.execPath,
    ...environment,
  })
}

/** Asks over HTTP from inside, with an API key unless it is empty; `null` when nobody answers. */
export async function get(
  world: World,
  port: number,
  path: string,
  key = '',
): Promise<HttpAnswer | null> {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET ${path} HTTP/1.0\\r\\nHost: localhost\\r\\nX-API-Key: ${key}\\r\\n\\r\\n' >&3 && cat <&3`
  const reply = await world.read(['bash', '-c', script]).catch(() => '')
  const match = /^HTTP\/1\.1 (\d+)[^]*?\r\n\r\n([^]*)$/.exec(reply)
  return match === null ? null : { status: Number(match[1]), text: match[2] ?? '' }
}

/** Waits until `/health` matches, and gives that answer. */
export function healthThat(world: World, limitMs: number, matches: RegExp): Promise<HttpAnswer> {
  let last = 'no answer'
  return until(`/health like ${matches}`, limitMs, async () => {
    const answer = await get(world, 3000, '/health')
    last = answer?.text ?? last
    return answer !== null && matches.test(answer.text) ? answer : null
  }).catch((error: unknown) => {
    throw new Error(`the last /health was ${last}`, { cause: error })
  })
}
