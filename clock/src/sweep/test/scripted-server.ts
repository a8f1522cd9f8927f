/** An NTP server on loopback that says what a test wants, true or not. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { formatPacket, parsePacket, stampFromUnixNs, type NtpPacket } from '../../ntp/packet.ts'

/** How the reply differs from that of a good stratum 1. */
export interface Behaviour {
  /** How far its clock is ahead. */
  readonly aheadSeconds?: number
  readonly packet?: Partial<NtpPacket>
  /** Since its clock was last set; 16 s when left out. */
  readonly referenceAgeSeconds?: number
  /** Requests that get no answer, by their number from 0 on. */
  readonly loses?: (index: number) => boolean
  /** Answers from another port, as a host with several addresses does. */
  readonly answersFromElsewhere?: boolean
  /** Instead of a reply, whatever this gives. */
  readonly datagrams?: (request: Uint8Array, good: Uint8Array) => readonly Uint8Array[]
}

export interface ScriptedServer extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** Changed while it runs. */
  behaviour: Behaviour
  /** Requests heard. */
  readonly requests: readonly Uint8Array[]
}

export async function scriptedServer(
  behaviour: Behaviour = {},
  address = '127.0.0.1',
): Promise<ScriptedServer> {
  const family = address.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket(family)
  const elsewhere = createSocket(family)
  const requests: Uint8Array[] = []
  socket.on('message', (request: Buffer, from: RemoteInfo) => {
    requests.push(request)
    const { loses, answersFromElsewhere, datagrams } = server.behaviour
    if (loses?.(requests.length - 1) === true) return
    const good = replyTo(request, server.behaviour)
    const out = answersFromElsewhere === true ? elsewhere : socket
    for (const datagram of datagrams?.(request, good) ?? [good]) {
      out.send(datagram, from.port, from.address, () => {})
    }
  })
  socket.bind(0, address)
  elsewhere.bind(0, address)
  await Promise.all([once(socket, 'listening'), once(elsewhere, 'listening')])
  const server: ScriptedServer = {
    address,
    port: socket.address().port,
    behaviour,
    requests,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      elsewhere.close()
      await Promise.all([once(socket, 'close'), once(elsewhere, 'close')])
    },
  }
  return server
}

/** The reply of a server with a GPS receiver, changed by the behaviour. */
export function replyTo(request: Uint8Array, behaviour: Behaviour = {}): Uint8Array {
  const asked = parsePacket(request)
  if (!asked.ok) return new Uint8Array()
  const { aheadSeconds = 0, referenceAgeSeconds = 16, packet } = behaviour
  const aheadNs = BigInt(Math.round(aheadSeconds * 1e9))
  const nowNs = Temporal.Now.instant().epochNanoseconds + aheadNs
  const stamp = stampFromUnixNs(nowNs)
  return formatPacket({
    leap: 0,
    version: 4,
    mode: 4,
    stratum: 1,
    poll: 6,
    precision: -22,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0.001,
    refid: refidOf('GPS'),
    referenceStamp: stampFromUnixNs(nowNs - BigInt(Math.round(referenceAgeSeconds * 1e9))),
    originStamp: asked.value.transmitStamp,
    receiveStamp: stamp,
    transmitStamp: stamp,
    ...packet,
  })
}

/** Four characters, or an IPv4 address, as the field of a packet. */
export function refidOf(text: string): number {
  const bytes = /^\d+\.\d+\.\d+\.\d+$/.test(text)
    ? Buffer.from(text.split('.').map(Number))
    : Buffer.from(text.padEnd(4, '\0'), 'latin1')
  return bytes.readUInt32BE()
}
