/** Who follows whom, as the refids of a sweep tell it. */
import { paint, type TableLayout } from '../table.ts'
import { chainOf, sourcesOf, type Source } from './groups.ts'
import type { ClockRow } from './row.ts'
import type { ClockServer } from './server.ts'

/** Roots first, each with its followers below it; then loops, and upstreams that are missing. */
export function formatClockTree(rows: readonly ClockRow[], layout: TableLayout): string[] {
  const servers = rows.map(({ judgement }) => judgement.server)
  const sources = sourcesOf(servers)
  const verdicts = new Map(rows.map(({ judgement }) => [judgement.server, judgement.verdict]))
  const followers = Map.groupBy(servers, (server) => headingOf(server, sources.get(server)))
  const lines: string[] = []

  const show = (server: ClockServer, indent: string, seen: ReadonlySet<ClockServer>): void => {
    const below = seen.has(server) ? [] : (followers.get(server) ?? [])
    below.forEach((follower, index) => {
      const isLast = index === below.length - 1
      lines.push(`${indent}${isLast ? '└─ ' : '├─ '}${label(follower)}`)
      show(follower, `${indent}${isLast ? '   ' : '│  '}`, new Set([...seen, server]))
    })
  }
  const label = (server: ClockServer): string => {
    const { result } = server.swept
    const stratum = result.ok ? ` stratum ${result.value.stratum}` : ''
    const verdict = verdicts.get(server) ?? 'undecidable'
    const tone = verdict === 'truechimer' ? 'good' : verdict === 'undecidable' ? 'warn' : 'bad'
    return `${server.name}${stratum} ${layout.color ? paint(verdict, tone) : verdict}`
  }

  for (const [heading, members] of followers) {
    if (typeof heading === 'object') continue
    lines.push(heading)
    members.forEach((server, index) => {
      const isLast = index === members.length - 1
      lines.push(`${isLast ? '└─ ' : '├─ '}${label(server)}`)
      show(server, isLast ? '   ' : '│  ', new Set())
    })
  }
  return [...lines, ...loopLines(servers, sources), ...missingLines(servers)]
}

/** The server that is followed, or words for where the time comes from. */
function headingOf(server: ClockServer, source: Source | undefined): ClockServer | string {
  switch (source?.kind) {
    case 'server':
      return source.upstream
    case 'same':
      return source.daemon
    case 'one-of':
      return `one of ${source.upstreams.map(({ name }) => name).join(', ')}`
    case 'unproved':
      return `${source.address} (perhaps a server of the fleet)`
    case 'elsewhere':
      return `${source.refid} (not in the fleet)`
    case 'local':
    case 'own':
      return ownHeading(server, source.kind)
    case 'unknown':
    case undefined:
      return 'source not known'
  }
}

function ownHeading({ swept: { result } }: ClockServer, kind: 'local' | 'own'): string {
  if (!result.ok || result.value.refid === '') return 'own clock'
  const { refid } = result.value
  return kind === 'local' ? `own clock (${refid})` : `${refid} (reference clock)`
}

function loopLines(
  servers: readonly ClockServer[],
  sources: ReadonlyMap<ClockServer, Source>,
): string[] {
  const loops = new Map<string, string>()
  for (const server of servers) {
    const { loop } = chainOf(server, sources)
    const key = loop.toSorted().join(' ')
    if (loop.length > 0 && !loops.has(key)) {
      loops.set(key, `loop: ${[...loop, loop[0] ?? ''].join(' → ')}`)
    }
  }
  return [...loops.values()]
}

/** Configured upstreams that were asked and gave no time. */
function missingLines(servers: readonly ClockServer[]): string[] {
  return servers.flatMap((server) => {
    const silent = servers.filter(
      ({ addresses, swept }) =>
        !swept.result.ok && server.upstreams.some(({ address }) => addresses.includes(address)),
    )
    return silent.map(({ name }) => `missing upstream: ${server.name} should follow ${name}`)
  })
}
