/** The files of a commit, as bytes: no filter, attribute or link of it counts. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'

export interface TreeEntry {
  readonly path: string
  readonly object: string
}

const mostFiles = 5_000
const mostBytes = 32 << 20
const ordinary: ReadonlySet<string> = new Set(['100644', '100755'])

/** Reads `git ls-tree -r -z -l`. The failure is a sentence. */
export function readTree(text: string, commit: string): Result<readonly TreeEntry[], string> {
  const entries: TreeEntry[] = []
  let bytes = 0
  for (const line of text.split('\0').filter((each) => each !== '')) {
    const match = /^(\d{6}) \w+ ([0-9a-f]{40,64}) +(\d+|-)\t([^]+)$/.exec(line)
    if (match === null) return fail(`the files of ${commit} cannot be listed`)
    const [, mode = '', object = '', size = '', path = ''] = match
    const mistake = mistakeOf(mode, path)
    if (mistake !== null) return fail(`${printable(path, 200)} ${mistake}`)
    bytes += Number(size)
    entries.push({ path, object })
  }
  if (entries.length > mostFiles) return fail(`it has more than ${mostFiles} files`)
  return bytes > mostBytes ? fail('its files are larger than 32 MiB') : ok(entries)
}

/** `null`: it is taken. */
function mistakeOf(mode: string, path: string): string | null {
  const kind = kindOf(mode)
  if (kind !== null) return `is ${kind}; such a commit is not taken`
  const [first = ''] = path.split('/')
  const isState = first === '.timeball' || !isPlain(path)
  return isState ? "is no path that a fleet's files have" : null
}

/** `null`: a file. */
function kindOf(mode: string): string | null {
  if (ordinary.has(mode)) return null
  if (mode === '120000') return 'a symbolic link'
  return mode === '160000' ? 'a submodule' : 'no file'
}

/** git refuses most of these by itself. */
function isPlain(path: string): boolean {
  const parts = path.split('/')
  return (
    !/\p{Cc}/u.test(path) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/^\.git$/i.test(part))
  )
}

/** Reads `git cat-file --batch`: an object after the other, each after its size. */
export function readBlobs(output: Buffer, count: number): readonly Buffer[] | null {
  const blobs: Buffer[] = []
  let at = 0
  while (blobs.length < count) {
    const end = output.indexOf(0x0a, at)
    const size = / blob (\d+)$/.exec(end === -1 ? '' : output.toString('latin1', at, end))?.[1]
    if (size === undefined) return null
    const begin = end + 1
    blobs.push(output.subarray(begin, begin + Number(size)))
    at = begin + Number(size) + 1
  }
  return at <= output.length ? blobs : null
}
