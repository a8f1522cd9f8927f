/** A release is blocked only for what is its own fault. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RolloutEvent, RolloutRequest } from './event.ts'
import { answerRequest } from './requests.ts'
import {
  canary,
  failing,
  moved,
  openSteps,
  pass,
  unreached,
  wave,
  type Steps,
} from './test/stepping.ts'

function begun(settings: Readonly<Record<string, unknown>> = {}): Steps {
  const steps = openSteps({ waves: [canary('a'), wave('b')], settings })
  steps.reach(0)
  return steps
}

/** `null`: it does not roll back. */
function isBlamed(events: readonly RolloutEvent[]): boolean | null {
  const event = events.find(({ type }) => type === 'rolling-back')
  return event?.type === 'rolling-back' ? event.isReleaseToBlame : null
}

function asked(steps: Steps, action: RolloutRequest['action']): boolean | null {
  const answer = answerRequest({ action, by: 'ada', why: '' }, steps.state(), {
    isRun: true,
    atUnixMs: 1,
  })
  return isBlamed(answer.ok ? [answer.value] : [])
}

test('a device without room for it is no fault of the release', () => {
  const steps = begun()
  steps.tell({ type: 'not-moved', device: 'a', reason: 'refused', detail: 'no space' })
  assert.equal(isBlamed(steps.look()), false)
})

test('a device that is out of reach, or lost, is none either', () => {
  const steps = begun({ unreachable_before: 'fail' })
  steps.tell({ type: 'not-moved', device: 'a', reason: 'unreachable', detail: 'no route' })
  assert.equal(isBlamed(steps.look()), false)
  const lost = begun({ abort: { lost_total: 1 } })
  lost.tell({ type: 'lost', device: 'a', detail: 'no route' })
  assert.equal(isBlamed(lost.look()), false)
  const back = begun()
  back.tell({ type: 'lost', device: 'a', detail: 'no route' })
  back.tell({ type: 'unhealthy', device: 'a', detail: 'it was lost, and is back with it' })
  assert.equal(asked(back, 'abort'), false)
})

test('one that stops answering while it settles, or in its soak, is lost and not failed', () => {
  for (const soaks of [false, true]) {
    const steps = begun({ abort: { lost_total: 1 }, gates: { max_downtime: '60s' } })
    steps.tell({ type: 'move-intended', device: 'a', step: 'a-1' }, moved('a'))
    if (soaks) steps.look({ devices: { a: { gate: pass } } })
    let events: readonly RolloutEvent[] = []
    for (let looks = 0; looks < 40 && isBlamed(events) === null; looks += 1) {
      events = steps.look({ devices: { a: { gate: unreached, lastingSeconds: 15 * looks } } })
    }
    assert.equal(isBlamed(events), false)
    assert.match(steps.state().devices.get('a')?.detail ?? '', /cannot check the device: no route/)
    assert.equal(steps.state().isBlocked, false)
  }
})

test('one that was lost and is back with the new release is judged like the others', () => {
  const steps = begun()
  steps.tell(moved('a'), { type: 'lost', device: 'a', detail: 'no route' }, moved('a'))
  steps.look({ devices: { a: { gate: pass } } })
  assert.equal(steps.state().devices.get('a')?.phase, 'settling')
  assert.equal(isBlamed(steps.look({ devices: { a: { gate: failing } } })), true)
  assert.equal(steps.state().isBlocked, true)
})

test('a gate that failed, a change that failed, and a bad shadow are its fault', () => {
  const judged = begun()
  judged.settle('a')
  assert.equal(isBlamed(judged.look({ devices: { a: { gate: failing } } })), true)
  const changed = begun()
  changed.tell({ type: 'move-failed', device: 'a', detail: 'does not start' })
  assert.equal(isBlamed(changed.look()), true)
  const shadowed = begun()
  shadowed.tell({ type: 'not-moved', device: 'a', reason: 'shadow', detail: '40 ms off' })
  assert.equal(isBlamed(shadowed.look()), true)
})

test('an abort says nothing about the release, unless it failed before; a rollback does', () => {
  const steps = begun({ on_abort: 'pause' })
  assert.equal(asked(steps, 'abort'), false)
  assert.equal(asked(steps, 'rollback'), true)
  steps.tell({ type: 'move-failed', device: 'a', detail: 'does not start' })
  assert.equal(asked(steps, 'abort'), true)
})
