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

export interface LiveFleet {
  fleet(): Fleet
  outside(): Outside
  /** The files have mistakes: `fleet()` is what they said before. */
  isStale(): boolean
  /** Reads the files. Nobody may be using `outside()` meanwhile: another fleet has another one. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export async function liveFleet<Loaded extends { readonly fleet: Fleet }>(
  first: Loaded,
  files: FleetFiles<Loaded>,
): Promise<LiveFleet> {
  let current = first
  let outside = await files.open(first)
  let mistakes = ''
  return {
    fleet: () => current.fleet,
    outside: () => outside,
    isStale: () => mistakes !== '',
    async refresh() {
      const loaded = await files.load()
      const found = loaded.ok ? '' : loaded.failure.map(formatProblem).join('\n')
      if (found !== '' && found !== mistakes) {
        files.log(`the fleet's files have mistakes; the fleet stays as it was\n${found}`)
      }
      mistakes = found
      if (!loaded.ok || isSame(loaded.value.fleet, current.fleet)) return
      const another = await files.open(loaded.value)
      await outside.engine.close('keep')
      outside = another
      current = loaded.value
      files.log(`the fleet's files have changed: ${current.fleet.devices.length} devices`)
    },
    close: () => outside.engine.close('keep'),
  }
}

function isSame(one: Fleet, other: Fleet): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
