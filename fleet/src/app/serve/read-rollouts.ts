/** What the journals of rollouts say, for somebody who asks every few seconds. */
import type { RolloutSeen, RolloutsSeen } from '../../core/controller/view.ts'
import { replay } from '../../core/rollout/evolve.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'

const nothingKnown: RolloutsSeen = { newest: null, blocked: null }

/** A journal is read again when something was added. A disk that fails is told once. */
export function rolloutsReader(
  store: Pick<RolloutStore, 'list' | 'events' | 'blocked'>,
  log: (line: string) => void,
): () => Promise<RolloutsSeen> {
  let key = ''
  let newest: RolloutSeen | null = null
  let isTold = false

  async function read(): Promise<RolloutsSeen> {
    const [summary] = await store.list()
    const blocked = (await store.blocked()).length
    if (summary === undefined) return { newest: null, blocked }
    const { rollout, changedUnixMs, status } = summary
    const found = `${rollout} ${changedUnixMs} ${status}`
    if (found !== key) newest = replay(await store.events(rollout))
    key = found
    return { newest, blocked }
  }

  return async () => {
    try {
      const seen = await read()
      isTold = false
      return seen
    } catch (error) {
      if (!isTold) log(`rollouts cannot be read: ${String(error)}`)
      isTold = true
      return nothingKnown
    }
  }
}
