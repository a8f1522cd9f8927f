/**
 * A client that asks all the lab's time servers every second and a half, until its standard input
 * ends, and prints for each round who gave good time: `{"at_unix_ms":…,"good":["pi-gps-01",…]}`. Run
 * in the lab's network. It has an address of its own there, since servers limit the rate of a client.
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { clientRequest, parsePacket } from '@timeball/clock/ntp/packet.ts'
import { checkReply, sampleOf } from '@timeball/clock/ntp/sample.ts'
import { guideDevices, mirrorAddress } from '@timeball/lab/pis/devices.ts'

const patienceMs = 750
/** All virtual Pis have the clock of this machine, so what is off is wrong. */
const goodWithinSeconds = 0.02

interface Request {
  readonly cookie: bigint
  readonly sentUnixNs: bigint
}

const machineUnixNs = (): bigint => Temporal.Now.instant().epochNanoseconds
const asked = new Map<string, Request>()
const good = new Set<string>()
const socket = createSocket('udp4')
socket.on('error', () => {})
socket.on('message', (datagram, { address }) => {
  const heardUnixNs = machineUnixNs()
  const packet = parsePacket(datagram)
  const request = asked.get(address)
  if (!packet.ok || request === undefined) return
  if (checkReply(packet.value, request.cookie).kind !== 'usable') return
  const sample = sampleOf(packet.value, { ...request, heardUnixNs })
  if (sample === null) return
  const provedSeconds = Math.abs(sample.offsetSeconds) - sample.delaySeconds / 2
  if (provedSeconds < goodWithinSeconds) good.add(address)
})

function ask(addresses: readonly string[]): void {
  for (const address of addresses) {
    const cookie = randomBytes(8).readBigUInt64BE() | 1n
    asked.set(address, { cookie, sentUnixNs: machineUnixNs() })
    socket.send(clientRequest(cookie), 123, address, () => {})
  }
}

socket.bind(0, mirrorAddress)
await once(socket, 'listening')
const stop = new AbortController()
process.stdin.once('end', () => stop.abort()).resume()
while (!stop.signal.aborted) {
  const atUnixMs = Temporal.Now.instant().epochMilliseconds
  const before = new Set(good)
  good.clear()
  ask(guideDevices.map(({ address }) => address))
  await delay(patienceMs)
  // A lost packet is no lost server. One that was silent before is not asked twice: above one packet
  // a second it stays silent for ever.
  ask([...before].filter((address) => !good.has(address)))
  await delay(patienceMs)
  const names = guideDevices.filter(({ address }) => good.has(address)).map(({ name }) => name)
  process.stdout.write(`${JSON.stringify({ at_unix_ms: atUnixMs, good: names })}\n`)
}
socket.close()
