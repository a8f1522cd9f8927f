/** The status words of control messages. Pure. RFC 9327 §3, and ntpq's billboard for the tallies. */

/** What the selection algorithm did with a peer, in the order of its codes 0..7. */
export const selections = [
  'reject',
  'falsetick',
  'excess',
  'outlier',
  'candidate',
  'backup',
  'sys.peer',
  'pps.peer',
] as const

export type Selection = (typeof selections)[number]

/** The first column of `ntpq -p`. Both `*` and `o` say that the daemon follows this peer. */
export const tallies = {
  reject: ' ',
  falsetick: 'x',
  excess: '.',
  outlier: '-',
  candidate: '+',
  backup: '#',
  'sys.peer': '*',
  'pps.peer': 'o',
} as const satisfies Record<Selection, string>

export type Tally = (typeof tallies)[Selection]

/** System status word. `source` and `event` are the codes of RFC 9327 §3.1. */
export interface SystemStatus {
  readonly leap: 0 | 1 | 2 | 3
  readonly source: number
  readonly eventCount: number
  readonly event: number
}

/** Peer status word. `event` is the code of RFC 9327 §3.2. */
export interface PeerStatus {
  readonly isConfigured: boolean
  readonly isAuthenticationOn: boolean
  readonly isAuthentic: boolean
  readonly isReachable: boolean
  readonly selection: Selection
  readonly tally: Tally
  readonly eventCount: number
  readonly event: number
}

/** Every number from 0 to 3 as what it is; others are a caller's bug and read as 3, "alarm". */
export function leapOf(code: number): 0 | 1 | 2 | 3 {
  return code === 0 || code === 1 || code === 2 ? code : 3
}

/** Total over all 16-bit words. */
export function decodeSystemStatus(word: number): SystemStatus {
  return {
    leap: leapOf((word >> 14) & 3),
    source: (word >> 8) & 0x3f,
    eventCount: (word >> 4) & 0xf,
    event: word & 0xf,
  }
}

/** Total over all 16-bit words. */
export function decodePeerStatus(word: number): PeerStatus {
  const selection = selections[(word >> 8) & 7] ?? 'reject'
  return {
    isConfigured: (word & 0x8000) !== 0,
    isAuthenticationOn: (word & 0x4000) !== 0,
    isAuthentic: (word & 0x2000) !== 0,
    isReachable: (word & 0x1000) !== 0,
    selection,
    tally: tallies[selection],
    eventCount: (word >> 4) & 0xf,
    event: word & 0xf,
  }
}

/** Association ids and peer status words, as `readStatus` of association 0 lists them. */
export function decodeAssociations(
  data: Uint8Array,
): { readonly association: number; readonly status: number }[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Array.from({ length: Math.floor(data.length / 4) }, (_, index) => ({
    association: view.getUint16(index * 4),
    status: view.getUint16(index * 4 + 2),
  }))
}
