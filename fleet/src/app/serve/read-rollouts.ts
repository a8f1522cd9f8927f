/** What the journals of rollouts say, for somebody who asks every few seconds. */
import type { RolloutsSeen } from '../../core/controller/view.ts'
import type { Device } from '../../core/device/device.ts'
import { leftDevices } from '../../core/device/left-devices.ts'
import { replay } from '../../core/rollout/evolve.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { waitingNow, type WaitingParts } from './waiting-list.ts'

const nothingKnown: RolloutsSeen = { newest: null, blocked: null, waiting: null, still: null }

export interface ReaderParts extends Pick<WaitingParts, 'readOutlook'> {
  readonly store: Pick<RolloutStore, 'list' | 'events' | 'blocked' | 'holder' | 'known'>
  /** As the files of the fleet say now. */
  readonly wishes: () => WaitingParts['wishes']
  readonly devices: () => readonly Device[]
  readonly nowUnixMs: () => number
  readonly log: (line: string) => void
}

/** A journal is read again when something was added. A disk that fails is told once. */
export function rolloutsReader(parts: ReaderParts): () => Promise<RolloutsSeen> {
  const { store, readOutlook, log } = parts
  let key = ''
  let newest: RolloutState | null = null
  let isTold = false

  async function read(): Promise<RolloutsSeen> {
    const [summary] = await store.list()
    const found =
      summary === undefined ? '' : `${summary.rollout} ${summary.changedUnixMs} ${summary.status}`
    if (found !== key) {
      newest = summary === undefined ? null : replay(await store.events(summary.rollout))
    }
    key = found
    const now = await waitingNow({
      newest,
      store,
      hasController: true,
      readOutlook,
      left: leftDevices(await store.known(), parts.devices()),
      wishes: parts.wishes(),
      nowUnixMs: parts.nowUnixMs(),
    })
    return { newest, blocked: (await store.blocked()).length, ...now }
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
