/**
 * A simulated ntpd: a real UDP server that speaks NTP and control messages as ntpsec does, and a
 * real client of its upstream servers. It disciplines nothing: its time is the machine's clock plus
 * what its upstream or a test says.
 */
import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { clientRequest, parsePacket, type NtpPacket } from '@timeball/clock/ntp/packet.ts'
import { formatRefid } from '@timeball/clock/ntp/refid.ts'
import { checkReply, sampleOf } from '@timeball/clock/ntp/sample.ts'
import { selection, serverReply, unsynchronised, type ClockState } from './clock-state.ts'
import { controlReplies } from './control-replies.ts'
import { choose, type Upstream } from './selection.ts'

/** Where another server is. */
export interface UpstreamAddress {
  readonly name: string
  readonly address: string
  readonly port: number
}

/** What can be wrong with the clock while it runs; read at every packet. */
export interface ClockFaults {
  /** Added to true time, in ms; the daemon does not know of it. */
  readonly offsetMs: number
  /** A stratum 1 without a fix, or any server whose daemon does not come into step. */
  readonly unsynchronised: boolean
}

export interface SimulatedNtpdOptions {
  readonly address: string
  readonly port: number
  /** With a GPS receiver it is stratum 1 by itself, and its upstreams are only shown. */
  readonly gps: boolean
  readonly upstreams: readonly UpstreamAddress[]
  /** `loopback`, when left out: no other address is ever sent a packet. `all`: only in a lab's network. */
  readonly asks?: 'loopback' | 'all'
  readonly faults: () => ClockFaults
  /** Real ntpd polls every 64 s and more. */
  readonly pollIntervalMs: number
}

export interface SimulatedNtpd {
  state(): ClockState
  close(): Promise<void>
}

const nsPerSecond = 1_000_000_000

function machineUnixNs(): bigint {
  return Temporal.Now.instant().epochNanoseconds
}

/** Listens at once; rejects with the system's error when it cannot. */
export async function startSimulatedNtpd(options: SimulatedNtpdOptions): Promise<SimulatedNtpd> {
  const follower = followUpstreams(options)
  const now = (): bigint => {
    const seconds = follower.correctionSeconds() + options.faults().offsetMs / 1000
    return machineUnixNs() + BigInt(Math.round(seconds * nsPerSecond))
  }
  const state = (): ClockState => {
    if (options.faults().unsynchronised) return unsynchronised([])
    return options.gps ? gpsState(now(), follower.state().sources) : follower.state()
  }
  const socket = createSocket('udp4')
  socket.on('message', (datagram, from) => {
    const receivedUnixNs = now()
    for (const reply of repliesTo(datagram, { state: state(), receivedUnixNs, now })) {
      socket.send(reply, from.port, from.address, () => {})
    }
  })
  await bind(socket, options)
  // An error after this (the sender is gone) concerns one reply only.
  socket.on('error', () => {})
  follower.start()
  return {
    state,
    async close() {
      follower.stop()
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}

function bind(socket: Socket, at: { address: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(at.port, at.address, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

interface Reading {
  readonly state: ClockState
  readonly receivedUnixNs: bigint
  readonly now: () => bigint
}

function repliesTo(datagram: Uint8Array, { state, receivedUnixNs, now }: Reading): Uint8Array[] {
  const control = controlReplies(datagram, state, receivedUnixNs)
  if (control.length > 0) return control
  const request = parsePacket(datagram)
  if (!request.ok || request.value.mode !== 3) return []
  return [serverReply(state, { request: request.value, receivedUnixNs, answeredUnixNs: now() })]
}

/** GPS for the second, PPS for its beginning: as gpsd's two shared memory segments give them. */
function gpsState(nowUnixNs: bigint, upstreams: ClockState['sources']): ClockState {
  const clock = { stratum: 0, reach: 255, delayMs: 0 } as const
  return {
    leap: 0,
    stratum: 1,
    refid: 'PPS',
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0.0005,
    referenceUnixNs: nowUnixNs,
    peer: 2,
    offsetMs: 0.001,
    jitterMs: 0.002,
    sources: [
      {
        ...clock,
        association: 1,
        address: '127.127.28.0',
        name: 'SHM(0)',
        refid: 'GPS',
        offsetMs: 1.2,
        jitterMs: 2.1,
        selection: selection.candidate,
      },
      {
        ...clock,
        association: 2,
        address: '127.127.28.1',
        name: 'SHM(1)',
        refid: 'PPS',
        offsetMs: 0.001,
        jitterMs: 0.002,
        selection: selection.sysPeer,
      },
      ...upstreams.map((source) => ({
        ...source,
        selection: source.selection === selection.sysPeer ? selection.candidate : source.selection,
      })),
    ],
  }
}

interface Follower {
  start(): void
  stop(): void
  state(): ClockState
  correctionSeconds(): number
}

interface Pending {
  readonly association: number
  readonly cookie: bigint
  readonly sentUnixNs: bigint
}

/** Polls all upstreams at once, and judges them when the next poll begins or an answer comes. */
function followUpstreams(options: SimulatedNtpdOptions): Follower {
  const upstreams = new Map<number, Upstream>(
    options.upstreams.map(({ address, name }, index) => {
      const association = index + 11
      return [association, { association, address, name, reach: 0, samples: [], said: null }]
    }),
  )
  const pending = new Map<bigint, Pending>()
  let state = unsynchronised([])
  let correctionSeconds = 0
  let timer: NodeJS.Timeout | null = null
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  socket.on('message', hear)

  function judge(): void {
    const choice = choose([...upstreams.values()], machineUnixNs())
    state = choice.state
    // A stratum 1 follows its receiver; the others are there to be compared with.
    if (!options.gps) correctionSeconds = choice.correctionSeconds ?? correctionSeconds
  }

  function poll(): void {
    pending.clear()
    options.upstreams.forEach(({ address, port }, index) => {
      const association = index + 11
      change(association, (upstream) => ({ ...upstream, reach: (upstream.reach << 1) & 0xff }))
      if (options.asks !== 'all' && !address.startsWith('127.')) return
      const cookie = randomBytes(8).readBigUInt64BE()
      pending.set(cookie, { association, cookie, sentUnixNs: machineUnixNs() })
      socket.send(clientRequest(cookie), port, address, () => {})
    })
    judge()
  }

  function hear(datagram: Uint8Array, from: RemoteInfo): void {
    const heardUnixNs = machineUnixNs()
    const packet = parsePacket(datagram)
    const asked = packet.ok ? pending.get(packet.value.originStamp) : undefined
    if (!packet.ok || asked === undefined) return
    if (upstreams.get(asked.association)?.address !== from.address) return
    pending.delete(asked.cookie)
    change(asked.association, (upstream) => heard(upstream, packet.value, { asked, heardUnixNs }))
    judge()
  }

  function change(association: number, next: (upstream: Upstream) => Upstream): void {
    const upstream = upstreams.get(association)
    if (upstream !== undefined) upstreams.set(association, next(upstream))
  }

  return {
    state: () => state,
    correctionSeconds: () => correctionSeconds,
    start() {
      if (options.upstreams.length === 0) return
      poll()
      timer = setInterval(poll, options.pollIntervalMs)
    },
    stop() {
      if (timer !== null) clearInterval(timer)
      socket.close()
    },
  }
}

interface Hearing {
  readonly asked: Pending
  readonly heardUnixNs: bigint
}

function heard(upstream: Upstream, packet: NtpPacket, { asked, heardUnixNs }: Hearing): Upstream {
  const sample = sampleOf(packet, { sentUnixNs: asked.sentUnixNs, heardUnixNs })
  const isUsable = checkReply(packet, asked.cookie).kind === 'usable'
  if (!isUsable || sample === null) return { ...upstream, said: null, samples: [] }
  const { offsetSeconds, delaySeconds } = sample
  return {
    ...upstream,
    reach: upstream.reach | 1,
    samples: [...upstream.samples, { rawOffsetSeconds: offsetSeconds, delaySeconds }].slice(-8),
    said: {
      stratum: packet.stratum,
      refid: formatRefid(packet.refid, packet.stratum),
      rootDelaySeconds: packet.rootDelaySeconds,
      rootDispersionSeconds: packet.rootDispersionSeconds,
    },
  }
}
