import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { takeTurn } from './take-turn.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-turn-'))
after(() => rm(folder, { recursive: true }))

test('a turn is of one, until it is given back', () => {
  const end = takeTurn(folder, 'a')
  assert.ok(end !== null)
  assert.equal(takeTurn(folder, 'a'), null)
  takeTurn(folder, 'b')?.()
  end()
  const again = takeTurn(folder, 'a')
  assert.ok(again !== null)
  again()
})

test('a process that is killed has no turn any more', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'take-turn.ts'))
  const script = `import(${module}).then((m) => { m.takeTurn(process.argv[1], 'c'); console.log('has it'); setInterval(() => {}, 1000) })`
  const child = spawn(process.execPath, ['-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  assert.equal(takeTurn(folder, 'c'), null)
  child.kill('SIGKILL')
  await once(child, 'close')
  const end = takeTurn(folder, 'c')
  assert.ok(end !== null)
  end()
})
