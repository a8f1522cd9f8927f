import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openRolloutStore } from './rollout-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-killed-'))
after(() => rm(folder, { recursive: true }))
const program = fileURLToPath(import.meta.resolve('./test/appending-process.ts'))

/** Kills the program after it has said so many lines; the last number that it said. */
async function appendAndKill(path: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let said = 0
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    said = Number(line)
    count += 1
    if (count === lines) child.kill('SIGKILL')
  }
  const [, signal] = await ended
  assert.equal(signal, 'SIGKILL')
  return said
}

test('kill -9 while it appends: what was kept stays, batches are whole, the next one goes on', async () => {
  const path = join(folder, 'state.db')
  let batches = 0
  for (const lines of [1, 2, 7, 20]) {
    const said = await appendAndKill(path, lines)
    const store = await openRolloutStore(path, () => false)
    const events = await store.events('r-1')
    assert.equal(events[0]?.type, 'started')
    assert.equal(events.length % 2, 1)
    const kept = (events.length - 1) / 2
    // The last batch may have been kept without a word of it.
    assert.ok(kept >= batches + said && kept <= batches + said + 1, `${kept} of ${batches + said}`)
    batches = kept
    await store.close()
  }
})
