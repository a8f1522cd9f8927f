/** The fleet of a process that runs for months: its files are read again, and the last good stays. */
import type { Fleet } from '../../core/fleet/fleet.ts'
import { formatProblem, type Problem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Outside } from '../outside.ts'

/** `Loaded` is whatever `open` needs beside the fleet. */
export interface FleetFiles<Loaded extends { readonly fleet: Fleet }> {
  load(): Promise<Result<Loaded, readonly Problem[]>>
  open(loaded: Loaded): Promise<Outside>
  log(line: string): void
}

/** What the files said at one time, and the way to those devices. */
export interface Edition {
  readonly fleet: Fleet
  readonly outside: Outside
}

/**
 * INVARIANTS: work sees one edition from its beginning to its end, whatever the files say
 * meanwhile; the engine of an edition is closed when nothing uses it any more, and not before.
 */
export interface LiveFleet {
  /** As the files say now. */
  fleet(): Fleet
  use<T>(work: (edition: Edition) => Promise<T>): Promise<T>
  /** The files have mistakes: `fleet()` is what they said before. */
  isStale(): boolean
  /** Reads the files. What runs goes on with what it has. */
  refresh(): Promise<void>
  /** Resolves when all work has ended. */
  close(): Promise<void>
}

export async function liveFleet<Loaded extends { readonly fleet: Fleet }>(
  first: Loaded,
  files: FleetFiles<Loaded>,
): Promise<LiveFleet> {
  let current = keepOpen(first.fleet, await files.open(first))
  let mistakes = ''
  return {
    fleet: () => current.edition.fleet,
    use: (work) => current.use(work),
    isStale: () => mistakes !== '',
    async refresh() {
      const loaded = await files.load()
      const found = loaded.ok ? '' : loaded.failure.map(formatProblem).join('\n')
      if (found !== '' && found !== mistakes) {
        files.log(`the fleet's files have mistakes; the fleet stays as it was\n${found}`)
      }
      mistakes = found
      if (!loaded.ok || isSame(loaded.value.fleet, current.edition.fleet)) return
      const { fleet } = loaded.value
      const old = current
      current = keepOpen(fleet, await files.open(loaded.value))
      void old.retire()
      files.log(`the fleet's files have changed: ${fleet.devices.length} devices`)
    },
    close: () => current.retire(),
  }
}

interface OpenEdition {
  readonly edition: Edition
  use<T>(work: (edition: Edition) => Promise<T>): Promise<T>
  /** Closes the engine after the last user. */
  retire(): Promise<void>
}

function keepOpen(fleet: Fleet, outside: Outside): OpenEdition {
  const edition = { fleet, outside }
  const users = new Set<Promise<unknown>>()
  return {
    edition,
    async use(work) {
      const running = work(edition)
      users.add(running)
      try {
        return await running
      } finally {
        users.delete(running)
      }
    },
    async retire() {
      await Promise.allSettled(users)
      await outside.engine.close('keep')
    },
  }
}

function isSame(one: Fleet, other: Fleet): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
