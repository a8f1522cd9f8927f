import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, test } from 'node:test'
import { controlClient } from '@timeball/clock/control/client.ts'
import { clientRequest, parsePacket } from '@timeball/clock/ntp/packet.ts'
import { formatRefid } from '@timeball/clock/ntp/refid.ts'
import { checkReply, sampleOf } from '@timeball/clock/ntp/sample.ts'
import { freeAddresses } from './network.ts'
import { startSimulatedNtpd, type SimulatedNtpd } from './ntpd/simulated-ntpd.ts'
import { until } from './test/temporary-fleet.ts'

interface Place {
  readonly name: string
  readonly address: string
  readonly port: number
}

const started: SimulatedNtpd[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map((daemon) => daemon.close()))
})

async function places(...names: string[]): Promise<Place[]> {
  const found = await freeAddresses(names)
  return found.map(({ name, address, ntpPort }) => ({ name, address, port: ntpPort }))
}

interface Wish {
  readonly gps?: boolean
  readonly upstreams?: readonly Place[]
  readonly faults?: { offsetMs: number; unsynchronised: boolean }
}

async function daemon(at: Place | undefined, wish: Wish = {}): Promise<SimulatedNtpd> {
  assert.ok(at)
  const faults = wish.faults ?? { offsetMs: 0, unsynchronised: false }
  const running = await startSimulatedNtpd({
    address: at.address,
    port: at.port,
    gps: wish.gps ?? false,
    upstreams: wish.upstreams ?? [],
    faults: () => faults,
    pollIntervalMs: 20,
  })
  started.push(running)
  return running
}

async function ask(at: Place | undefined): Promise<{
  check: ReturnType<typeof checkReply>
  offsetMs: number | null
  stratum: number
  refid: string
  leap: number
}> {
  assert.ok(at)
  const socket = createSocket('udp4')
  const cookie = 0x0123456789abcdefn
  const heard = once(socket, 'message')
  const sentUnixNs = Temporal.Now.instant().epochNanoseconds
  socket.send(clientRequest(cookie), at.port, at.address)
  const [datagram] = await heard
  const heardUnixNs = Temporal.Now.instant().epochNanoseconds
  socket.close()
  assert.ok(datagram instanceof Uint8Array)
  const packet = parsePacket(datagram)
  assert.ok(packet.ok)
  const { stratum, refid, leap } = packet.value
  const check = checkReply(packet.value, cookie)
  const sample =
    check.kind === 'usable' ? sampleOf(packet.value, { sentUnixNs, heardUnixNs }) : null
  const offsetMs = sample === null ? null : sample.offsetSeconds * 1000
  return { check, offsetMs, stratum, refid: formatRefid(refid, stratum), leap }
}

test('a server with a receiver is stratum 1 and tells the time of this machine', async () => {
  const [gps] = await places('gps')
  await daemon(gps, { gps: true })
  const answer = await ask(gps)
  assert.deepEqual([answer.check.kind, answer.stratum, answer.refid], ['usable', 1, 'PPS'])
  assert.ok(answer.offsetMs !== null && Math.abs(answer.offsetMs) < 20)
})

test('an injected offset is served, and not confessed', async () => {
  const [gps] = await places('gps')
  await daemon(gps, { gps: true, faults: { offsetMs: 2500, unsynchronised: false } })
  const answer = await ask(gps)
  assert.ok(answer.offsetMs !== null && Math.abs(answer.offsetMs - 2500) < 20)
  assert.ok(gps)
  const client = controlClient({ host: gps.address, port: gps.port, timeoutMs: 2000 })
  const system = await client.readSystem()
  assert.ok(system.ok)
  assert.ok(Math.abs(system.value.offsetMs ?? Infinity) < 1)
})

test('a follower takes the stratum, the reference and the time of its server', async () => {
  const [gps, ntp] = await places('gps', 'ntp')
  assert.ok(gps)
  await daemon(gps, { gps: true, faults: { offsetMs: -800, unsynchronised: false } })
  const follower = await daemon(ntp, { upstreams: [gps] })
  await until('it follows', () => follower.state().leap === 0)
  const answer = await ask(ntp)
  assert.deepEqual([answer.check.kind, answer.stratum, answer.refid], ['usable', 2, gps.address])
  assert.ok(answer.offsetMs !== null && Math.abs(answer.offsetMs + 800) < 20)
})

test('a follower without any answer says so, and comes back when its server does', async () => {
  const [gps, ntp] = await places('gps', 'ntp')
  assert.ok(gps)
  const faults = { offsetMs: 0, unsynchronised: true }
  await daemon(gps, { gps: true, faults })
  const follower = await daemon(ntp, { upstreams: [gps] })
  const lost = await ask(ntp)
  assert.deepEqual([lost.check.kind, lost.leap], ['unsynchronised', 3])
  faults.unsynchronised = false
  await until('it follows', () => follower.state().leap === 0)
  faults.unsynchronised = true
  await until('it has lost its server', () => follower.state().leap === 3)
})

test('one falseticker among three servers is found and not followed', async () => {
  const [one, two, three, ntp] = await places('one', 'two', 'three', 'ntp')
  assert.ok(one && two && three)
  await daemon(one, { gps: true, faults: { offsetMs: 300, unsynchronised: false } })
  await daemon(two, { gps: true })
  await daemon(three, { gps: true })
  const follower = await daemon(ntp, { upstreams: [one, two, three] })
  await until('all three answer', () => follower.state().sources.every(({ reach }) => reach > 0))
  const client = controlClient({ host: ntp?.address ?? '', port: ntp?.port ?? 0, timeoutMs: 2000 })
  const peers = await client.readPeers()
  assert.ok(peers.ok)
  const falsetickers = peers.value.peers.filter(({ status }) => status.selection === 'falsetick')
  assert.deepEqual(
    falsetickers.map(({ address }) => address),
    [one.address],
  )
  assert.equal(peers.value.peers.filter(({ status }) => status.tally === '*').length, 1)
})

test('control messages are answered as ntpsec answers them', async () => {
  const [gps] = await places('gps')
  assert.ok(gps)
  await daemon(gps, { gps: true })
  const client = controlClient({ host: gps.address, port: gps.port, timeoutMs: 2000 })
  const [system, peers] = await Promise.all([client.readSystem(), client.readPeers()])
  assert.ok(system.ok && peers.ok)
  const { leap, stratum, refid, peerAssociation, status } = system.value
  assert.deepEqual([leap, stratum, refid, status.leap], [0, 1, 'PPS', 0])
  assert.deepEqual(
    peers.value.peers.map(({ association, name, reach }) => [association, name, reach]),
    [
      [1, 'SHM(0)', 255],
      [2, 'SHM(1)', 255],
    ],
  )
  assert.equal(peerAssociation, 2)
})

test('what is neither a request nor a question gets no answer', async () => {
  const [gps] = await places('gps')
  assert.ok(gps)
  await daemon(gps, { gps: true })
  const socket = createSocket('udp4')
  let answers = 0
  socket.on('message', () => {
    answers += 1
  })
  for (const datagram of [
    Buffer.alloc(0),
    Buffer.alloc(4),
    Buffer.alloc(48, 0x24),
    Buffer.alloc(12),
  ]) {
    socket.send(datagram, gps.port, gps.address)
  }
  // Datagrams between two sockets of one machine keep their order, so one good answer ends the wait.
  const first = once(socket, 'message')
  socket.send(clientRequest(1n), gps.port, gps.address)
  await first
  socket.close()
  assert.equal(answers, 1)
})
