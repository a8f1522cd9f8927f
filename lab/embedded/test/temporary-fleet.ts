/** An embedded fleet for one test file: stopped and removed when its tests are over. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { startEmbeddedFleet, type EmbeddedFleet, type EmbeddedFleetOptions } from '../start.ts'

export function temporaryFleet(
  options: Omit<EmbeddedFleetOptions, 'directory'> = {},
): () => EmbeddedFleet {
  let directory = ''
  let fleet: EmbeddedFleet | null = null
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tb-'))
    fleet = await startEmbeddedFleet({ directory, ntpPollIntervalMs: 50, ...options })
  })
  after(async () => {
    await fleet?.stop()
    await rm(directory, { recursive: true, force: true })
  })
  return () => {
    if (fleet === null) throw new Error('the embedded fleet was not started')
    return fleet
  }
}

/** Asks again until the answer is true; how long that takes is not what a test is about. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`never came true: ${what}`)
}
