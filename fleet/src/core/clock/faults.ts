/** What is wrong with one server, by name. Each rule is asked once; several can hold at a time. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { scaleSeconds } from '../table.ts'
import { bad, warn, type FaultFinding, type FaultInput } from './fault-input.ts'
import { leapRule, leapAnnouncementRule } from './leap-faults.ts'
import { clockFaults, type ClockFault, type ClockFaultName } from './server.ts'

const rules = {
  falseticker: falsetickerRule,
  'week-rollover': weekRolloverRule,
  'claims-sync': claimsSyncRule,
  offset: offsetRule,
  unsynchronised: unsynchronisedRule,
  kiss: kissRule,
  'wrong-source': wrongSourceRule,
  'no-answer': noAnswerRule,
  invalid: invalidRule,
  loop: loopRule,
  'local-reference': localReferenceRule,
  contradiction: contradictionRule,
  'unproved-source': unprovedSourceRule,
  'same-daemon': sameDaemonRule,
  'stratum-jump': stratumJumpRule,
  holdover: holdoverRule,
  'leap-differs': leapRule,
  'leap-announcement': leapAnnouncementRule,
  'packet-loss': packetLossRule,
} as const satisfies Record<ClockFaultName, (input: FaultInput) => FaultFinding>

/** Worst first, and in the order of `clockFaults`. */
export function faultsOf(input: FaultInput): ClockFault[] {
  const found = clockFaults.flatMap((fault): ClockFault[] => {
    const finding = rules[fault](input)
    return finding === null ? [] : [{ fault, ...finding }]
  })
  return [
    ...found.filter(({ level }) => level === 'bad'),
    ...found.filter(({ level }) => level === 'warn'),
  ]
}

/** `+50.1 ms ± 400 µs`. */
export function placeText(offsetSeconds: number, errorSeconds: number): string {
  const sign = offsetSeconds > 0 ? '+' : ''
  return `${sign}${scaleSeconds(offsetSeconds)} ± ${scaleSeconds(errorSeconds)}`
}

function falsetickerRule({ verdict, offsetSeconds, errorSeconds }: FaultInput): FaultFinding {
  if (verdict !== 'falseticker' || offsetSeconds === null || errorSeconds === null) return null
  return bad(`off by ${placeText(offsetSeconds, errorSeconds)}: more than its error bound`)
}

const weekSeconds = 604_800
const gpsEpochWeeks = 1_024
const daySeconds = 86_400

/** A receiver that takes the 10-bit week number for another epoch is off by 1024 weeks. */
function weekRolloverRule({ offsetSeconds, time }: FaultInput): FaultFinding {
  if (offsetSeconds === null) return null
  const weeks = rolledWeeks(offsetSeconds)
  if (weeks === 0) return null
  const text = `GPS week rollover: off by ${weeks} weeks`
  return time.kind === 'decided' ? bad(text) : warn(`${text}, or this machine's clock is`)
}

/** A multiple of 1024 when the offset is one, within a day; else 0. */
export function rolledWeeks(offsetSeconds: number): number {
  const epochs = Math.round(offsetSeconds / (gpsEpochWeeks * weekSeconds))
  const rest = offsetSeconds - epochs * gpsEpochWeeks * weekSeconds
  return epochs === 0 || Math.abs(rest) > daySeconds ? 0 : epochs * gpsEpochWeeks
}

/**
 * Every answer that is not an alarm offers itself as the time. While that is undecided an offset is to
 * this machine's clock, and proves nothing.
 */
function claimsSyncRule(input: FaultInput): FaultFinding {
  const { offsetSeconds, errorSeconds, time, options } = input
  if (time.kind !== 'decided' || offsetSeconds === null || errorSeconds === null) return null
  const isProved = Math.abs(offsetSeconds) - errorSeconds > options.maxOffsetMs / 1000
  if (!isProved) return null
  const limit = `limit ${options.maxOffsetMs} ms`
  return bad(`reports itself synchronised, but is off by ${scaleSeconds(offsetSeconds)} (${limit})`)
}

/** From where on an offset is worth a word, and a stop, where the fleet's time is known. */
const offsetLimits = {
  stratum1: { warnSeconds: 0.002, badSeconds: 0.01 },
  stratum2: { warnSeconds: 0.005, badSeconds: 0.05 },
} as const

/** For what is within the error bound that the server claims, and still more than it should be. */
function offsetRule(input: FaultInput): FaultFinding {
  const { server, verdict, offsetSeconds, errorSeconds, time } = input
  if (verdict !== 'truechimer' || time.kind !== 'decided') return null
  if (offsetSeconds === null || errorSeconds === null) return null
  const { warnSeconds, badSeconds } = offsetLimits[server.role ?? 'stratum2']
  const provedSeconds = Math.abs(offsetSeconds) - errorSeconds
  if (provedSeconds <= warnSeconds) return null
  const text = `off by ${placeText(offsetSeconds, errorSeconds)}, within its wide error bound`
  return provedSeconds > badSeconds ? bad(text) : warn(text)
}

function unsynchronisedRule({ server }: FaultInput): FaultFinding {
  const said = server.swept.unsynchronised
  if (said === null) return null
  const refid = said.refid === '' ? '' : `, ${said.refid}`
  return said.leap === 3
    ? bad(`says it is not synchronised (leap 3, stratum ${said.stratum}${refid})`)
    : bad(`has no time to give (stratum ${said.stratum}${refid})`)
}

const kissWords: ReadonlyMap<string, string> = new Map([
  ['RATE', 'we ask too often'],
  ['DENY', 'access is denied'],
  ['RSTR', 'access is restricted'],
])

/** One that gave time before it asked us to come less often is no worse for it. */
function kissRule({ server }: FaultInput): FaultFinding {
  const { kiss, result, sent } = server.swept
  if (kiss === null) return null
  // Not asked now, for what it said earlier: the failure says what, and what to do.
  if (!result.ok && sent === 0) return bad(result.failure.detail)
  return result.ok ? warn(kissText(kiss)) : bad(kissText(kiss))
}

function kissText(code: string): string {
  return `kiss-o'-death ${code}: ${kissWords.get(code) ?? 'it refuses us'}`
}

function wrongSourceRule({ server }: FaultInput): FaultFinding {
  const { stranger } = server.swept
  return stranger === null ? null : bad(`answers from ${stranger}, not from the address asked`)
}

function noAnswerRule({ server }: FaultInput): FaultFinding {
  const { result, kiss, stranger, unsynchronised } = server.swept
  if (result.ok || kiss !== null || stranger !== null || unsynchronised !== null) return null
  return result.failure.code === 'bogus' ? null : bad(result.failure.detail)
}

function invalidRule({ server, verdict }: FaultInput): FaultFinding {
  const { result } = server.swept
  if (verdict !== 'invalid') return null
  if (!result.ok) return result.failure.code === 'bogus' ? bad(result.failure.detail) : null
  const distance = scaleSeconds(result.value.rootDistanceSeconds)
  return bad(`root distance ${distance}: clients reject it`)
}

function loopRule({ server, chain: { loop } }: FaultInput): FaultFinding {
  if (loop.length === 0) return null
  const circle = [...loop, loop[0] ?? ''].join(' → ')
  return loop.includes(server.name)
    ? bad(`upstream loop: ${circle}`)
    : bad(`follows an upstream loop: ${circle}`)
}

function localReferenceRule({ server, chain }: FaultInput): FaultFinding {
  if (chain.end.kind !== 'local') return null
  const { result } = chain.root.swept
  const own = `follows only its own clock (${result.ok ? result.value.refid : '?'})`
  return bad(chain.root === server ? own : `follows ${chain.root.name}, which ${own}`)
}

const namedRivals = 3

function contradictionRule({ contradicts }: FaultInput): FaultFinding {
  if (contradicts.length === 0) return null
  const named = contradicts.slice(0, namedRivals)
  const more = contradicts.length > namedRivals ? [`${contradicts.length - namedRivals} more`] : []
  return warn(`contradicts ${[...named, ...more].join(', ')}, and nobody can tell who is wrong`)
}

function unprovedSourceRule({ chain: { end, root }, server }: FaultInput): FaultFinding {
  if (end.kind !== 'unproved') return null
  if (root !== server) return warn(`follows ${root.name}, which has no vote`)
  return warn(
    `has no vote: ${end.address}, which it follows, may be another address of a server of the fleet (if it is another clock, name it in clock.references)`,
  )
}

/** Two that are one by their reference timestamps, or because they are asked at one address. */
function sameDaemonRule({ source }: FaultInput): FaultFinding {
  if (source.kind !== 'same') return null
  return warn(`is the same daemon as ${source.daemon.name}: together they are one vote`)
}

function stratumJumpRule({ server }: FaultInput): FaultFinding {
  const { result } = server.swept
  const before = server.previous?.stratum ?? null
  if (!result.ok) return null
  const { stratum } = result.value
  if (before !== null && before !== stratum)
    return warn(`stratum went from ${before} to ${stratum}`)
  if (server.role !== 'stratum1' || stratum === 1) return null
  return warn(`stratum ${stratum}: it should be 1, its reference clock is lost`)
}

/** ntpd polls a reference clock every 16 to 64 s, an upstream at most every 1024 s. */
const freshSeconds = { stratum1: 300, others: 4_200 } as const

/** Its clock was not set for long: it runs on alone, and its error grows by 15 µs every second. */
function holdoverRule({ server }: FaultInput): FaultFinding {
  const { result } = server.swept
  if (!result.ok || result.value.referenceAgeSeconds === null) return null
  const { referenceAgeSeconds: ageSeconds, rootDispersionSeconds, stratum } = result.value
  if (ageSeconds <= (stratum === 1 ? freshSeconds.stratum1 : freshSeconds.others)) return null
  const before = server.previous?.rootDispersionSeconds ?? null
  const error = scaleSeconds(rootDispersionSeconds)
  const isGrown = before !== null && rootDispersionSeconds > before
  const growth = isGrown ? `, was ${scaleSeconds(before)}` : ''
  return warn(
    `holdover: not set for ${formatSpan(ageSeconds * 1000)}, its error grows (${error}${growth})`,
  )
}

function packetLossRule({ server }: FaultInput): FaultFinding {
  const { sent, lost, kiss } = server.swept
  return lost === 0 || kiss !== null ? null : warn(`lost ${lost} of ${sent} packets`)
}
