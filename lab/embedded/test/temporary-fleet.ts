/** An embedded fleet for one test file: stopped and removed when its tests are over. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { startEmbeddedFleet, type EmbeddedFleet, type EmbeddedFleetOptions } from '../start.ts'

export async function temporaryFleet(
  options: Omit<EmbeddedFleetOptions, 'directory'> = {},
): Promise<EmbeddedFleet> {
  const directory = await mkdtemp(join(tmpdir(), 'tb-'))
  const fleet = await startEmbeddedFleet({ directory, ntpPollIntervalMs: 50, ...options })
  after(async () => {
    await fleet.stop()
    await rm(directory, { recursive: true, force: true })
  })
  return fleet
}

/** Asks again until the answer is true; how long that takes is not what a test is about. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`never came true: ${what}`)
}
