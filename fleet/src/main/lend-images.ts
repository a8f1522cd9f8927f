/** Lends the images beside the fleet to devices: one small registry, for as long as one is in use. */
import type { Outside } from '../app/outside.ts'
import type { Engine } from '../ports/engine.ts'
import type { Layout } from '../stores/images/layout.ts'
import { rateLimit, type RateClock } from '../stores/images/limit-rate.ts'
import { serveLayout, type ServedLayout } from '../stores/images/serve-layout.ts'
import { ok } from '@timeball/lib/result.ts'
import { wait } from './wait.ts'

/** `bytesPerSecond`: of all devices together; absent: as fast as it goes. */
export function imageLender(
  engine: Engine,
  layout: Layout,
  bytesPerSecond?: number,
): Outside['lendImages'] {
  const take = bytesPerSecond === undefined ? undefined : rateLimit(bytesPerSecond, clock)

  let served: Promise<ServedLayout> | null = null
  let loans = 0

  async function release(): Promise<void> {
    loans -= 1
    if (loans > 0) return
    const last = served
    served = null
    await (await last)?.close()
  }

  return async (target, signal) => {
    loans += 1
    served ??= serveLayout(layout, take)
    const lent = await engine.lend(target, (await served).socket, signal)
    if (!lent.ok) {
      await release()
      return lent
    }
    const { port, end } = lent.value
    return ok({
      port,
      async end() {
        await end()
        await release()
      },
    })
  }
}

const clock: RateClock = {
  nowMs: () => performance.now(),
  wait: (ms) => wait(ms, new AbortController().signal),
}
