/** A controller: takes the lease, and appends to a rollout until it is killed; says each batch. */
import { everyEvent, started } from '../../../core/rollout/test/events.ts'
import { openRolloutStore } from '../rollout-store.ts'

const [, , url = ''] = process.argv
const store = await openRolloutStore({ url, password: undefined }, () => null)
const owner = { host: 'ops-1', pid: process.pid, processStart: 'b/1' }
const wish = { owner, operation: 'rollout r-1', nowMs: Date.now(), epochFloor: 0 }
const acquired = await store.acquire(wish)
if (!acquired.ok) throw new Error('somebody has it')
await store.append('r-1', [started], acquired.lease)
for (let batch = 1; ; batch += 1) {
  await store.append('r-1', [everyEvent.paused, everyEvent.resumed], acquired.lease)
  process.stdout.write(`${batch}\n`)
}
