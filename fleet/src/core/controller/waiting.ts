/** What truly waits for a person: what it is, why, and the command that answers it. */
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Reachable } from '../device/device.ts'
import { foldNames } from '../plan/names.ts'
import type { BlockedRelease } from '../rollout/blocked-release.ts'
import { diversityOverMs, heldBack, needingAttention } from '../rollout/by-itself.ts'
import type { Outlook } from '../rollout/outlook.ts'
import type { RolloutState } from '../rollout/state.ts'
import { shortDigests, shortHex } from '../short-digest.ts'
import type { ControllerSettings } from './settings.ts'

export const waitingKinds = [
  'promotion',
  'paused',
  'abandoned',
  'obstacle',
  'attention',
  'held-back',
  'blocked',
  'left',
] as const

export interface Waiting {
  readonly kind: (typeof waitingKinds)[number]
  /** What it is about: a rollout, a release, devices. */
  readonly subject: string
  readonly why: string
  /** What answers it. */
  readonly command: string
  /** Unix ms; `null`: not known. */
  readonly sinceUnixMs: number | null
}

export interface WaitingInput {
  /** `null`: there was none. */
  readonly newest: RolloutState | null
  /** Whether a process runs it, or a controller will. */
  readonly isCared: boolean
  /** What is known of it beside its journal. */
  readonly outlook: Outlook | null
  readonly blocked: readonly BlockedRelease[]
  /** Devices that left the inventory and were not retired. */
  readonly left: readonly Reachable[]
  readonly wishes: ControllerSettings
  readonly nowUnixMs: number
}

/** What keeps the fleet from going on first. */
export function waitingFor(input: WaitingInput): readonly Waiting[] {
  const { newest, blocked, left } = input
  return [
    ...(newest === null ? [] : ofRollout(newest, input)),
    ...blocked.map(({ digest, image, rollout, why, atUnixMs }): Waiting => ({
      kind: 'blocked',
      subject: `release ${shortHex(digest)}`,
      why: `${shortDigests(image)} is blocked since ${rollout} was rolled back: ${why}`,
      command: `timeball rollout unblock ${shortHex(digest)}`,
      sinceUnixMs: atUnixMs,
    })),
    ...left.map(({ name, address }): Waiting => ({
      kind: 'left',
      subject: name,
      why: `it left the inventory; its server and its keys go on at ${address}`,
      command: `timeball device retire ${name}`,
      sinceUnixMs: null,
    })),
  ]
}

function ofRollout(state: RolloutState, input: WaitingInput): Waiting[] {
  const { started, status, progressMs: sinceUnixMs } = state
  const { rollout } = started
  const subject = `rollout ${rollout}`
  const { outlook } = input
  if (status.kind === 'paused') {
    const isPromotion = status.awaits === 'promotion'
    const command = `timeball rollout ${isPromotion ? 'promote' : 'resume'} ${rollout}`
    const kind = isPromotion ? 'promotion' : 'paused'
    return [{ kind, subject, why: status.why, command, sinceUnixMs }]
  }
  // Of one that is over only what came after its end is about what it still owes.
  const isOld = status.kind === 'ended' && (outlook?.atUnixMs ?? 0) <= sinceUnixMs
  if (outlook !== null && outlook.obstacle !== null && !isOld) {
    const why = `it does not go on: ${outlook.obstacle.text}`
    const command = `timeball rollout status ${rollout}`
    return [{ kind: 'obstacle', subject, why, command, sinceUnixMs: outlook.atUnixMs }]
  }
  if (status.kind === 'ended') return ofEnded(state, input)
  if (input.isCared) return []
  const command = `timeball rollout resume ${rollout}`
  return [{ kind: 'abandoned', subject, why: 'nobody runs it', command, sinceUnixMs }]
}

function ofEnded(state: RolloutState, { wishes, isCared, nowUnixMs }: WaitingInput): Waiting[] {
  const { rollout } = state.started
  const needing = needingAttention(state)
  const since = { sinceUnixMs: state.progressMs }
  if (needing.length > 0) {
    const itself = wishes.repair && isCared ? '; it is repaired when it answers again' : ''
    const why = `in neither state for certain${itself}`
    const command = `timeball rollout show ${rollout}`
    return [{ kind: 'attention', subject: foldNames(needing), why, command, ...since }]
  }
  const held = heldBack(state)
  if (held.length === 0 || (wishes.promote_held_back && isCared)) return []
  const leftMs = diversityOverMs(state) - nowUnixMs
  if (leftMs > 0) return []
  const why = `a release behind, and diversity.for is over for ${formatSpan(-leftMs)}`
  const command = `timeball rollout promote ${rollout}`
  return [{ kind: 'held-back', subject: foldNames(held), why, command, ...since }]
}
