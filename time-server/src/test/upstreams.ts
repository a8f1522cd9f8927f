/** NTP servers in a world of their own that say what a test wants. Only for tests. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { addAddress, until } from './namespace.ts'
import type { World } from './namespace.ts'

const program = fileURLToPath(new URL('ntp-source.ts', import.meta.url))

/** What `ntp-source.ts` is told; nothing is a good stratum 1. */
export type Saying = Readonly<Record<string, number | string>>

export interface Upstreams {
  readonly addresses: readonly string[]
  /** From now on those at these addresses, or all of them, say this. */
  say(saying: Saying, ...some: readonly string[]): Promise<void>
}

/** Starts `count` of them in `place`, whose end of the cable is 192.0.2.1. */
export async function startUpstreams(
  t: TestContext,
  place: World,
  count: number,
): Promise<Upstreams> {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-upstreams-'))
  t.after(() => rm(folder, { recursive: true }))
  const addresses = Array.from({ length: count }, (_, index) => `192.0.2.${index * 10 + 1}`)
  async function say(saying: Saying, ...some: readonly string[]): Promise<void> {
    for (const address of some.length === 0 ? addresses : some) {
      const file = join(folder, address)
      await writeFile(`${file}.new`, JSON.stringify(saying))
      await rename(`${file}.new`, file)
    }
  }
  await say({})
  for (const [index, address] of addresses.entries()) {
    if (index > 0) await addAddress(place, address)
    const run = place.start([process.execPath, program, join(folder, address), address])
    await until(`the server at ${address}`, 30_000, async () => run.output() || null)
  }
  return { addresses, say }
}
