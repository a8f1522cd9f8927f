/** What a sweep knows about one server while it runs, and how an answer changes that. */
import { fail, ok } from '@timeball/lib/result.ts'
import { measurementOf, type Accepted, type NtpFailure } from '../ntp/measurement.ts'
import { parsePacket } from '../ntp/packet.ts'
import { formatRefid } from '../ntp/refid.ts'
import { checkReply, sampleOf, type Exchange } from '../ntp/sample.ts'
import { isSignedWith } from './message-code.ts'
import type { Swept, SweepTarget, Unsynchronised } from './target.ts'

export interface ServerState {
  readonly target: SweepTarget
  readonly accepted: Accepted[]
  sent: number
  answered: number
  /** At the last answer. */
  lost: number
  failure: NtpFailure | null
  kiss: string | null
  stranger: string | null
  unsynchronised: Unsynchronised | null
  /** No further request is sent to it. */
  isOver: boolean
}

export function newServerState(target: SweepTarget): ServerState {
  return {
    target,
    accepted: [],
    sent: 0,
    answered: 0,
    lost: 0,
    failure: null,
    kiss: null,
    stranger: null,
    unsynchronised: null,
    isOver: false,
  }
}

/** `false`: this was no answer to the request, so that one may still come. */
export function takeReply(
  state: ServerState,
  datagram: Uint8Array,
  asked: { readonly cookie: bigint; readonly exchange: Exchange },
): boolean {
  const parsed = parsePacket(datagram)
  if (!parsed.ok) return false
  const packet = parsed.value
  const check = checkReply(packet, asked.cookie)
  if (check.kind === 'ignored') return false
  const { key } = state.target
  // A server that does not accept our key answers with a crypto-NAK, which has no code either.
  if (key !== null && !isSignedWith(datagram, key)) {
    state.failure = { code: 'bogus', detail: `the reply is not signed with key ${key.id}` }
    return false
  }
  state.answered += 1
  state.lost = Math.max(0, state.sent - state.answered)
  state.unsynchronised = null
  if (check.kind === 'usable') takeSample(state, { packet, exchange: asked.exchange })
  else state.isOver = true
  if (check.kind === 'kiss') {
    state.kiss = check.code
    state.failure = { code: 'kiss', detail: `the server refuses us (${check.code})` }
  }
  if (check.kind === 'unsynchronised') {
    const { leap, stratum, refid } = packet
    state.unsynchronised = { leap, stratum, refid: formatRefid(refid, stratum) }
    state.failure = { code: 'unsynchronised', detail: check.why }
  }
  return true
}

function takeSample(
  state: ServerState,
  { packet, exchange }: Pick<Accepted, 'packet' | 'exchange'>,
): void {
  const sample = sampleOf(packet, exchange)
  if (sample !== null) state.accepted.push({ packet, exchange, sample })
  else {
    const detail = 'the timestamps of the reply contradict each other'
    state.failure = { code: 'bogus', detail }
  }
}

/** A server that says in the end that it has no time is believed, whatever it said before. */
export function sweptOf(state: ServerState, options: SweptOptions): Swept {
  const { sent, answered, lost, kiss, stranger, unsynchronised } = state
  const measurement = unsynchronised === null ? measurementOf(state.accepted) : null
  const best = state.accepted.find(
    ({ sample }) => sample.delaySeconds === measurement?.delaySeconds,
  )
  const heardNs = best === undefined ? options.startedNs : best.exchange.heardUnixNs
  return {
    result: measurement === null ? fail(state.failure ?? silence(state, options)) : ok(measurement),
    sent,
    answered,
    lost,
    kiss,
    stranger,
    unsynchronised,
    heardSeconds: Number(heardNs - options.startedNs) / 1e9,
  }
}

export interface SweptOptions {
  readonly startedNs: bigint
  readonly timeoutMs: number
  readonly isAborted: boolean
}

function silence({ target, sent, stranger }: ServerState, options: SweptOptions): NtpFailure {
  if (options.isAborted) return { code: 'aborted', detail: 'aborted while waiting' }
  const heard = stranger === null ? '' : `; ${stranger} answered instead`
  const asked = sent === 1 ? '' : ` (asked ${sent} times)`
  const detail = `no answer on UDP ${target.port} within ${options.timeoutMs} ms${asked}${heard}`
  return { code: 'no-answer', detail }
}
