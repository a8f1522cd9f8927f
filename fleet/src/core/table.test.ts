import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import {
  cutToWidth,
  displayWidth,
  formatTable,
  scaleSeconds,
  wrapToWidth,
  type Column,
} from './table.ts'

interface Row {
  readonly name: string
  readonly size: number
  readonly why: string
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', align: 'left', cell: ({ name }) => name, shrink: false },
  { title: 'SIZE', align: 'right', cell: ({ size }) => String(size), shrink: false },
  { title: 'WHY', align: 'left', cell: ({ why }) => ({ text: why, tone: 'bad' }), shrink: true },
]
const rows: readonly Row[] = [
  { name: 'pi-gps-01', size: 7, why: '' },
  { name: '時計', size: 1234, why: 'the source has not answered for eight polls' },
]

test('columns are aligned by what is seen, not by code units', () => {
  assert.deepEqual(formatTable(rows, columns, { color: false, width: null }), [
    'NAME       SIZE  WHY',
    'pi-gps-01     7',
    '時計       1234  the source has not answered for eight polls',
  ])
})

test('what is too wide is wrapped between words in the columns that may shrink', () => {
  const lines = formatTable(rows, columns, { color: false, width: 48 })
  assert.deepEqual(lines.slice(2), [
    '時計       1234  the source has not answered for',
    '                 eight polls',
  ])
  assert.ok(lines.every((line) => displayWidth(line) <= 48))
})

test('columns for which there is no room are lines below the row', () => {
  const lines = formatTable(rows, columns, { color: false, width: 30 })
  assert.deepEqual(lines, [
    'NAME       SIZE',
    'pi-gps-01     7',
    '時計       1234',
    '    WHY the source has not',
    '        answered for eight',
    '        polls',
  ])
})

test('short columns without room stand side by side below the row', () => {
  const more: readonly Column<Row>[] = [
    { title: 'NAME', align: 'left', cell: ({ name }) => name, shrink: false },
    { title: 'ADDRESS', align: 'left', cell: () => '2001:db8::1:2:3:4', shrink: false },
    { title: 'GEN', align: 'right', cell: () => '2', shrink: false },
    {
      title: 'SIZE',
      align: 'right',
      cell: ({ size }) => ({ text: String(size), tone: 'bad' }),
      shrink: false,
    },
    { title: 'NONE', align: 'right', cell: () => '', shrink: false },
    { title: 'SCORE', align: 'right', cell: () => '15.2', shrink: false },
    { title: 'WHY', align: 'left', cell: ({ why }) => why, shrink: true },
  ]
  assert.deepEqual(formatTable(rows.slice(1), more, { color: false, width: 26 }), [
    'NAME  ADDRESS',
    '時計  2001:db8::1:2:3:4',
    '    GEN 2  SIZE 1234',
    '    SCORE 15.2',
    '    WHY the source has not',
    '        answered for eight',
    '        polls',
  ])
})

test('wrapping loses nothing, and no line is too wide', () => {
  const words = fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }))
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 30 }), (texts, width) => {
      const text = texts.join(' ')
      const lines = wrapToWidth(text, width)
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
      assert.ok(lines.every((line) => displayWidth(line) <= width))
    }),
  )
})

test('colour changes nothing but the colour', () => {
  const plain = formatTable(rows, columns, { color: false, width: 60 })
  const colored = formatTable(rows, columns, { color: true, width: 60 })
  assert.deepEqual(colored.map(stripVTControlCharacters), plain)
  assert.ok(colored[2]?.includes('\u001b[31mthe source'))
  assert.ok(colored[2]?.endsWith('\u001b[0m'))
})

for (const { text, width } of [
  { text: 'abc', width: 3 },
  { text: '✓ ok', width: 4 },
  { text: '± µs …', width: 6 },
  { text: '時計', width: 4 },
  { text: 'e\u0301', width: 1 },
  { text: '\u{1f600}', width: 2 },
  { text: '', width: 0 },
]) {
  test(`'${text}' takes ${width} columns`, () => assert.equal(displayWidth(text), width))
}

test('a cut text is never wider than asked for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
      assert.ok(displayWidth(cutToWidth(text, width)) <= width)
    }),
  )
})

for (const { seconds, text } of [
  { seconds: 0, text: '0 ns' },
  { seconds: 1.24e-6, text: '1.24 µs' },
  { seconds: -183e-9, text: '-183 ns' },
  { seconds: 0.0123, text: '12.3 ms' },
  { seconds: 9.999e-6, text: '10.0 µs' },
  { seconds: 999.6e-9, text: '1.00 µs' },
  { seconds: 0.9999, text: '1.00 s' },
  { seconds: -2.5, text: '-2.50 s' },
  { seconds: 3600, text: '3600 s' },
  { seconds: 619_315_200, text: '7168 d' },
  { seconds: Number.NaN, text: '?' },
]) {
  test(`${seconds} seconds read ${text}`, () => assert.equal(scaleSeconds(seconds), text))
}

test('scaled seconds are within half a percent of the seconds', () => {
  const units = new Map([
    ['ns', 1e-9],
    ['µs', 1e-6],
    ['ms', 1e-3],
    ['s', 1],
    ['d', 86_400],
  ])
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (seconds) => {
      const [value = '', unit = ''] = scaleSeconds(seconds).split(' ')
      const read = Number(value) * (units.get(unit) ?? Number.NaN)
      assert.ok(Math.abs(read - seconds) <= seconds * 0.00501)
    }),
  )
})
