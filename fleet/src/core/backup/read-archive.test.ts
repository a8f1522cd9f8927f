import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { tarHeader, type TarHeader } from '../bundle/tar.ts'
import { archiveReader, faultText, type ArchiveBounds } from './read-archive.ts'

const usual: ArchiveBounds = { members: 5, memberBytes: 4096, allBytes: 6000, roots: null }
const zeros = (count: number): Uint8Array => new Uint8Array(count)
const end = zeros(1024)

function header(path: string, sizeBytes: number, more: Partial<TarHeader> = {}): Uint8Array {
  const about = { mode: 0o644, user: 0, group: 0, modifiedUnixSeconds: 1 }
  return tarHeader({ ...about, path, sizeBytes, ...more })
}

/** A header that no tar would write; its sum is right. */
function forged(change: (bytes: Uint8Array) => void, path = 'etc/odd'): Uint8Array {
  const bytes = header(path, 0)
  change(bytes)
  bytes.fill(0x20, 148, 156)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return bytes
}

function file(path: string, text: string): Uint8Array {
  const content = Buffer.from(text)
  return Buffer.concat([
    header(path, content.length),
    content,
    zeros((512 - (content.length % 512)) % 512),
  ])
}

/** `null`: it is accepted; the files that came out otherwise do not count. */
function faultOf(archive: Uint8Array, bounds = usual, chunk = archive.length): string | null {
  const reader = archiveReader(bounds)
  for (let at = 0; at < archive.length; at += Math.max(1, chunk)) {
    const read = reader.push(archive.subarray(at, at + Math.max(1, chunk)))
    if (!read.ok) return faultText(read.failure)
  }
  const whole = reader.finish()
  return whole.ok ? null : faultText(whole.failure)
}

function contentsOf(archive: Uint8Array, chunk: number): Record<string, string> {
  const reader = archiveReader(usual)
  const found: Record<string, string> = {}
  let path = ''
  for (let at = 0; at < archive.length; at += chunk) {
    const read = reader.push(archive.subarray(at, at + chunk))
    assert.ok(read.ok)
    for (const event of read.value) {
      if (event.kind === 'member') {
        path = event.member.path
        found[path] = ''
      } else found[path] += Buffer.from(event.bytes).toString()
    }
  }
  assert.ok(reader.finish().ok)
  return found
}

const text = (bytes: Uint8Array, at: number, value: string): void => {
  bytes.set(Buffer.from(value), at)
}

const kinds = {
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
}
const hostile: readonly (readonly [name: string, archive: Uint8Array, said: RegExp])[] = [
  ...['../etc/passwd', 'a/../../b', '..'].map(
    (path) => [path, header(path, 0), /^(?:\.\.|a\/\.\.).* leads out of the archive$/] as const,
  ),
  ['/etc/passwd', header('/etc/passwd', 0), /^\/etc\/passwd has an absolute path$/],
  ...['a//b', './a', 'a/.', 'a/'].map(
    (path) => [path, header(path, 0), / has a path that is not plain$/] as const,
  ),
  ['a line break', header('a\nb', 0), /odd characters/],
  ['a backslash', header('a\\b', 0), /odd characters/],
  ['an escape', header('a\u001b[2Jb', 0), /^[ -~]*odd characters/],
  ['no name', forged((bytes) => bytes.fill(0, 0, 100)), /has no name/],
  ['no UTF-8', forged((bytes) => bytes.set([0xff, 0xfe], 0)), /name that cannot be read/],
  ...Object.entries(kinds).map(
    ([kind, said]) =>
      [
        said,
        forged((bytes) => text(bytes, 156, kind)),
        new RegExp(`^etc/odd is a ${said}$`),
      ] as const,
  ),
  ...['6', '7', 'x', 'g', 'L', 'K', 'S', 'V', 'M', 'D'].map(
    (kind) =>
      [
        `kind ${kind}`,
        forged((bytes) => text(bytes, 156, kind)),
        /^etc\/odd is (?:a pipe|a sparse|of a kind)/,
      ] as const,
  ),
  ['a link name', forged((bytes) => text(bytes, 157, '/etc/shadow')), /^etc\/odd is a link$/],
  ['the same twice', Buffer.concat([file('a', 'x'), file('a', 'y')]), /^a is there twice$/],
  ['the same in capitals', Buffer.concat([file('a/B', 'x'), file('A/b', 'y')]), /twice/],
  ['the same composed', Buffer.concat([file('\u00e9', 'x'), file('e\u0301', 'y')]), /twice/],
  ['an oversized member', header('big', 4097), /^big is larger than allowed$/],
  ['a bomb', header('bomb', 0o77777777777), /^bomb is larger than allowed$/],
  ['a base-256 size', forged((bytes) => bytes.set([0x80, 0, 0, 0, 1], 124)), /damaged/],
  ['a negative size', forged((bytes) => text(bytes, 124, '-0000000001\0')), /damaged/],
  [
    'too much in all',
    Buffer.concat([file('a', 'x'.repeat(4000)), file('b', 'x'.repeat(4000))]),
    /^b makes the archive larger/,
  ],
  [
    'too many members',
    Buffer.concat(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => file(name, ''))),
    /^f is one file more than allowed$/,
  ],
  ['padding with content', withByte(file('a', 'x'), 512 + 100, 1), /^a is damaged$/],
  [
    'what follows the end',
    Buffer.concat([file('a', 'x'), end, file('b', 'y')]),
    /goes on after its end/,
  ],
  ['nothing at all', zeros(0), /is cut off/],
  ['no magic', forged((bytes) => bytes.fill(0, 257, 265)), /no member of a ustar/],
]

function withByte(bytes: Uint8Array, at: number, flip: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ flip
  return changed
}

for (const [name, archive, said] of hostile) {
  test(`${JSON.stringify(name)} is refused`, () => {
    const whole = archive.length === 0 ? archive : Buffer.concat([archive, end])
    for (const chunk of [whole.length, 1, 500]) {
      assert.match(faultOf(whole, usual, chunk) ?? 'accepted', said)
    }
  })
}

test('a file that nobody asked for is refused', () => {
  const bounds = { ...usual, roots: ['etc/default/gpsd', 'opt/'] }
  assert.equal(
    faultOf(Buffer.concat([file('opt/a/b', ''), file('etc/default/gpsd', ''), end]), bounds),
    null,
  )
  for (const path of ['etc/default/gpsd2', 'etc/default', 'optional', 'opt']) {
    assert.equal(faultOf(file(path, ''), bounds), `${path} was not asked for`)
  }
})

const good = Buffer.concat([
  file('etc/default/gpsd', 'DEVICES=\n'),
  file('opt/.env', 'K=1\n'.repeat(200)),
  file('empty', ''),
  end,
])

test('what is good comes out as it is, however it comes in', () => {
  const wanted = { 'etc/default/gpsd': 'DEVICES=\n', 'opt/.env': 'K=1\n'.repeat(200), empty: '' }
  for (const chunk of [1, 7, 511, 512, 513, good.length]) {
    assert.deepEqual(contentsOf(good, chunk), wanted)
  }
})

test('an archive that was cut off anywhere is refused', () => {
  for (let length = 0; length < good.length; length += 41) {
    assert.match(faultOf(good.subarray(0, length)) ?? 'accepted', /is cut off$/, String(length))
  }
})

test('any bit that flips in a header or a gap is found; the rest is what digests are for', () => {
  let refused = 0
  for (let at = 0; at < 512; at += 1) {
    const fault = faultOf(withByte(good, at, 1 << (at % 8)))
    assert.notEqual(fault, null, `byte ${at}`)
    refused += 1
  }
  assert.equal(refused, 512)
})

test('whatever comes, it is read or refused', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000 }),
      fc.integer({ min: 1, max: 600 }),
      (bytes, chunk) => {
        faultOf(bytes, usual, chunk)
      },
    ),
  )
})

const folder = mkdtempSync(join(tmpdir(), 'timeball-archive-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('GNU tar reads what is written here, and what it writes is read here', () => {
  const long = `${'a/'.repeat(60)}${'b'.repeat(90)}`
  const archive = Buffer.concat([file('etc/x', 'one\n'), file(long, 'two\n'), end])
  const listed = spawnSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' })
  assert.deepEqual([listed.stdout, listed.stderr], [`etc/x\n${long}\n`, ''])
  writeFileSync(join(folder, 'a'), 'from tar\n')
  const made = spawnSync('tar', ['--format=ustar', '-C', folder, '-cf', '-', 'a'])
  assert.deepEqual(contentsOf(made.stdout, 1000), { a: 'from tar\n' })
})
