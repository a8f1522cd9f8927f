/** Mode-6 answers of a simulated ntpd (RFC 9327), with the names and formats of ntpsec 1.2.2. Pure. */
import { stampFromUnixNs } from '@timeball/clock/ntp/packet.ts'
import { pollExponent, type ClockState, type Source } from './clock-state.ts'

const headerBytes = 12
/** ntpsec's limit for the data of one datagram. */
const maxDataBytes = 468
const opcode = { readStatus: 1, readVariables: 2 } as const
/** RFC 9327 section 3.5 */
const errorCode = { badOpcode: 3, unknownAssociation: 4, unknownVariable: 5 } as const

interface Answer {
  readonly status: number
  readonly data: Buffer
}

/** All datagrams of the answer to `request`; none when it is not a request in mode 6. */
export function controlReplies(
  request: Uint8Array,
  state: ClockState,
  nowUnixNs: bigint,
): Uint8Array[] {
  const bytes = Buffer.from(request)
  if (bytes.length < headerBytes || ((bytes[0] ?? 0) & 7) !== 6) return []
  if (((bytes[1] ?? 0) & 0x80) !== 0) return []
  const names = bytes
    .toString('latin1', headerBytes, headerBytes + bytes.readUInt16BE(10))
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const answer = answerTo((bytes[1] ?? 0) & 0x1f, bytes.readUInt16BE(6), {
    names,
    state,
    nowUnixNs,
  })
  if (typeof answer === 'number') return [fragment(bytes, { error: answer })]
  const replies: Uint8Array[] = []
  for (let offset = 0; offset === 0 || offset < answer.data.length; offset += maxDataBytes) {
    const data = answer.data.subarray(offset, offset + maxDataBytes)
    const more = offset + data.length < answer.data.length
    replies.push(fragment(bytes, { status: answer.status, data, offset, more }))
  }
  return replies
}

interface Question {
  readonly names: readonly string[]
  readonly state: ClockState
  readonly nowUnixNs: bigint
}

function answerTo(operation: number, association: number, question: Question): Answer | number {
  const { names, state, nowUnixNs } = question
  if (operation === opcode.readStatus && association === 0) {
    const words = Buffer.alloc(state.sources.length * 4)
    state.sources.forEach((source, index) => {
      words.writeUInt16BE(source.association, index * 4)
      words.writeUInt16BE(peerStatus(source), index * 4 + 2)
    })
    return { status: systemStatus(state), data: words }
  }
  if (operation !== opcode.readVariables) return errorCode.badOpcode
  if (association === 0) {
    return pick(systemVariables(state, nowUnixNs), names, systemStatus(state))
  }
  const source = state.sources.find((each) => each.association === association)
  if (source === undefined) return errorCode.unknownAssociation
  return pick(peerVariables(source), names, peerStatus(source))
}

type Variables = Readonly<Record<string, string>>

/** As ntpsec does it: no names asks for all, and one unknown name refuses the whole question. */
function pick(variables: Variables, names: readonly string[], status: number): Answer | number {
  const wanted = names.length === 0 ? Object.keys(variables) : names
  const pairs: string[] = []
  for (const name of wanted) {
    const value = variables[name]
    if (value === undefined) return errorCode.unknownVariable
    pairs.push(`${name}=${value}`)
  }
  return { status, data: Buffer.from(`${pairs.join(', ')}\r\n`, 'latin1') }
}

function systemVariables(state: ClockState, nowUnixNs: bigint): Variables {
  const rootDelayMs = state.rootDelaySeconds * 1000
  const rootDispersionMs = state.rootDispersionSeconds * 1000
  return {
    version: '"ntpd simulated by Timeball"',
    processor: '"simulated"',
    system: '"simulated"',
    leap: String(state.leap),
    stratum: String(state.stratum),
    precision: '-24',
    rootdelay: rootDelayMs.toFixed(3),
    rootdisp: rootDispersionMs.toFixed(3),
    rootdist: (rootDelayMs / 2 + rootDispersionMs).toFixed(3),
    refid: state.refid,
    reftime: state.referenceUnixNs === null ? '0x00000000.00000000' : hex(state.referenceUnixNs),
    clock: hex(nowUnixNs),
    peer: String(state.peer),
    tc: String(pollExponent),
    mintc: '0',
    offset: state.offsetMs.toFixed(6),
    frequency: '0.000',
    sys_jitter: state.jitterMs.toFixed(6),
    clk_jitter: state.jitterMs.toFixed(3),
    clk_wander: '0.000',
  }
}

function peerVariables(source: Source): Variables {
  return {
    srcadr: source.address,
    srcport: '123',
    srchost: `"${source.name}"`,
    dstadr: '127.0.0.1',
    dstport: '123',
    leap: source.reach === 0 ? '3' : '0',
    stratum: String(source.stratum),
    precision: '-24',
    rootdelay: '0.000',
    rootdisp: '0.500',
    refid: source.refid,
    reach: `0x${source.reach.toString(16)}`,
    unreach: '0',
    hmode: '3',
    pmode: '4',
    hpoll: String(pollExponent),
    ppoll: String(pollExponent),
    headway: '0',
    flash: source.reach === 0 ? '0x1000' : '0x0',
    offset: source.offsetMs.toFixed(6),
    delay: source.delayMs.toFixed(6),
    dispersion: '0.500',
    jitter: source.jitterMs.toFixed(6),
  }
}

/** Leap, then source 1 (PPS or radio) at stratum 1 and 6 (NTP) above it. RFC 9327 section 3.1. */
function systemStatus(state: ClockState): number {
  let source = 6
  if (state.leap === 3) source = 0
  else if (state.stratum === 1) source = 1
  return (state.leap << 14) | (source << 8) | 0x15
}

/** Configured, reachable, and the selection. RFC 9327 section 3.2. */
function peerStatus(source: Source): number {
  const reachable = source.reach === 0 ? 0 : 0x1000
  return 0x8000 | reachable | (source.selection << 8) | 0x14
}

function hex(unixNs: bigint): string {
  const digits = stampFromUnixNs(unixNs).toString(16).padStart(16, '0')
  return `0x${digits.slice(0, 8)}.${digits.slice(8)}`
}

interface FragmentFields {
  readonly status?: number
  readonly data?: Uint8Array
  readonly offset?: number
  readonly more?: boolean
  readonly error?: number
}

/** The request's version, operation, sequence and association come back in the answer. */
function fragment(request: Buffer, fields: FragmentFields): Uint8Array {
  const data = fields.data ?? new Uint8Array()
  const bytes = Buffer.alloc(headerBytes + Math.ceil(data.length / 4) * 4)
  request.copy(bytes, 0, 0, 8)
  const error = fields.error === undefined ? 0 : 0x40
  const more = fields.more === true ? 0x20 : 0
  bytes[1] = 0x80 | error | more | ((request[1] ?? 0) & 0x1f)
  bytes.writeUInt16BE(fields.error === undefined ? (fields.status ?? 0) : fields.error << 8, 4)
  bytes.writeUInt16BE(fields.offset ?? 0, 8)
  bytes.writeUInt16BE(data.length, 10)
  bytes.set(data, headerBytes)
  return bytes
}
