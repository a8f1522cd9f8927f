/** The clients' side of a rollout: who gave good time, all the while. See `rollout-watcher.ts`. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { namespaceName } from '@timeball/lab/pis/network.ts'

const program = join(import.meta.dirname, 'rollout-watcher.ts')

/** One round of asking all servers. */
export interface Round {
  readonly at_unix_ms: number
  readonly good: readonly string[]
}

/** Runs `work` while a client watches; returns what both saw. */
export async function whileWatched<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly rounds: readonly Round[] }> {
  const child = spawn('ip', ['netns', 'exec', namespaceName, process.execPath, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const rounds: Round[] = []
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => rounds.push(JSON.parse(line)))
  const closed = once(child, 'close')
  try {
    await once(lines, 'line')
    return { value: await work(), rounds }
  } finally {
    child.stdin.end()
    await closed
  }
}

/** At each instant a good server of stratum 1, and one of stratum 2. */
export function assertQuorumKept(rounds: readonly Round[]): void {
  assert.ok(rounds.length > 5, `only ${rounds.length} rounds`)
  for (const role of ['pi-gps-', 'pi-ntp-']) {
    const without = rounds.filter(({ good }) => !good.some((name) => name.startsWith(role)))
    assert.deepEqual(without, [], `nobody of ${role}* gave good time`)
  }
}
