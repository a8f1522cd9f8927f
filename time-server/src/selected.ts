/** Which source the daemon follows, and whether that source follows only itself. Pure. */
import type { PeerState } from '@timeball/clock/control/state.ts'
import { isLocalReference } from '@timeball/clock/ntp/refid.ts'
import type { Daemon } from './observe.ts'

/** `*` and `o` both say "followed": with a pulse driver there may be only an `o`. */
export function isSelected(peer: PeerState): boolean {
  return peer.status.selection === 'sys.peer' || peer.status.selection === 'pps.peer'
}

/** With a pulse and a source that numbers its seconds both are marked: the pulse is followed. */
export function selectedOf({ peers }: Daemon): PeerState | null {
  const marked = peers.filter((peer) => isSelected(peer))
  return marked.find((peer) => peer.status.selection === 'pps.peer') ?? marked[0] ?? null
}

/** A source of this machine: ntpd gives it 127.127.TYPE.UNIT. */
export function isReferenceClock({ address }: PeerState): boolean {
  return address.startsWith('127.127.')
}

/** The machine's own clock in the guise of a source. */
export function isLocalClock({ address }: PeerState): boolean {
  return address.startsWith('127.127.1.')
}

/**
 * The least stratum of a clock that runs free, by convention: chrony's `local` and ntpd's orphan mode
 * begin there, and so does LOCAL_STRATUM. Nothing that follows UTC is so far away from it.
 */
export const freeRunningStratum = 10

/** Why a source tells nobody's time but its own; `null` when it does not say so. */
export function whyFreeRunning(peer: PeerState): string | null {
  if (isLocalClock(peer)) return 'the selected source is its own local clock'
  const { address, refid, stratum } = peer
  if (refid !== null && isLocalReference(refid)) {
    return `the selected source ${address} follows only its own clock (${refid})`
  }
  if (stratum === null || stratum < freeRunningStratum) return null
  return `the selected source ${address} runs free: stratum ${stratum} is that of a clock without a reference`
}
