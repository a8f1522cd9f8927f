import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fail, ok } from '@timeball/lib/result.ts'
import type { GateVerdict } from '../sight.ts'
import { judgeGates, oldReleaseServes } from './judge-gates.ts'
import type { GateEvidence } from './evidence.ts'
import { alone, cases, falseticker, query } from './test/cases.ts'
import {
  clockSeen,
  evidence,
  gates,
  imageId,
  judgeRow,
  measuring,
  observedWith,
  running,
  saying,
  sayingNtp,
} from './test/evidence.ts'

for (const { name, change, checks = 1, gates: settings = {}, ...wanted } of cases) {
  test(name, () => {
    const row = Array.from({ length: checks }, () => evidence(change))
    const verdict = judgeRow(row, gates(settings))
    assert.equal(verdict.verdict, wanted.verdict, JSON.stringify(verdict))
    if (verdict.verdict === 'pass') return
    assert.equal(verdict.gate, wanted.gate)
    assert.match(verdict.detail, wanted.text ?? /./)
  })
}

function restartedSo(often: readonly number[]): GateVerdict {
  return judgeRow(often.map((restarts) => evidence(running({ restarts }))))
}

function made(restarts: number): GateVerdict {
  return judgeRow([evidence({ ...running({ restarts }), isNewContainer: true })])
}

test('of a container that the change made, restarts before the first check count', () => {
  assert.equal(made(0).verdict, 'pass')
  assert.equal(made(1).verdict, 'pending')
  assert.equal(made(2).verdict, 'fail')
})

test('a restart is a step down for one check, a second one the end', () => {
  assert.equal(restartedSo([4, 5]).verdict, 'pending')
  assert.equal(restartedSo([4, 5, 5]).verdict, 'pass')
  assert.equal(restartedSo([4, 5, 5, 6]).verdict, 'fail')
  assert.equal(restartedSo([4, 0, 1]).verdict, 'pending', 'another container is counted anew')
})

test('a look that could not tell neither adds to a row nor ends it', () => {
  const unseen = evidence({ ...falseticker, clock: fail('no sweep') })
  const lie = evidence(falseticker)
  assert.notEqual(judgeRow([lie, lie, unseen]).verdict, 'fail')
  assert.equal(judgeRow([lie, lie, unseen, lie]).verdict, 'fail')
  assert.notEqual(judgeRow([lie, lie, evidence(), lie]).verdict, 'fail')
})

test('what has failed is told although a lower gate still waits', () => {
  const slow = { ...falseticker, ...sayingNtp({ isSynced: true }), ...query(ok([9])) }
  const change = { ...slow, observed: ok(observedWith({ activated: false })) }
  const verdict = judgeRow([evidence(change), evidence(change), evidence(change)])
  assert.ok(verdict.verdict === 'fail')
  assert.equal(verdict.gate, 'truechimer')
})

test('nothing is inconclusive while there is still something to wait for', () => {
  const verdict = judgeRow([evidence({ ...alone, ...query(ok([9])) })])
  assert.deepEqual([verdict.verdict, 'gate' in verdict && verdict.gate], ['pending', 'queries'])
})

function returned(change: Partial<GateEvidence>): string {
  return oldReleaseServes(evidence(change), gates(), null).verdict.verdict
}

test('a device that was rolled back passes when it serves, and is not contradicted', () => {
  assert.equal(returned({}), 'pass')
  assert.equal(returned(alone), 'pass')
  assert.equal(returned({ clock: fail('no sweep') }), 'pass')
  assert.equal(returned(measuring({ offsetSeconds: 0.02 })), 'pass')
  assert.equal(returned(saying({ gps: { state: 'no-fix', reason: null } })), 'pass')
})

test('a device that was rolled back and does not serve is not there yet', () => {
  assert.equal(returned(saying({ httpStatus: 503 })), 'pending')
  assert.equal(returned(sayingNtp({ isSynced: false })), 'pending')
  assert.equal(returned(falseticker), 'pending')
  assert.equal(returned(running({ state: 'exited' })), 'pending')
  assert.equal(returned(running({ imageId: `sha256:${'b'.repeat(64)}` })), 'pending')
  assert.equal(returned(running({}, { generation: 4 })), 'inconclusive')
})

test('no combination of what is seen passes without being in step, or throws', () => {
  const changes = cases.map(({ change }) => change)
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...changes), { minLength: 1, maxLength: 5 }), (row) => {
      const merged: GateEvidence = Object.assign({}, evidence(), ...row)
      const { verdict } = judgeGates(merged, gates(), null)
      if (verdict.verdict !== 'pass') return assert.notEqual(verdict.detail, '')
      assert.ok(merged.http.ok && merged.http.value.httpStatus === 200)
      assert.ok(merged.clock.ok && merged.clock.value.verdict !== 'falseticker')
      assert.ok(merged.observed.ok)
      assert.equal(merged.observed.value.containers.get('mcp-utc-time')?.imageId, imageId)
    }),
  )
})

test('the longest phrase is one line', () => {
  const change = { ...measuring({ ...clockSeen(), verdict: 'falseticker', offsetSeconds: 1e9 }) }
  const verdict = judgeRow([evidence(change)])
  assert.ok(verdict.verdict === 'pending')
  assert.match(verdict.detail, /^[ -~±µ→]{1,200}$/u)
})
