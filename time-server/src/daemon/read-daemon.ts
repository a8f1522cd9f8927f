/** Asks the NTP daemon of this machine: ntpd by the control protocol. */
import { controlClient } from '@timeball/clock/control/client.ts'
import type { ControlAddress, ControlFailure } from '@timeball/clock/control/exchange.ts'
import type { Result } from '@timeball/clock/control/result.ts'
import type { Daemon, DaemonReader } from '../observe.ts'

/** A reader of the ntpd at an address. */
export function ntpdReader(address: ControlAddress): DaemonReader {
  const client = controlClient(address)
  return async (): Promise<Result<Daemon, ControlFailure>> => {
    const system = await client.readSystem()
    if (!system.ok) return system
    const peers = await client.readPeers()
    if (!peers.ok) return peers
    const value = { system: system.value, peers: peers.value }
    return { ok: true, value: { kind: 'ntpd', through: 'control', ...value } }
  }
}
