import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { parseLeapSeconds } from './leap-seconds.ts'

/** The end of the list of 2025. */
const text = `#	Updated through IERS Bulletin C
#$	3929093563
#@	3991593600
3644697600	36	# 1 Jul 2015
3692217600	37	# 1 Jan 2017
#h	16edd0f0 3666784f 37db6bdd e74ced87 59af48f1
`

test('the list of the IERS is read', () => {
  assert.deepEqual(parseLeapSeconds(text), {
    ok: true,
    value: {
      expiresUnixSeconds: Date.UTC(2026, 5, 28) / 1000,
      changes: [
        { atUnixSeconds: Date.UTC(2015, 6, 1) / 1000, taiOffset: 36 },
        { atUnixSeconds: Date.UTC(2017, 0, 1) / 1000, taiOffset: 37 },
      ],
    },
  })
})

test('a list without an expiry, or without an entry, is refused', () => {
  assert.equal(parseLeapSeconds(text.replace('#@', '#')).ok, false)
  assert.equal(parseLeapSeconds('#@	3991593600\n').ok, false)
})

test('any text is read or refused', () => {
  fc.assert(fc.property(anyText(), (any) => void parseLeapSeconds(any)))
})
