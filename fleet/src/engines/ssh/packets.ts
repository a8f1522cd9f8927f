/**
 * What is said on the socket of a shared connection, as bytes: PROTOCOL.mux of OpenSSH up to the
 * request for proxy mode, and from there messages of the SSH connection protocol (RFC 4254), not
 * encrypted. Both are frames with a length of four bytes before them. Pure.
 */

/** A message to this side's only channel, or the answer to the request for one. */
export type ChannelMessage =
  | { readonly type: 'opened'; readonly id: number; readonly window: number }
  | { readonly type: 'refused' | 'granted' | 'failed' | 'eof' | 'close' | 'other' }
  | { readonly type: 'window'; readonly bytes: number }
  | { readonly type: 'stdout' | 'stderr'; readonly data: Buffer }
  | { readonly type: 'exit-status'; readonly code: number }
  | { readonly type: 'exit-signal'; readonly signal: string }

const hello = 0x0000_0001
const askProxy = 0x1000_000f
const isProxy = 0x8000_000f
const muxVersion = 4

/** What a client says first: who it is, and that it will speak to the server by itself. */
export const greeting: Buffer = Buffer.concat([
  frame(uint32(hello), uint32(muxVersion)),
  frame(uint32(askProxy), uint32(0)),
])

/** Whether the master greets, in a version that is known. */
export function isHello(received: Buffer): boolean {
  const [type, version] = [numberAt(received, 0), numberAt(received, 4)]
  return type === hello && version === muxVersion
}

/** Whether the master is ready to carry messages of the connection protocol. */
export function isProxyGranted(received: Buffer): boolean {
  return numberAt(received, 0) === isProxy
}

/** Asks for a session; the master keeps channels of several clients apart. RFC 4254 §6.1. */
export function openSession(window: number, most: number): Buffer {
  return message(90, text('session'), uint32(0), uint32(window), uint32(most))
}

/** Asks that a command is run, and for an answer. RFC 4254 §6.5. */
export function execute(id: number, command: string): Buffer {
  return message(98, uint32(id), text('exec'), Buffer.of(1), text(command))
}

export function adjustWindow(id: number, bytes: number): Buffer {
  return message(93, uint32(id), uint32(bytes))
}

export function sendData(id: number, data: Uint8Array): Buffer {
  return message(94, uint32(id), uint32(data.length), data)
}

export function sendEof(id: number): Buffer {
  return message(96, uint32(id))
}

export function sendClose(id: number): Buffer {
  return message(97, uint32(id))
}

/** `null` when a message ends before it should. RFC 4254 §5 and §6.10; the device chooses the bytes. */
export function readMessage(received: Buffer): ChannelMessage | null {
  const type = received[1]
  // After the type comes the number of our channel, which is the only one.
  const body = received.subarray(6)
  if (type === undefined || received.length < 6) return null
  const bare = withoutBody[type]
  if (bare !== undefined) return { type: bare }
  switch (type) {
    case 91:
      return readOpened(body)
    case 93:
      return body.length < 4 ? null : { type: 'window', bytes: body.readUInt32BE(0) }
    case 94:
      return readData('stdout', body)
    case 95:
      return readData('stderr', body.subarray(4))
    case 98:
      return readRequest(body)
    default:
      return { type: 'other' }
  }
}

const withoutBody: Readonly<Record<number, 'refused' | 'eof' | 'close' | 'granted' | 'failed'>> = {
  92: 'refused',
  96: 'eof',
  97: 'close',
  99: 'granted',
  100: 'failed',
}

function readOpened(body: Buffer): ChannelMessage | null {
  if (body.length < 8) return null
  return { type: 'opened', id: body.readUInt32BE(0), window: body.readUInt32BE(4) }
}

function readData(type: 'stdout' | 'stderr', body: Buffer): ChannelMessage | null {
  const data = stringAt(body, 0)
  return data === null ? null : { type, data }
}

/** Keepalives (`keepalive@openssh.com`) are the master's to answer, and do not come here. */
function readRequest(body: Buffer): ChannelMessage | null {
  const name = stringAt(body, 0)
  if (name === null) return null
  const rest = body.subarray(4 + name.length + 1)
  if (name.equals(Buffer.from('exit-status'))) {
    return rest.length < 4 ? null : { type: 'exit-status', code: rest.readUInt32BE(0) }
  }
  if (!name.equals(Buffer.from('exit-signal'))) return { type: 'other' }
  const signal = stringAt(rest, 0)
  return signal === null ? null : { type: 'exit-signal', signal: signal.toString('latin1') }
}

/** ssh takes no packet above 256 KiB (packet.c, PACKET_MAX_SIZE); the master passes on what it took. */
const mostFrameBytes = 256 * 1024

/** Cuts what comes into frames, without their lengths; `null` when one is larger than any can be. */
export function frameReader(): (chunk: Buffer) => readonly Buffer[] | null {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Buffer[] = []
    for (;;) {
      const length = numberAt(rest, 0)
      if (length === null) return frames
      if (length > mostFrameBytes) return null
      if (rest.length < 4 + length) return frames
      frames.push(rest.subarray(4, 4 + length))
      rest = rest.subarray(4 + length)
    }
  }
}

function message(type: number, ...fields: readonly Uint8Array[]): Buffer {
  return frame(Buffer.of(0, type), ...fields)
}

function frame(...fields: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(fields)
  return Buffer.concat([uint32(body.length), body])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function numberAt(bytes: Buffer, at: number): number | null {
  return bytes.length < at + 4 ? null : bytes.readUInt32BE(at)
}

function stringAt(bytes: Buffer, at: number): Buffer | null {
  const length = numberAt(bytes, at)
  if (length === null || bytes.length < at + 4 + length) return null
  return bytes.subarray(at + 4, at + 4 + length)
}
