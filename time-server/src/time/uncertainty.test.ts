import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aLook, aPeer, threePeers } from '../test/a-look.ts'
import { decideUncertainty } from './uncertainty.ts'

const silent = {
  daemon: { ok: false, failure: { code: 'timeout', detail: '', errorCode: null } },
} as const

test('the bound is half the root delay, the root dispersion, and 15 ppm since the look', () => {
  const bound = decideUncertainty(aLook(), 2, true)
  assert.deepEqual(bound, {
    state: 'synced',
    boundMs: 0.25 + 11 + 0.03,
    reason: null,
    halfRootDelayMs: 0.25,
    rootDispersionMs: 11,
    agingMs: 0.03,
  })
})

test("the daemon's own root distance counts where it is greater", () => {
  assert.equal(decideUncertainty(aLook({ rootDistanceMs: 40 }), 0, true).boundMs, 40)
})

test('in holdover there still is a bound', () => {
  const lost = threePeers().map((peer) => ({ ...peer, status: aPeer({}, 0).status }))
  const bound = decideUncertainty(
    aLook({ rootDispersionMs: 30, rootDistanceMs: 30.25 }, lost),
    0,
    true,
  )
  assert.deepEqual([bound.state, bound.boundMs], ['holdover', 30.25])
})

for (const [name, look, state] of [
  ['a silent daemon', aLook({}, [], silent), 'unknown'],
  ['a leap alarm', aLook({ leap: 3 }), 'unsynced'],
  ['a root distance that is not told', aLook({ rootDistanceMs: null }), 'unknown'],
  [
    'a clock that nothing steers',
    aLook({}, threePeers(), { discipline: { disciplined: false, reason: 'no right' } }),
    'unsynced',
  ],
] as const) {
  test(`${name} gives no bound, but a reason`, () => {
    const bound = decideUncertainty(look, 0, true)
    assert.deepEqual([bound.state, bound.boundMs], [state, null])
    assert.ok((bound.reason ?? '').length > 0)
  })
}

test('the bound never shrinks while nobody asks the daemon', () => {
  const seconds = fc.double({ min: 0, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(seconds, seconds, (one, more) => {
      const early = decideUncertainty(aLook(), one, true).boundMs ?? 0
      const late = decideUncertainty(aLook(), one + more, true).boundMs ?? 0
      assert.ok(late >= early)
    }),
  )
})
