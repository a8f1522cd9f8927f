/** Which servers are one vote: those that get their time from the same place, by the refid graph. */
import { isLocalReference } from '@timeball/clock/ntp/packet.ts'
import type { ClockServer } from './server.ts'

/** Where a server's time comes from. */
export type Source =
  /** A reference clock of its own. */
  | { readonly kind: 'own' }
  /** Nothing but its own clock, which nobody steers (LOCL, 127.127.1.x, orphan mode). */
  | { readonly kind: 'local' }
  | { readonly kind: 'server'; readonly upstream: ClockServer }
  /** A server that was not swept. */
  | { readonly kind: 'elsewhere'; readonly refid: string }
  | { readonly kind: 'unknown' }

/** The upstream of each server, as its refid names it. */
export function sourcesOf(servers: readonly ClockServer[]): ReadonlyMap<ClockServer, Source> {
  const byRefid = new Map<string, ClockServer[]>()
  for (const server of servers) {
    if (server.ownRefid === null) continue
    byRefid.set(server.ownRefid, [...(byRefid.get(server.ownRefid) ?? []), server])
  }
  return new Map(servers.map((server) => [server, sourceOf(server, byRefid)]))
}

function sourceOf(
  server: ClockServer,
  byRefid: ReadonlyMap<string, readonly ClockServer[]>,
): Source {
  const { result } = server.swept
  if (!result.ok) return { kind: 'unknown' }
  const { stratum, refid } = result.value
  const isLocal = isLocalReference(refid)
  if (stratum === 1) return { kind: isLocal ? 'local' : 'own' }
  const [upstream, ...others] = byRefid.get(refid) ?? []
  // In orphan mode a server names itself.
  if (upstream === server && isLocal) return { kind: 'local' }
  // Several servers at one address cannot be told apart by a refid.
  if (upstream !== undefined && others.length === 0) return { kind: 'server', upstream }
  return isLocal ? { kind: 'local' } : { kind: 'elsewhere', refid }
}

/** The way from a server to where its time comes from; a loop ends where it closes. */
export interface Chain {
  /** Names, the server itself first. */
  readonly names: readonly string[]
  /** The servers that follow each other in a circle; empty without a loop. */
  readonly loop: readonly string[]
  readonly end: Source
  readonly root: ClockServer
}

export function chainOf(server: ClockServer, sources: ReadonlyMap<ClockServer, Source>): Chain {
  const path = [server]
  for (;;) {
    const last = path.at(-1) ?? server
    const source = sources.get(last) ?? { kind: 'unknown' }
    const names = path.map(({ name }) => name)
    if (source.kind !== 'server') return { names, loop: [], end: source, root: last }
    const closing = path.indexOf(source.upstream)
    if (closing >= 0) return { names, loop: names.slice(closing), end: source, root: last }
    path.push(source.upstream)
  }
}

/** The name of the vote; `null`: in a loop, or at the end of a clock that only follows itself. */
export function voteOf(chain: Chain): string | null {
  const { end, root } = chain
  if (chain.loop.length > 0 || end.kind === 'local') return null
  if (end.kind === 'elsewhere') return `the source ${end.refid}`
  return root.receiver === null ? root.name : `receivers of model ${root.receiver}`
}
