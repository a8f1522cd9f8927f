/**
 * Message authentication codes of NTP packets with symmetric keys (RFC 5905 section 7.3 and
 * RFC 8573), as ntpsec makes them: key id, then the digest, after the header.
 */
import { createCipheriv, createHash, timingSafeEqual } from 'node:crypto'
import { packetBytes } from '../ntp/packet.ts'

/** One line of `ntp.keys`. AES is AES-128-CMAC; SHA1 is over key and header. */
export interface SymmetricKey {
  /** 1 to 65535. */
  readonly id: number
  readonly algorithm: 'AES' | 'SHA1'
  /** 16 bytes for AES. */
  readonly secret: Uint8Array
}

const keyIdBytes = 4

/** The packet with its code at the end. */
export function signPacket(packet: Uint8Array, key: SymmetricKey): Uint8Array {
  const code = codeOf(packet, key)
  const signed = Buffer.alloc(packet.byteLength + keyIdBytes + code.byteLength)
  signed.set(packet)
  signed.writeUInt32BE(key.id, packet.byteLength)
  signed.set(code, packet.byteLength + keyIdBytes)
  return signed
}

/** Whether a datagram is a bare header that was signed with `key`; anything else is not. */
export function isSignedWith(datagram: Uint8Array, key: SymmetricKey): boolean {
  const header = datagram.subarray(0, packetBytes)
  const trailer = Buffer.from(datagram.subarray(packetBytes))
  const code = codeOf(header, key)
  if (trailer.byteLength !== keyIdBytes + code.byteLength) return false
  if (trailer.readUInt32BE(0) !== key.id) return false
  return timingSafeEqual(trailer.subarray(keyIdBytes), code)
}

function codeOf(message: Uint8Array, { algorithm, secret }: SymmetricKey): Uint8Array {
  switch (algorithm) {
    case 'SHA1':
      return createHash('sha1').update(secret).update(message).digest()
    case 'AES':
      return aesCmac(secret, message)
  }
}

const blockBytes = 16

/** AES-128-CMAC (RFC 4493). Throws when the secret has not 16 bytes. */
export function aesCmac(secret: Uint8Array, message: Uint8Array): Uint8Array {
  const first = doubled(encryptBlocks(secret, Buffer.alloc(blockBytes)))
  const blocks = Math.max(1, Math.ceil(message.byteLength / blockBytes))
  const padded = Buffer.alloc(blocks * blockBytes)
  padded.set(message)
  const isWhole = message.byteLength === padded.byteLength
  if (!isWhole) padded[message.byteLength] = 0x80
  const subkey = isWhole ? first : doubled(first)
  const start = padded.byteLength - blockBytes
  subkey.forEach((byte, index) => {
    padded[start + index] = (padded[start + index] ?? 0) ^ byte
  })
  return encryptBlocks(secret, padded).subarray(start)
}

/** CBC without an initial vector: each block is chained to the one before it. */
function encryptBlocks(secret: Uint8Array, blocks: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', secret, Buffer.alloc(blockBytes))
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(blocks), cipher.final()])
}

/** Multiplication by x in GF(2^128): RFC 4493 section 2.3. */
function doubled(block: Uint8Array): Buffer {
  const value = BigInt(`0x${Buffer.from(block).toString('hex')}`)
  const shifted = BigInt.asUintN(128, value << 1n) ^ (value >> 127n === 1n ? 0x87n : 0n)
  return Buffer.from(shifted.toString(16).padStart(32, '0'), 'hex')
}
