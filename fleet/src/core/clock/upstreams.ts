/**
 * Which clock is behind an upstream that is configured by an address that no name of the fleet
 * stands for: a server of the fleet by another of its addresses, or another clock. Pure.
 */
import type { Swept } from '@timeball/clock/sweep/target.ts'
import { ipFamily, isLocalIpv4 } from '@timeball/lib/address.ts'
import { compareDaemons } from './identity.ts'
import type { ClockServer } from './server.ts'

/** An upstream that was asked itself, in the same sweep as the fleet. */
export interface AskedUpstream {
  readonly address: string
  /** How who follows it names it. */
  readonly refid: string
  readonly swept: Swept
}

export type Standing =
  /** Another address of this server of the sweep. */
  | { readonly kind: 'member'; readonly name: string; readonly refid: string }
  /** A clock outside the fleet, by the refid of the first of its addresses. */
  | { readonly kind: 'other'; readonly clock: string }
  /** It may be a server of the fleet. */
  | { readonly kind: 'unproved' }

/** By address, as it is configured. */
export type Standings = ReadonlyMap<string, Standing>

/**
 * What this sweep proves, and what an earlier one proved where this one proves nothing: who was not
 * asked now, or is silent, is what it was.
 */
export function standingsOf(
  asked: readonly AskedUpstream[],
  servers: readonly ClockServer[],
  earlier: Standings,
): Standings {
  const found = new Map<string, Standing>()
  for (const [index, upstream] of asked.entries()) {
    const { address, swept } = upstream
    const proved =
      swept.sent > 0 && swept.result.ok ? provedBy(upstream, servers, asked.slice(0, index)) : null
    found.set(address, proved ?? earlier.get(address) ?? presumed(upstream))
  }
  return found
}

/** `null`: it cannot be told from a server of the fleet, or one that is silent may be it. */
function provedBy(
  { refid, swept }: AskedUpstream,
  servers: readonly ClockServer[],
  before: readonly AskedUpstream[],
): Standing | null {
  const compared = servers
    .filter((server) => server.kind === 'device' || server.swept.result.ok)
    .map((server) => ({ server, likeness: compareDaemons(swept, server.swept) }))
  const same = compared.find(({ likeness }) => likeness === 'same')
  if (same !== undefined) return { kind: 'member', name: same.server.name, refid }
  if (compared.some(({ likeness }) => likeness === 'unknown')) return null
  const twin = before.find((each) => compareDaemons(swept, each.swept) === 'same')
  return { kind: 'other', clock: twin?.refid ?? refid }
}

/** A server of a fleet may have any IPv6 address, but hardly a public IPv4 address as its second. */
function presumed({ address, refid }: AskedUpstream): Standing {
  return ipFamily(address) === 4 && !isLocalIpv4(address)
    ? { kind: 'other', clock: refid }
    : { kind: 'unproved' }
}

/** The servers, with what was found out about their addresses and upstreams. */
export function withStandings(
  servers: readonly ClockServer[],
  standings: Standings,
): readonly ClockServer[] {
  const aliases = Map.groupBy(
    [...standings].flatMap(([address, standing]) =>
      standing.kind === 'member' ? [{ ...standing, address }] : [],
    ),
    ({ name }) => name,
  )
  return servers.map((server) => {
    const more = aliases.get(server.name) ?? []
    return {
      ...server,
      addresses: [...server.addresses, ...more.map(({ address }) => address)],
      ownRefids: [...server.ownRefids, ...more.map(({ refid }) => refid)],
      upstreams: server.upstreams.map((upstream) => {
        const standing = standings.get(upstream.address)
        return standing?.kind === 'other' ? { ...upstream, clock: standing.clock } : upstream
      }),
    }
  })
}
