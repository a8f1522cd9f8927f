/** Appends to a journal until it is killed, and says each number that was kept. */
import { everyEvent, started } from '../../../core/rollout/test/events.ts'
import { openRolloutStore } from '../rollout-store.ts'

const store = await openRolloutStore(process.argv[2] ?? '', () => false)
const owner = { host: 'here', pid: process.pid, processStart: '' }
const acquired = await store.acquire({ owner, operation: 'test', nowMs: 0, epochFloor: 0 })
if (!acquired.ok) throw new Error('the lease of a dead process was not given away')
if ((await store.events('r-1')).length === 0) await store.append('r-1', [started], acquired.lease)

for (let wave = 1; wave < 100_000; wave += 1) {
  const event = { ...everyEvent['wave-started'], wave }
  await store.append('r-1', [event, { ...everyEvent['wave-passed'], wave }], acquired.lease)
  process.stdout.write(`${wave}\n`)
}
