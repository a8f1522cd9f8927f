import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { diffText } from './diff-text.ts'

function shown(before: string | null, after: string): string[] {
  return diffText(before, after).map(({ sign, text }) => `${sign}${text}`)
}

const numbers = Array.from({ length: 20 }, (_, index) => `line ${index}`)

const cases = [
  { name: 'a new file is all plus', before: null, after: 'a\nb\n', lines: ['+a', '+b'] },
  { name: 'an empty new file is nothing', before: null, after: '', lines: [] },
  { name: 'the same text is nothing', before: 'a\n', after: 'a\n', lines: [] },
  {
    name: 'a changed line has its neighbours',
    before: 'a\nb\nc\nd\n',
    after: 'a\nb\nX\nd\n',
    lines: [' b', '-c', '+X', ' d'],
  },
  {
    name: 'what is far apart is folded',
    before: `${numbers.join('\n')}\n`,
    after: `${numbers.with(2, 'X').with(15, 'Y').join('\n')}\n`,
    lines: [' line 1', '-line 2', '+X', ' line 3', ' …', ' line 14', '-line 15', '+Y', ' line 16'],
  },
  {
    name: 'a missing line break at the end is no line',
    before: 'a',
    after: 'a\n',
    lines: ['-a', '+a'],
  },
  {
    name: 'what a device sends cannot steer the terminal or hide itself',
    before: 'safe\rEVIL\u202Etxt\u2028\ttab\n',
    after: 'safe\n',
    lines: ['-safe\uFFFDEVIL\uFFFDtxt\uFFFD\ttab', '+safe'],
  },
]
for (const { name, before, after, lines } of cases) {
  test(name, () => assert.deepEqual(shown(before, after), lines))
}

test('a long diff is cut and says by how much', () => {
  const lines = shown(null, 'x\n'.repeat(100))
  assert.equal(lines.length, 81)
  assert.equal(lines.at(-1), ' … 20 more lines')
})

function size(content: string): number {
  return content.split('\n').length
}

test('lines with plus are of the new text, lines with minus of the old', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 20 })
    .map((all) => all.map((line) => `${line}\n`).join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = diffText(before, after)
      const count = (sign: string): number => diff.filter((line) => line.sign === sign).length
      assert.equal(count('+') - count('-'), size(after) - size(before))
      assert.equal(diff.length === 0, before === after)
    }),
  )
})
