/**
 * What the daemons' own programs print, read as the states that the control protocol gives. Pure.
 * ntpq: `raw`, `rv 0 …`, `cooked`, `peers` of ntpsec 1.2.2; chronyc: `-c` (fields between commas) of
 * chrony 4.3, chronyc(1).
 */
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { formatRefid } from '../ntp/refid.ts'
import { readSystemState } from './state.ts'
import { bestPeers } from './best-peers.ts'
import type { PeersRead, PeerState, SystemState } from './state.ts'
import { selections, tallies } from './status.ts'
import type { PeerStatus, Selection } from './status.ts'
import { parseVariables } from './variables.ts'

/** System and peers of one daemon. */
export interface DaemonState extends PeersRead {
  readonly system: SystemState
}

/** Reads ntpq's output. Fails with a sentence when there are no system variables in it. */
export function parseNtpq(text: string): Result<DaemonState, string> {
  const lines = text.split('\n')
  const header = lines.findIndex((line) => /^\s+remote\s+refid\s/.test(line))
  const end = header === -1 ? lines.length : header
  const modeLine = /^Output set to \w+$/
  const variables = lines.slice(0, end).filter((line) => !modeLine.test(line.trim()))
  // Each answer begins on a line of its own, and only within one there are commas at the ends.
  const values = parseVariables(Buffer.from(variables.join(','), 'latin1'))
  const leap = Number(values.get('leap'))
  if (!values.has('leap') || !values.has('stratum')) {
    return fail('ntpq did not tell the system variables')
  }
  const rows = joinWrapped(lines.slice(end + 2))
  const system = readSystemState((leap & 3) << 14, values)
  return ok({ system, ...best(rows.flatMap(ntpqPeer)) })
}

/** A name that is too long for its column stands on a line of its own. */
function joinWrapped(lines: readonly string[]): string[] {
  const rows: string[] = []
  let name: string | null = null
  for (const line of lines) {
    if (line.trim() === '') continue
    if (name === null && /^.\S+\s*$/.test(line)) {
      name = line.trimEnd()
      continue
    }
    rows.push(name === null ? line : `${name} ${line.trim()}`)
    name = null
  }
  return rows
}

const driverTypes = new Map([
  ['LOCAL', 1],
  ['GENERIC', 8],
  ['NMEA', 20],
  ['PPS', 22],
  ['SHM', 28],
  ['GPSD', 46],
])

function ntpqPeer(line: string, index: number): PeerState[] {
  const selection = selections.find((each) => tallies[each] === line[0])
  const fields = line.slice(1).trim().split(/\s+/)
  const at = (column: number): string => fields[column] ?? ''
  if (selection === undefined || fields.length < 10 || at(1) === '.POOL.') return []
  return [
    {
      association: index + 1,
      status: peerStatus(selection, at(6) !== '0'),
      address: addressOf(at(0)),
      name: at(0),
      stratum: countOf(at(2), 10),
      reach: countOf(at(6), 8),
      delayMs: decimalOf(at(7)),
      offsetMs: decimalOf(at(8)),
      jitterMs: decimalOf(at(9)),
      refid: at(1).replace(/^\.(.*)\.$/, '$1'),
    },
  ]
}

/** ntpq writes `SHM(0)` where the control protocol says 127.127.28.0. */
function addressOf(name: string): string {
  const [, driver = '', unit = ''] = /^([A-Z]+)\((\d{1,3})\)$/.exec(name) ?? []
  const type = driverTypes.get(driver)
  return type === undefined ? name : `127.127.${type}.${unit}`
}

/** What chronyc prints with `-n -c`. `ntpdata` is only for root and chrony's user; '' without it. */
export interface ChronycOutput {
  readonly tracking: string
  readonly sources: string
  readonly ntpdata: string
}

/** Offsets are turned round: chrony says by how much this clock is ahead, ntpd by how much behind. */
export function parseChronyc(
  { tracking, sources, ntpdata }: ChronycOutput,
  nowSeconds: number,
): Result<DaemonState, string> {
  const fields = tracking.trim().split(',')
  if (fields.length < 14) return fail('chronyc did not tell its tracking')
  const refids = chronyRefids(ntpdata)
  const peers = sources
    .split('\n')
    .flatMap(chronyPeer)
    .map((peer) => ({ ...peer, refid: peer.refid ?? refids.get(peer.address) ?? null }))
  const reference = fields[0] === '7F7F0101' ? 'LOCL' : (textOf(fields[1]) ?? refidOf(fields[0]))
  return ok({ system: chronySystem(fields, reference, nowSeconds), ...best(peers) })
}

const leaps = new Map<string, 0 | 1 | 2 | 3>([
  ['Normal', 0],
  ['Insert second', 1],
  ['Delete second', 2],
  ['Not synchronised', 3],
])

function chronySystem(
  fields: readonly string[],
  refid: string | null,
  nowSeconds: number,
): SystemState {
  const seconds = (index: number): number | null => decimalOf(fields[index] ?? '')
  const ms = (index: number): number | null => scaled(seconds(index), 1000)
  const leap = leaps.get(fields[13] ?? '') ?? null
  const referenceSeconds = seconds(3) || null
  const correctionMs = ms(4)
  const [rootDelayMs, rootDispersionMs] = [ms(10), ms(11)]
  return {
    status: { leap: leap ?? 3, source: 6, eventCount: 0, event: 0 },
    leap,
    stratum: countOf(fields[2] ?? '', 10),
    rootDelayMs,
    rootDispersionMs,
    // chrony.conf(5): the bound is |correction| + dispersion + delay / 2.
    rootDistanceMs:
      rootDelayMs === null || rootDispersionMs === null || correctionMs === null
        ? null
        : rootDelayMs / 2 + rootDispersionMs + Math.abs(correctionMs),
    refid,
    referenceAgeSeconds: referenceSeconds === null ? null : nowSeconds - referenceSeconds,
    peerAssociation: null,
    pollExponent: pollExponentOf(seconds(12)),
    offsetMs: correctionMs,
    frequencyPpm: scaled(seconds(7), -1),
    jitterMs: ms(6),
    version: null,
    uptimeSeconds: null,
    leapListExpiresAtSeconds: null,
  }
}

const chronySelections = new Map<string, Selection>([
  ['*', 'sys.peer'],
  ['+', 'candidate'],
  ['-', 'outlier'],
  ['x', 'falsetick'],
  ['~', 'reject'],
  ['?', 'reject'],
])

function chronyPeer(line: string, index: number): PeerState[] {
  const fields = line.trim().split(',')
  const at = (column: number): string => fields[column] ?? ''
  const selection = chronySelections.get(at(1))
  const address = at(2)
  // A pool's source without an address yet is no peer: chronyc writes ID#0000000001.
  const isPeer = address !== '' && !address.startsWith('ID#')
  if (fields.length < 10 || selection === undefined || !isPeer) return []
  const isHeard = at(5) !== '0'
  return [
    {
      association: index + 1,
      status: peerStatus(selection, isHeard),
      address,
      name: address,
      stratum: countOf(at(3), 10),
      reach: countOf(at(5), 8),
      offsetMs: isHeard ? scaled(decimalOf(at(7)), -1000) : null,
      delayMs: null,
      jitterMs: isHeard ? scaled(decimalOf(at(9)), 1000) : null,
      // A local reference clock has its refid where others have their address.
      refid: at(0) === '#' ? address : null,
    },
  ]
}

/** Whom each source follows itself, by the source's address. */
function chronyRefids(ntpdata: string): ReadonlyMap<string, string> {
  const refids = new Map<string, string>()
  for (const line of ntpdata.split('\n')) {
    const fields = line.trim().split(',')
    const [address = '', stratum, hex = ''] = [fields[0], countOf(fields[8] ?? '', 10), fields[15]]
    if (stratum === null || !/^[0-9A-F]{8}$/.test(hex) || hex === '00000000') continue
    refids.set(address, formatRefid(Number.parseInt(hex, 16), stratum))
  }
  return refids
}

function best(listed: readonly PeerState[]): PeersRead {
  const { best: peers, left: unreadPeers } = bestPeers(listed, ({ status }) => status.selection)
  return { peers, unreadPeers }
}

function peerStatus(selection: Selection, isReachable: boolean): PeerStatus {
  return {
    isConfigured: true,
    isAuthenticationOn: false,
    isAuthentic: false,
    isReachable,
    selection,
    tally: tallies[selection],
    eventCount: 0,
    event: 0,
  }
}

/** Four ASCII characters in hexadecimal; `null` when nothing is followed. */
function refidOf(hex: string | undefined): string | null {
  if (hex === undefined || !/^[0-9A-F]{8}$/.test(hex) || hex === '00000000') return null
  const text = Buffer.from(hex, 'hex').toString('latin1').replaceAll('\0', '')
  return /^[ -~]+$/.test(text) ? text : hex
}

function pollExponentOf(seconds: number | null): number | null {
  return seconds === null || seconds < 1 ? null : Math.ceil(Math.log2(seconds))
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor
}

function decimalOf(text: string): number | null {
  return /^[+-]?\d{1,15}(\.\d{1,12})?$/.test(text) ? Number(text) : null
}

function countOf(text: string, base: 8 | 10): number | null {
  const isCount = base === 8 ? /^[0-7]{1,6}$/.test(text) : /^\d{1,6}$/.test(text)
  return isCount ? Number.parseInt(text, base) : null
}

function textOf(text: string | undefined): string | null {
  return text === undefined || !/^[!-~]{1,255}$/.test(text) ? null : text
}
