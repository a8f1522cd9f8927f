/** Where the devices of a fleet listen: a random block of 127.0.0.0/8, the same ports on each. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import type { DeviceAddress } from './device.ts'

const firstPorts = { sshPort: 2222, httpPort: 3000, metricsPort: 9090, ntpPort: 1123 } as const
const maxAttempts = 20

/**
 * An address for each name, on which nothing listens at this moment. Fleets that start at the same
 * time get different blocks by chance (1 in 16,000 meets another). Throws when nothing is free.
 */
export async function freeAddresses(names: readonly string[]): Promise<DeviceAddress[]> {
  if (names.length > 200) throw new Error('an embedded fleet has at most 200 devices')
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const block = `127.${randomInt(64, 127)}.${randomInt(1, 255)}`
    // Something on 0.0.0.0 can hold a port on every address: the next attempts use others.
    const shift = attempt * 100
    const places = names.map((name, index) => ({
      name,
      address: `${block}.${index + 11}`,
      sshPort: firstPorts.sshPort + shift,
      httpPort: firstPorts.httpPort + shift,
      metricsPort: firstPorts.metricsPort + shift,
      ntpPort: firstPorts.ntpPort + shift,
    }))
    const free = await Promise.all(places.map(isFree))
    if (free.every(Boolean)) return places
  }
  throw new Error('no loopback addresses with free ports were found')
}

async function isFree(place: DeviceAddress): Promise<boolean> {
  const { address, sshPort, httpPort, metricsPort, ntpPort } = place
  const answers = await Promise.all([
    ...[sshPort, httpPort, metricsPort].map((port) => isTcpFree(address, port)),
    isUdpFree(address, ntpPort),
  ])
  return answers.every(Boolean)
}

function isTcpFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function isUdpFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}
