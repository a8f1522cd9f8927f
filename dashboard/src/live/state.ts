/** What the page shows, as it was last read. Views read these signals and write none. */
import { computed, signal } from '@preact/signals'
import type { Clock, Device, Fleet, Refusal, RolloutSummary, Sweep } from '../api.ts'
import { sentenceOf, worstFirst } from '../fleet/verdict.ts'

export const fleet = signal<Fleet | null>(null)
export const devices = signal<readonly Device[]>([])
export const servers = signal<readonly Clock[]>([])
export const sweptUnixMs = signal<number | null>(null)
export const fleetTime = signal<Sweep['time']>(null)
export const rollouts = signal<readonly RolloutSummary[]>([])

/** `live`: events come as they happen. Else what is shown is as old as `readUnixMs` says. */
export const link = signal<'connecting' | 'live' | 'lost'>('connecting')
export const readUnixMs = signal<number | null>(null)
export const refusal = signal<Refusal | null>(null)

/** Ticks once a second, for ages. */
export const nowUnixMs = signal(Date.now())

export const ordered = computed(() => worstFirst(devices.value))
export const sentence = computed(() =>
  fleet.value === null ? null : sentenceOf(fleet.value, devices.value),
)
