import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { areQuiet, checkSources, statsOf, type Stats } from './sources.ts'

const root = mkdtempSync(join(tmpdir(), 'timeball-sources-'))
after(() => rmSync(root, { recursive: true }))
const file = join(root, 'a.ts')
const names = ['a.ts', 'b.ts']

function look(): Stats {
  const stats = statsOf(root, names)
  assert.ok(stats)
  return stats
}

const lines = [`chunk\t${names.join('\t')}`, 'other\tb.ts']

function check(before: Stats, wanted: ReadonlySet<string> | null = null): string {
  const others = statsOf(root, ['b.ts'])
  assert.ok(others)
  const recorded = Buffer.concat([Buffer.from(before.buffer), Buffer.from(others.buffer)])
  return checkSources({ root, lines, recorded, wanted })
}

/** The clock of the file system may tick a few times in a second only. */
function untilClockTicks(): void {
  const before = statSync(file).ctimeMs
  const probe = join(root, 'probe')
  do writeFileSync(probe, '')
  while (statSync(probe).ctimeMs <= before)
}

const changes: Readonly<Record<string, () => void>> = {
  'gets longer': () => writeFileSync(file, 'const a = 10'),
  'is as long as before, with its old time': () => {
    const { atime, mtime } = statSync(file)
    writeFileSync(file, 'const a = 2')
    utimesSync(file, atime, mtime)
  },
  'is replaced by one that is as long and as old': () => {
    const { atime, mtime } = statSync(file)
    writeFileSync(join(root, 'c.ts'), 'const a = 3')
    utimesSync(join(root, 'c.ts'), atime, mtime)
    renameSync(join(root, 'c.ts'), file)
  },
  'is replaced by an older one': () => {
    writeFileSync(file, 'const a = 4')
    utimesSync(file, 0, 0)
  },
  'may be read by fewer': () => chmodSync(file, 0o600),
}
for (const [name, change] of Object.entries(changes)) {
  test(`a source that ${name} is noticed`, () => {
    writeFileSync(file, 'const a = 1')
    writeFileSync(join(root, 'b.ts'), '')
    const before = look()
    assert.equal(check(before), 'same')
    untilClockTicks()
    change()
    assert.notEqual(check(before), 'same')
    assert.equal(check(before, new Set(['other'])), 'same', 'but not where nobody asks')
  })
}

test('a source that is gone is noticed', () => {
  const before = look()
  assert.equal(statsOf(root, [...names, 'd.ts']), null)
  rmSync(file)
  assert.equal(check(before), 'changed')
})

test('what changed within the tick of a clock could change once more unseen', () => {
  writeFileSync(file, 'const a = 5')
  const { ctimeMs } = statSync(file)
  assert.ok(!areQuiet(look(), ctimeMs))
  assert.ok(!areQuiet(look(), ctimeMs - 60_000), 'and so could what is newer than the clock says')
  assert.ok(areQuiet(look(), ctimeMs + 60_000))
})
