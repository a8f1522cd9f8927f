/** What is at work on a device is told by whoever looks. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { toObserved } from './report.ts'
import { head, newDevice } from './test/site.ts'

test('a look tells the operation that holds the device, and nothing when none does', async (t) => {
  const device = newDevice('sh')
  t.after(() => device.dispose())
  const busy = (): string | null => {
    const lines = [...head('observe'), 'watch-boot-config', 'watch-disk /']
    const observed = toObserved(device.run(lines).report())
    assert.ok(observed.ok)
    return observed.value.busy
  }
  assert.equal(busy(), null)
  const words = 'apply of operation op-1, process 7'
  device.write('/var/lib/timeball/lock', `${words}\n`)
  assert.equal(busy(), null)
  const holder = spawn('flock', [device.path('/var/lib/timeball/lock'), 'sh', '-c', 'echo; cat'])
  await once(holder.stdout, 'data')
  assert.equal(busy(), words)
  holder.stdin.end()
  await once(holder, 'close')
  assert.equal(busy(), null)
})
