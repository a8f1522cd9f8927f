/**
 * NTP control messages ("mode 6", what ntpq speaks): the 12-byte header and one fragment of data.
 * Pure. Layout: RFC 9327 §2, which describes what RFC 1305 Appendix B began and ntpd does.
 */

/** The read-only operations. The others change the daemon and are left out on purpose. */
export const controlOpcodes = { readStatus: 1, readVariables: 2, readClock: 4 } as const

/** What to ask. */
export interface ControlRequest {
  /** One of `controlOpcodes`. */
  readonly opcode: number
  /** 0..65535, chosen anew for every request so that a late answer is not mistaken for this one. */
  readonly sequence: number
  /** 0 is the system; others are association ids as `readStatus` lists them. */
  readonly association: number
  /** Names separated by commas; empty asks for everything, which ntpsec answers with stray bytes. */
  readonly data: string
}

/** One datagram of an answer. An answer larger than about 470 bytes comes in several. */
export interface ControlFragment {
  readonly opcode: number
  readonly sequence: number
  readonly isError: boolean
  readonly hasMore: boolean
  /** System, peer or clock status word; in an error the code is its high byte. */
  readonly status: number
  readonly association: number
  /** Where `data` belongs in the whole answer, in bytes. */
  readonly offset: number
  readonly data: Uint8Array
}

const headerBytes = 12
const modeMask = 0x07
const controlMode = 6
/** Leap 0, version 2, mode 6: the byte that ntpq sends and every ntpd accepts. */
const requestByte = 0x16
const flag = { response: 0x80, error: 0x40, more: 0x20 } as const
const opcodeMask = 0x1f

/** The bytes of a request, zero-padded to a multiple of four. Pure; `data` is sent as latin1. */
export function encodeRequest(request: ControlRequest): Uint8Array {
  const data = Buffer.from(request.data, 'latin1')
  const bytes = Buffer.alloc(headerBytes + Math.ceil(data.length / 4) * 4)
  bytes[0] = requestByte
  bytes[1] = request.opcode & opcodeMask
  bytes.writeUInt16BE(request.sequence & 0xffff, 2)
  bytes.writeUInt16BE(request.association & 0xffff, 6)
  bytes.writeUInt16BE(data.length, 10)
  data.copy(bytes, headerBytes)
  return bytes
}

/**
 * Reads one datagram of an answer. `null` when it is not an answer in mode 6 or claims more data
 * than it has; never throws.
 */
export function decodeFragment(datagram: Uint8Array): ControlFragment | null {
  if (datagram.length < headerBytes) return null
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
  const flags = view.getUint8(1)
  const isAnswer = (view.getUint8(0) & modeMask) === controlMode && (flags & flag.response) !== 0
  const count = view.getUint16(10)
  if (!isAnswer || count > datagram.length - headerBytes) return null
  return {
    opcode: flags & opcodeMask,
    sequence: view.getUint16(2),
    isError: (flags & flag.error) !== 0,
    hasMore: (flags & flag.more) !== 0,
    status: view.getUint16(4),
    association: view.getUint16(6),
    offset: view.getUint16(8),
    data: new Uint8Array(datagram.subarray(headerBytes, headerBytes + count)),
  }
}
