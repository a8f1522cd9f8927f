/**
 * Reads an archive of plain files as it comes (POSIX.1-1988, pax(1) "ustar Interchange Format"). What
 * a device or a repository gives is not trusted: whatever could lead out of the folder that it is
 * unpacked to, or could be read in two ways, is refused with the member's name. Holds one header;
 * links, folders, devices, sparse files and extended headers do not exist here.
 */
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'

export interface Member {
  /** Relative, of normal parts only. */
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  readonly user: number
  readonly group: number
  readonly sizeBytes: number
  readonly modifiedUnixSeconds: number
}

export type ArchiveEvent =
  | { readonly kind: 'member'; readonly member: Member }
  /** A part of the content of the last member; memory of the chunk that was pushed. */
  | { readonly kind: 'content'; readonly bytes: Uint8Array }

export interface ArchiveFault {
  /** Printable; `null`: it is none of a member. */
  readonly member: string | null
  readonly what: string
}

/** `drift: is a link`. */
export function faultText({ member, what }: ArchiveFault): string {
  return member === null ? `the archive ${what}` : `${member} ${what}`
}

export interface ArchiveBounds {
  readonly members: number
  readonly memberBytes: number
  /** Of the contents together. */
  readonly allBytes: number
  /** Files with these paths, and what is below these folders, which end with `/`; `null`: any. */
  readonly roots: readonly string[] | null
}

export interface ArchiveReader {
  /** What the chunk completes. After a failure every call fails alike. */
  push(chunk: Uint8Array): Result<readonly ArchiveEvent[], ArchiveFault>
  /** That the archive ended where an archive ends. */
  finish(): Result<null, ArchiveFault>
}

const block = 512

export function archiveReader(bounds: ArchiveBounds): ArchiveReader {
  const admit = gate(bounds)
  const headers = headerGatherer()
  let name: string | null = null
  let contentLeft = 0
  let paddingLeft = 0
  let emptyBlocks = 0
  let fault: ArchiveFault | null = null

  function begin(header: Uint8Array): Result<ArchiveEvent | null, ArchiveFault> {
    emptyBlocks += isEmpty(header) ? 1 : 0
    if (isEmpty(header)) return ok(null)
    if (emptyBlocks > 0) return fail({ member: null, what: 'goes on after its end' })
    const read = readHeader(header)
    if (!read.ok) return read
    const member = read.value
    name = printable(member.path, 200)
    const refused = admit(member)
    if (refused !== null) return fail({ member: name, what: refused })
    contentLeft = member.sizeBytes
    paddingLeft = (block - (member.sizeBytes % block)) % block
    return ok({ kind: 'member', member })
  }

  /** How much of `rest` was taken, and what it says. */
  function step(rest: Uint8Array): Result<readonly [number, ArchiveEvent | null], ArchiveFault> {
    if (contentLeft > 0) {
      const bytes = rest.subarray(0, contentLeft)
      contentLeft -= bytes.length
      return ok([bytes.length, { kind: 'content', bytes }])
    }
    if (paddingLeft > 0) {
      const bytes = rest.subarray(0, paddingLeft)
      paddingLeft -= bytes.length
      return isEmpty(bytes) ? ok([bytes.length, null]) : fail({ member: name, what: 'is damaged' })
    }
    const [taken, header] = headers.take(rest)
    const begun = header === null ? ok(null) : begin(header)
    return begun.ok ? ok([taken, begun.value]) : begun
  }

  return {
    push(chunk) {
      if (fault !== null) return fail(fault)
      const events: ArchiveEvent[] = []
      for (let at = 0; at < chunk.length;) {
        const stepped = step(chunk.subarray(at))
        if (!stepped.ok) {
          fault = stepped.failure
          return stepped
        }
        at += stepped.value[0]
        if (stepped.value[1] !== null) events.push(stepped.value[1])
      }
      return ok(events)
    },
    finish() {
      if (fault !== null) return fail(fault)
      const isInMember = contentLeft > 0 || paddingLeft > 0
      if (!isInMember && !headers.isBegun() && emptyBlocks >= 2) return ok(null)
      return fail({ member: isInMember ? name : null, what: 'is cut off' })
    },
  }
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** Puts together the blocks of headers, which come in any parts. */
function headerGatherer() {
  let header = new Uint8Array(block)
  let bytes = 0
  return {
    /** How much of `rest` it took, and the block when it is whole. */
    take(rest: Uint8Array): readonly [number, Uint8Array | null] {
      const taken = rest.subarray(0, block - bytes)
      header.set(taken, bytes)
      bytes += taken.length
      if (bytes < block) return [taken.length, null]
      const whole = header
      header = new Uint8Array(block)
      bytes = 0
      return [taken.length, whole]
    },
    isBegun: () => bytes > 0,
  }
}

/** Gives why a member is refused; `null`: it is one more of the archive. */
function gate(bounds: ArchiveBounds): (member: Member) => string | null {
  const seen = new Set<string>()
  let allBytes = 0
  return ({ path, sizeBytes }) => {
    allBytes += sizeBytes
    if (seen.has(sameName(path))) return 'is there twice'
    if (!isBelow(path, bounds.roots)) return 'was not asked for'
    if (sizeBytes > bounds.memberBytes) return 'is larger than allowed'
    if (allBytes > bounds.allBytes) return 'makes the archive larger than allowed'
    seen.add(sameName(path))
    return seen.size > bounds.members ? 'is one file more than allowed' : null
  }
}

/** Names that some file system takes for one. */
function sameName(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

function isBelow(path: string, roots: readonly string[] | null): boolean {
  if (roots === null) return true
  return roots.some((root) => (root.endsWith('/') ? path.startsWith(root) : path === root))
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['1', 'is a hard link'],
  ['2', 'is a symbolic link'],
  ['3', 'is a device'],
  ['4', 'is a device'],
  ['5', 'is a folder'],
  ['6', 'is a pipe'],
  ['S', 'is a sparse file'],
])

/** Where a header has numbers, and how long they are. */
const numbers = [
  [100, 8],
  [108, 8],
  [116, 8],
  [124, 12],
  [136, 12],
] as const

function readHeader(header: Uint8Array): Result<Member, ArchiveFault> {
  const path = pathIn(header)
  if (path === null) return fail({ member: null, what: 'has a name that cannot be read' })
  const wrong = headerMistake(header) ?? pathMistake(path)
  if (wrong !== null) return fail({ member: printable(path, 200), what: wrong })
  const member: Member = {
    path,
    mode: octalAt(header, 100, 8) & 0o7777,
    user: octalAt(header, 108, 8),
    group: octalAt(header, 116, 8),
    sizeBytes: octalAt(header, 124, 12),
    modifiedUnixSeconds: octalAt(header, 136, 12),
  }
  const isWhole = numbers.every(([at, length]) => !Number.isNaN(octalAt(header, at, length)))
  return isWhole ? ok(member) : fail({ member: printable(path, 200), what: 'is damaged' })
}

/** `null`: it is the header of a plain file. */
function headerMistake(header: Uint8Array): string | null {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (octalAt(header, 148, 8) !== sum) return 'is damaged'
  const magic = textAt(header, 257, 8)
  if (magic !== 'ustar\x0000') return 'is no member of a ustar archive'
  const kind = String.fromCharCode(header[156] ?? 0)
  if (kind !== '0' && kind !== '\0') return kinds.get(kind) ?? 'is of a kind that is not read'
  return header[157] === 0 ? null : 'is a link'
}

/** `null`: no UTF-8. */
function pathIn(header: Uint8Array): string | null {
  const part = (from: number, length: number): Uint8Array => {
    const field = header.subarray(from, from + length)
    const end = field.indexOf(0)
    return end === -1 ? field : field.subarray(0, end)
  }
  try {
    const name = strict.decode(part(0, 100))
    const prefix = strict.decode(part(345, 155))
    return prefix === '' ? name : `${prefix}/${name}`
  } catch {
    return null
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textAt(header: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...header.subarray(from, from + length))
}

/** NaN: it is no octal number that ends as one does. */
function octalAt(header: Uint8Array, from: number, length: number): number {
  const digits = /^(?<digits>[0-7]+)[ \0]*$/.exec(textAt(header, from, length))?.groups?.['digits']
  return digits === undefined ? Number.NaN : Number.parseInt(digits, 8)
}

/** `null`: it leads nowhere but below the folder. */
export function pathMistake(path: string): string | null {
  if (path === '') return 'has no name'
  if (path.startsWith('/')) return 'has an absolute path'
  // oxlint-disable-next-line no-control-regex -- finding controls is what it is for
  if (/[\u0000-\u001f\u007f-\u009f\\]/u.test(path)) return 'has a name with odd characters'
  const parts = path.split('/')
  if (parts.includes('..')) return 'leads out of the archive'
  return parts.some((part) => part === '' || part === '.') ? 'has a path that is not plain' : null
}
