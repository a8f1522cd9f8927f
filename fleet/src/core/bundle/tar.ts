/**
 * A ustar archive of plain files (POSIX.1-1988, pax(1) "ustar Interchange Format"), made in memory:
 * bundles are a few kilobytes, and the same entries must give the same bytes.
 */

export interface TarEntry {
  /** Relative, at most 100 bytes. */
  readonly path: string
  readonly content: Uint8Array
}

const block = 512

export function encodeTar(entries: readonly TarEntry[]): Uint8Array {
  const parts = entries.flatMap(({ path, content }) => [
    header(path, content.length),
    content,
    new Uint8Array((block - (content.length % block)) % block),
  ])
  parts.push(new Uint8Array(2 * block))
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** Owner, group and time are zero: the device takes none of them from the archive. */
function header(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(block)
  const put = (offset: number, text: string): void => bytes.set(encoder.encode(text), offset)
  put(0, path)
  put(100, '0000600\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(148, '        ')
  put(156, '0')
  put(257, 'ustar\x0000')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return bytes
}

const encoder = new TextEncoder()
