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
    tarHeader({ ...owner, path, sizeBytes: content.length }),
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
const owner = { mode: 0o600, user: 0, group: 0, modifiedUnixSeconds: 0 } as const

/** What stands before the content of a file. */
export interface TarHeader {
  /** Relative; at most 100 bytes, or 255 where a `/` parts it into 155 and 100. */
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  readonly user: number
  readonly group: number
  readonly sizeBytes: number
  readonly modifiedUnixSeconds: number
}

/** Throws for a path that does not fit: whoever makes an archive has looked. */
export function tarHeader(file: TarHeader): Uint8Array {
  const bytes = new Uint8Array(block)
  const put = (offset: number, text: string): void => bytes.set(encoder.encode(text), offset)
  const [prefix, name] = partPath(file.path)
  put(0, name)
  put(100, octal(file.mode & 0o7777, 7))
  put(108, octal(file.user, 7))
  put(116, octal(file.group, 7))
  put(124, octal(file.sizeBytes, 11))
  put(136, octal(file.modifiedUnixSeconds, 11))
  put(148, '        ')
  put(156, '0')
  put(257, 'ustar\x0000')
  put(345, prefix)
  let sum = 0
  for (const byte of bytes) sum += byte
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return bytes
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`
}

function partPath(path: string): readonly [prefix: string, name: string] {
  if (encoder.encode(path).length <= 100) return ['', path]
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (encoder.encode(name).length <= 100 && encoder.encode(prefix).length <= 155) {
      return [prefix, name]
    }
  }
  throw new Error('a path does not fit into an archive')
}

const encoder = new TextEncoder()
