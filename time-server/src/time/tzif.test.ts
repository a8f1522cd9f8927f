import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTzif } from './tzif.ts'

const berlin = await readFile('/usr/share/zoneinfo/Europe/Berlin')

test('the abbreviation is that of its time: by the list of changes, and by the rule after it', () => {
  const abbreviation = parseTzif(berlin)
  const at = (text: string, offset: number): string | undefined =>
    abbreviation?.(Date.parse(text) / 1000, offset)
  assert.equal(at('1880-01-01', 3208), 'LMT')
  assert.equal(at('1945-06-01', 10_800), 'CEMT')
  assert.equal(at('2026-01-01', 3600), 'CET')
  assert.equal(at('2026-07-01', 7200), 'CEST')
  assert.equal(at('2400-01-01', 3600), 'CET')
  assert.equal(at('2400-07-01', 7200), 'CEST')
})

test('what is no such file is none, however it is cut or changed', () => {
  assert.equal(parseTzif(new Uint8Array()), null)
  assert.equal(parseTzif(Buffer.from('TZif')), null)
  const bytes = fc.tuple(
    fc.nat({ max: berlin.length }),
    fc.nat({ max: 120 }),
    fc.integer({ min: 0, max: 255 }),
  )
  fc.assert(
    fc.property(bytes, ([length, at, value]) => {
      const changed = Buffer.from(berlin.subarray(0, length))
      if (at < changed.length) changed[at] = value
      const found = parseTzif(changed)
      assert.equal(typeof (found?.(0, 3600) ?? ''), 'string')
    }),
  )
})
