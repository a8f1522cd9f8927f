/** The servers of a sweep: how each is asked, and what is known of it beside its answer. */
import { addressRefid } from '@timeball/clock/ntp/address-refid.ts'
import type { NtpFailure } from '@timeball/clock/ntp/measurement.ts'
import { ipFamily } from '@timeball/lib/address.ts'
import type { ClockServer, Upstream } from '../core/clock/server.ts'
import type { AskedUpstream } from '../core/clock/upstreams.ts'
import type { Device } from '../core/device/device.ts'
import type { ClockAnswer, ClockTarget } from '../ports/clock-world.ts'

/** The best of these counts. ntpsec answers a burst of 20, and one a second on average. */
const deviceSamples = { samples: 4, spacingMs: 100, isSigned: true, stranger: null } as const
/** Other people's servers: ntpd's classic limit is two seconds between packets. */
const referenceSamples = { samples: 2, spacingMs: 2_100, isSigned: false } as const

export function deviceTarget({ name, address, ntpPort }: Device): ClockTarget {
  return { address, port: ntpPort, ...deviceSamples, device: name }
}

/** NTP's own port (RFC 5905), at which devices ask their upstreams. */
const ntpPort = 123

interface Reference {
  readonly name: string
  readonly address: string
  readonly port: number
}

export function referenceTarget({ name, address, port }: Reference): ClockTarget {
  return { address, port, ...referenceSamples, stranger: name }
}

/**
 * IP addresses that devices are configured to follow, and that no device or reference has. What
 * names stand for is only known after the sweep.
 */
export function strangeUpstreams(
  devices: readonly Pick<Device, 'address' | 'ntpServers'>[],
  references: readonly { readonly address: string }[],
): readonly string[] {
  const known = new Set(
    [...devices, ...references].flatMap(({ address }) =>
      ipFamily(address) === null ? [] : [addressRefid(address)],
    ),
  )
  const strange = new Map<string, string>()
  for (const address of devices.flatMap(({ ntpServers }) => ntpServers)) {
    if (ipFamily(address) === null) continue
    const refid = addressRefid(address)
    if (!known.has(refid) && !strange.has(refid)) strange.set(refid, address)
  }
  return [...strange.values()]
}

/** One packet: whoever it is, it is not ours to ask often. */
const upstreamSamples = { samples: 1, spacingMs: 0, isSigned: false } as const

/** An upstream of devices that no name of the fleet stands for, asked only for who it is. */
export function upstreamTarget(address: string): ClockTarget {
  return { address, port: ntpPort, ...upstreamSamples, stranger: `upstream ${address}` }
}

export function askedUpstream(address: string, { swept }: ClockAnswer): AskedUpstream {
  return { address, refid: addressRefid(address), swept }
}

export interface SeenDevice {
  readonly answer: ClockAnswer | undefined
  readonly previous: ClockServer['previous']
}

export function deviceServer(device: Device, { answer, previous }: SeenDevice): ClockServer {
  return {
    name: device.name,
    kind: 'device',
    role: device.role,
    port: device.ntpPort,
    upstreams: device.ntpServers.map(upstreamOf),
    receiver: device.receiver,
    previous,
    ...answered(device.address, answer ?? notAsked),
  }
}

/** A name that is no address may stand for any. */
function upstreamOf(address: string): Upstream {
  return { address, refid: ipFamily(address) === null ? null : addressRefid(address), clock: null }
}

export function referenceServer(
  { name, address, port }: Reference,
  answer: ClockAnswer | undefined,
): ClockServer {
  const kind = 'reference'
  const unknown = { role: null, upstreams: [], receiver: null, previous: null }
  return { name, kind, port, ...unknown, ...answered(address, answer ?? notAsked) }
}

/** `asked`: address or name, as the inventory has it. */
function answered(
  asked: string,
  { address, addresses, swept }: ClockAnswer,
): Pick<ClockServer, 'address' | 'addresses' | 'ownRefids' | 'swept'> {
  const all = [...new Set([asked, ...addresses])]
  const ips = all.filter((each) => ipFamily(each) !== null)
  return { address, addresses: all, ownRefids: ips.map(addressRefid), swept }
}

/** What stands for the answer of a server that was not asked. */
export function unasked(failure: NtpFailure, kiss: string | null): ClockAnswer {
  const result = { ok: false, failure } as const
  const counts = { sent: 0, answered: 0, lost: 0, heardSeconds: 0 }
  const swept = { result, ...counts, kiss, stranger: null, unsynchronised: null }
  return { address: null, addresses: [], swept }
}

export const notAsked = unasked({ code: 'aborted', detail: 'it was not asked' }, null)
