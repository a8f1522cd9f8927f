/** What a bundle says, as the applier reads it: docs/device-protocol.md, "The bundle". */
import { headLines } from '../../core/bundle/remember.ts'

export interface Order {
  readonly mode: string
  readonly operation: string
  readonly nonce: string
  readonly epoch: number
  /** The lines after the head, each as its fields. */
  readonly lines: readonly (readonly string[])[]
  /** `files/0`, `files/1` and so on. */
  readonly files: readonly string[]
}

/** Throws for what is no bundle of ours: that is a bug. */
export function readBundle(bytes: Uint8Array): Order {
  const question = readQuestion(bytes)
  if (question !== null) return question
  // A line comes before the archive: `bundle`, or the look that it is about.
  const entries = readTar(bytes.subarray(bytes.indexOf(0x0a) + 1))
  const manifest = entries.get('manifest')
  if (manifest === undefined || !entries.has('applier.sh')) throw new Error('is no bundle')
  const [head, lines] = cutHead(manifest)
  const files: string[] = []
  for (let index = 0; entries.has(`files/${index}`); index += 1) {
    files.push(entries.get(`files/${index}`) ?? '')
  }
  return {
    mode: head.get('mode') ?? '',
    operation: head.get('operation') ?? '',
    nonce: head.get('nonce') ?? '',
    epoch: Number(head.get('epoch')),
    lines,
    files,
  }
}

/** `null`: it is an archive. */
function readQuestion(bytes: Uint8Array): Order | null {
  const text = new TextDecoder().decode(bytes)
  const [, nonce, as, seconds, mostBytes] = /^ask (\S+) (\S+) (\S+) (\S+) \d+\n/.exec(text) ?? []
  if (nonce === undefined) return null
  const fields = { as, seconds, 'most-bytes': mostBytes }
  const lines = Object.entries(fields).map(([word, value = '']) => [word, value])
  const script = text.slice(text.indexOf('\n__END__\n') + '\n__END__\n'.length)
  return { mode: 'ask', operation: '', nonce, epoch: 0, lines, files: [script] }
}

function cutHead(manifest: string): readonly [ReadonlyMap<string, string>, readonly string[][]] {
  const lines = manifest
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
  const head = lines.slice(0, headLines).map(([word = '', value = '']) => [word, value] as const)
  return [new Map(head), lines.slice(headLines)]
}

/** What follows a keyword: the fields of each of its lines. */
export function fieldsOf({ lines }: Order, keyword: string): readonly (readonly string[])[] {
  return lines.flatMap(([word, ...fields]) => (word === keyword ? [fields] : []))
}

export function fieldOf(order: Order, keyword: string): string | null {
  return fieldsOf(order, keyword)[0]?.[0] ?? null
}

const block = 512

/** Plain files of an archive, as text. */
function readTar(bytes: Uint8Array): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  const decoder = new TextDecoder()
  const text = (from: number, length: number): string =>
    decoder.decode(bytes.subarray(from, from + length)).replace(/\0.*$/s, '')
  let at = 0
  while (at + block <= bytes.length && bytes[at] !== 0) {
    const size = Number.parseInt(text(at + 124, 12), 8)
    if (!Number.isSafeInteger(size)) return entries
    const from = at + block
    entries.set(text(at, 100), decoder.decode(bytes.subarray(from, from + size)))
    at = from + Math.ceil(size / block) * block
  }
  return entries
}
