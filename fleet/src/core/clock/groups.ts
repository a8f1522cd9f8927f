/** Where each server's time comes from, by refids, addresses and configuration: who is one vote. */
import { isLocalReference, isReferenceClock } from '@timeball/clock/ntp/refid.ts'
import { daemonsOf } from './identity.ts'
import type { ClockServer } from './server.ts'

/** Where a server's time comes from. */
export type Source =
  /** A reference clock of its own. */
  | { readonly kind: 'own' }
  /** Nothing but its own clock, which nobody steers (LOCL, 127.127.1.x, orphan mode). */
  | { readonly kind: 'local' }
  /** Another server of the sweep. */
  | { readonly kind: 'server'; readonly upstream: ClockServer }
  /** It is the same daemon as another one, under another name. */
  | { readonly kind: 'same'; readonly daemon: ClockServer }
  /** One of these, by an address that is not known: it cannot be told which. */
  | { readonly kind: 'one-of'; readonly upstreams: readonly ClockServer[] }
  /** The server at this address, which may be one of the fleet by another of its addresses. */
  | { readonly kind: 'unproved'; readonly address: string }
  /** A server that was not swept. */
  | { readonly kind: 'elsewhere'; readonly refid: string }
  | { readonly kind: 'unknown' }

export type Sources = ReadonlyMap<ClockServer, Source>

interface Names {
  readonly byRefid: ReadonlyMap<string, ReadonlySet<ClockServer>>
  readonly byAddress: ReadonlyMap<string, ClockServer>
}

export function sourcesOf(servers: readonly ClockServer[]): Sources {
  const daemons = daemonsOf(servers)
  const byRefid = new Map<string, Set<ClockServer>>()
  const byAddress = new Map<string, ClockServer>()
  for (const [server, daemon] of daemons) {
    for (const refid of server.ownRefids) {
      byRefid.set(refid, (byRefid.get(refid) ?? new Set()).add(daemon))
    }
    for (const address of server.addresses) byAddress.set(address, daemon)
  }
  const names = { byRefid, byAddress }
  return new Map(
    servers.map((server) => {
      const daemon = daemons.get(server) ?? server
      return [server, daemon === server ? sourceOf(server, names) : { kind: 'same', daemon }]
    }),
  )
}

function sourceOf(server: ClockServer, names: Names): Source {
  const { result } = server.swept
  if (!result.ok) return { kind: 'unknown' }
  const { stratum, refid } = result.value
  if (stratum === 1) return { kind: isLocalReference(refid) ? 'local' : 'own' }
  // Several servers at one address cannot be told apart by a refid.
  const [upstream, ...others] = names.byRefid.get(refid) ?? []
  const isNamed = upstream !== undefined && others.length === 0
  // In orphan mode a server names itself.
  if (isLocalReference(refid) && (!isNamed || upstream === server)) return { kind: 'local' }
  if (isNamed) return { kind: 'server', upstream }
  if (isReferenceClock(refid)) return { kind: 'own' }
  return others.length > 0 ? { kind: 'elsewhere', refid } : unnamedSource(server, refid, names)
}

/**
 * A refid that no known address explains. When all that the server is configured to follow are
 * servers of the sweep, it follows one of these by another address.
 */
function unnamedSource(server: ClockServer, refid: string, { byAddress }: Names): Source {
  const known = new Set(server.upstreams.flatMap(({ address }) => byAddress.get(address) ?? []))
  known.delete(server)
  const strangers = server.upstreams.filter(({ address }) => !byAddress.has(address))
  const named = strangers.find((each) => each.refid === refid)
  if (named !== undefined) {
    const { address, clock } = named
    return clock === null ? { kind: 'unproved', address } : { kind: 'elsewhere', refid: clock }
  }
  const isExplained = strangers.some((each) => each.refid === null)
  const [upstream, ...others] = known
  if (isExplained || upstream === undefined) return { kind: 'elsewhere', refid }
  return others.length === 0
    ? { kind: 'server', upstream }
    : { kind: 'one-of', upstreams: [...known] }
}

/** The way from a server to where its time comes from; a loop ends where it closes. */
export interface Chain {
  /** Names of all whose time it may have, the server itself first. */
  readonly names: readonly string[]
  /** The servers that follow each other in a circle; empty without a loop. */
  readonly loop: readonly string[]
  readonly end: Source
  readonly root: ClockServer
}

/** More servers than there are strata cannot stand in a row (RFC 5905 figure 11). */
const longestChain = 16

export function chainOf(server: ClockServer, sources: Sources): Chain {
  const path = [server]
  for (;;) {
    const last = path.at(-1) ?? server
    const source = sources.get(last) ?? { kind: 'unknown' }
    const names = path.map(({ name }) => name)
    if (source.kind === 'one-of') {
      const upstreams = source.upstreams.map(({ name }) => name)
      return { names: [...names, ...upstreams], loop: [], end: source, root: last }
    }
    const next = source.kind === 'same' ? source.daemon : upstreamOf(source)
    if (next === null) return { names, loop: [], end: source, root: last }
    const closing = path.indexOf(next)
    if (closing >= 0 || path.length > longestChain) {
      return { names, loop: names.slice(Math.max(0, closing)), end: source, root: last }
    }
    path.push(next)
  }
}

function upstreamOf(source: Source): ClockServer | null {
  return source.kind === 'server' ? source.upstream : null
}

/**
 * The name of the vote; `null`: in a loop, at the end of a clock that follows only itself, or of
 * one that cannot be told from another.
 */
export function voteOf({ end, root, loop }: Chain): string | null {
  if (loop.length > 0 || end.kind === 'local') return null
  if (end.kind === 'one-of' || end.kind === 'unproved') return null
  if (end.kind === 'elsewhere') return `the source ${end.refid}`
  return root.receiver === null ? root.name : `receivers of model ${root.receiver}`
}
