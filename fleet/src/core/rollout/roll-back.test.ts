/** When a rollout has failed, and how it takes back what it did. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RolloutEvent } from './event.ts'
import {
  canary,
  failing,
  lonely,
  moved,
  openSteps,
  pass,
  pending,
  wave,
  words,
  type Beginning,
  type Steps,
} from './test/stepping.ts'

const minute = 60_000
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

/** `x` was the canary and `b` and `c` of the wave after it passed; `a` is about to fail. */
function beforeFailure(settings: Readonly<Record<string, unknown>>, more = {}): Steps {
  const steps = openSteps({ waves: [canary('x'), wave('b', 'a', 'c')], settings, ...more })
  steps.reach(1)
  steps.settle('b', 'a', 'c')
  steps.look({ afterMs: minute, devices: { a: { gate: pending } } })
  return steps
}

const badA = { devices: { a: { gate: failing } } }

/** Ends every return that was begun, well. */
function finish(steps: Steps, events: readonly RolloutEvent[]): void {
  for (const event of events) {
    if (event.type !== 'return-intended') continue
    steps.tell({ type: 'returned', device: event.device, generation: 3, missing: [] })
  }
}

test('pause: the failed device is rolled back, and what comes then is left to the operator', () => {
  const steps = beforeFailure({ on_abort: 'pause' })
  const events = steps.look(badA)
  assert.deepEqual(words(events), ['unhealthy a', 'return-intended a'])
  finish(steps, events)
  assert.deepEqual(words(steps.look({ devices: { a: { gate: pass } } })), ['verified a', 'paused'])
  const { status } = steps.state()
  assert.ok(status.kind === 'paused')
  assert.match(status.why, /^a failed: .*\(abort\.failed_total: 1\)$/)
  steps.tell({ type: 'resumed', by: 'ada', why: '' })
  assert.ok(!words(steps.look()).includes('paused'))
})

test('rollback_wave: the failed one first, then its wave, newest first; the canary stays', () => {
  const steps = beforeFailure({ on_abort: 'rollback_wave', max_parallel: 3 })
  assert.deepEqual(words(steps.look(badA)), ['unhealthy a', 'rolling-back'])
  const order = ['return-intended a', 'return-intended c', 'return-intended b']
  assert.deepEqual(words(steps.look(badA)), order)
})

test('rollback_all: newest first, back to the canary', () => {
  const steps = beforeFailure({ on_abort: 'rollback_all', max_parallel: 1 })
  steps.look(badA)
  const order: string[] = []
  for (let looks = 0; looks < 20 && steps.state().status.kind !== 'ended'; looks += 1) {
    const events = steps.look()
    order.push(...events.flatMap((each) => (each.type === 'return-intended' ? each.device : [])))
    finish(steps, events)
  }
  assert.deepEqual(order, ['a', 'c', 'b', 'x'])
  const { status } = steps.state()
  assert.ok(status.kind === 'ended' && status.result === 'rolled_back')
})

function takenBack(scope: 'failed' | 'wave' | 'all'): readonly string[] {
  const steps = beforeFailure({ max_parallel: 9 })
  steps.look({ devices: { a: { gate: pass } } })
  steps.tell({ type: 'rolling-back', why: 'by hand', scope, isReleaseToBlame: true })
  return words(steps.look())
}

test('an operator may say how much is taken back', () => {
  const [c, a, b] = ['return-intended c', 'return-intended a', 'return-intended b']
  assert.deepEqual(takenBack('failed'), [a], 'what has not passed cannot stay')
  assert.deepEqual(takenBack('wave'), [c, a, b])
  assert.deepEqual(takenBack('all'), [c, a, b, 'return-intended x'])
})

test('taking back obeys the quorum, and what is out of service already does not wait', () => {
  const quorum = [{ name: 'roof', members: ['x', 'a', 'b', 'c'], minGood: 3 }]
  const steps = beforeFailure({ on_abort: 'rollback_wave' }, { quorum })
  steps.look({ devices: { a: { gate: failing } } })
  assert.deepEqual(words(steps.look()), ['return-intended a'])
  steps.tell({ type: 'returned', device: 'a', generation: 3, missing: [] })
  assert.deepEqual(words(steps.look()), ['verified a'])
  assert.deepEqual(words(steps.look()), ['return-intended c'])
  steps.tell({ type: 'returned', device: 'c', generation: 3, missing: [] })
  assert.deepEqual(words(steps.look()), ['verified c'])
  assert.deepEqual(words(steps.look()), ['return-intended b'])
})

test('what the quorum never lets go back is not called rolled back, also after a resume', () => {
  const quorum = [{ name: 'roof', members: ['x', 'a', 'b', 'c'], minGood: 3 }]
  const steps = beforeFailure({ on_abort: 'rollback_wave' }, { quorum })
  steps.look(badA)
  steps.look(badA)
  steps.tell({ type: 'returned', device: 'a', generation: 3, missing: [] })
  const seen = { devices: { a: { gate: pass, time: 'bad' }, x: { time: 'bad' } } } as const
  assert.deepEqual(words(steps.look(seen)), ['verified a'])
  assert.deepEqual(words(steps.look({ ...seen, afterMs: 20 * minute })), ['ended'])
  const result = (): string => {
    const { status } = steps.state()
    return status.kind === 'ended' ? status.result : status.kind
  }
  assert.equal(result(), 'needs_attention')
  steps.tell({ type: 'resumed', by: 'ada', why: 'x is good again' })
  assert.equal(result(), 'rolling-back')
  assert.deepEqual(words(steps.look()), ['return-intended c'])
})

test('after the decision to go back nothing is started', () => {
  const steps = openSteps({
    waves: [wave('a', 'b', 'c')],
    settings: { max_parallel: 2, abort: { failed_total: 1 } },
  })
  steps.look()
  steps.tell({ type: 'not-moved', device: 'a', reason: 'refused', detail: 'no space' })
  assert.deepEqual(words(steps.look()), ['rolling-back'])
  assert.deepEqual(words(steps.look()), [])
  steps.tell(moved('b'))
  assert.deepEqual(words(steps.look()), ['climbed b', 'return-intended b'])
  steps.tell({ type: 'returned', device: 'b', generation: 3, missing: [] })
  assert.deepEqual(words(steps.look()), ['verified b', 'ended'])
  assert.equal(steps.state().devices.get('c')?.phase, 'not-reached')
})

test('a failure below the limits puts the device back, and goes on', () => {
  const steps = beforeFailure({ abort: { failed_total: 2 } })
  assert.deepEqual(words(steps.look(badA)), ['unhealthy a', 'return-intended a'])
  steps.tell({ type: 'returned', device: 'a', generation: 3, missing: [] })
  assert.deepEqual(words(steps.look()), ['verified a', 'wave-passed 1', 'ended'])
  const { status } = steps.state()
  assert.ok(status.kind === 'ended' && status.result === 'done')
})

/** Of ten devices, all moved: so many are healthy, failed (and put back) and lost. */
function counted(
  abort: Readonly<Record<string, unknown>>,
  { healthy = 0, failed = 0, lost = 0 },
): Steps {
  const beginning: Beginning = { waves: [wave(...names)], settings: { abort } }
  const steps = openSteps(beginning)
  steps.look()
  const rest = [...names]
  for (const device of rest.splice(0, healthy)) {
    steps.tell(moved(device), { type: 'healthy', device, settledSeconds: 1 })
  }
  for (const device of rest.splice(0, failed)) {
    const detail = 'no'
    steps.tell({ type: 'not-moved', device, reason: 'refused', detail })
  }
  for (const device of rest.splice(0, lost)) steps.tell({ type: 'lost', device, detail: 'silent' })
  return steps
}

for (const { limits, counts, isOver } of [
  { limits: { failed_total: 2 }, counts: { failed: 1 }, isOver: false },
  { limits: { failed_total: 2 }, counts: { failed: 2 }, isOver: true },
  { limits: { failed_total: 1 }, counts: { lost: 1 }, isOver: false },
  { limits: { failed_total: 9, lost_total: 2 }, counts: { lost: 2 }, isOver: true },
  { limits: { failed_total: 9, lost_total: 3 }, counts: { lost: 2 }, isOver: false },
  {
    limits: { failed_total: 9, lost_total: 9, failed_percent: 25, min_executed: 5 },
    counts: { healthy: 2, failed: 2 },
    isOver: false,
  },
  {
    limits: { failed_total: 9, lost_total: 9, failed_percent: 25, min_executed: 5 },
    counts: { healthy: 3, failed: 2 },
    isOver: true,
  },
  {
    limits: { failed_total: 9, lost_total: 9, failed_percent: 25, min_executed: 5 },
    counts: { healthy: 3, failed: 1, lost: 1 },
    isOver: true,
  },
  {
    limits: { failed_total: 9, lost_total: 9, failed_percent: 25, min_executed: 5 },
    counts: { healthy: 4, failed: 1 },
    isOver: false,
  },
  {
    limits: { failed_total: 9, lost_total: 9, failed_percent: 20, min_executed: 5 },
    counts: { healthy: 4, failed: 1 },
    isOver: true,
  },
]) {
  const what = `${JSON.stringify(counts)} with ${JSON.stringify(limits)}`
  test(`${what} ${isOver ? 'ends it' : 'goes on'}`, () => {
    const steps = counted({ min_executed: 100, ...limits }, counts)
    assert.equal(words(steps.look()).includes('rolling-back'), isOver)
  })
}

test('who resumes has seen what failed: only what fails after it counts', () => {
  const steps = openSteps({
    waves: [wave('a', 'b', 'c')],
    settings: { on_abort: 'pause', max_parallel: 1, abort: { failed_total: 1 } },
  })
  steps.look()
  steps.tell({ type: 'not-moved', device: 'a', reason: 'refused', detail: 'no space' })
  assert.deepEqual(words(steps.look()), ['paused'])
  steps.tell({ type: 'resumed', by: 'ada', why: 'a is known to be full' })
  assert.deepEqual(words(steps.look()), ['move-intended b'])
  steps.tell({ type: 'not-moved', device: 'b', reason: 'refused', detail: 'no space' })
  assert.deepEqual(words(steps.look()), ['paused'])
})

test('a failure that nobody saw, because the runner died, is not forgiven by taking it up', () => {
  const steps = openSteps({ waves: [wave('a', 'b')], settings: { max_parallel: 1 } })
  steps.look()
  steps.tell({ type: 'not-moved', device: 'a', reason: 'refused', detail: 'no space' })
  steps.tell({ type: 'resumed', by: 'ada', why: 'after a power cut' })
  assert.deepEqual(words(steps.look()), ['rolling-back'])
})

test('a device that would not go back is never tried again by itself, and by a person once', () => {
  const steps = openSteps({ waves: [wave('a')], members: ['a', 'b'].map(lonely) })
  steps.look()
  steps.settle('a')
  steps.look(badA)
  assert.deepEqual(words(steps.look()), ['return-intended a'])
  steps.tell({ type: 'stuck', device: 'a', detail: 'no-way-back' })
  assert.deepEqual(words(steps.look()), ['ended'])
  steps.tell({ type: 'resumed', by: 'ada', why: 'repaired by hand' })
  assert.equal(steps.state().devices.get('a')?.phase, 'lost', 'the device is looked at again')
  steps.tell({ type: 'returned', device: 'a', generation: 1, missing: [] })
  assert.deepEqual(words(steps.look()), ['verified a', 'ended'])
  const { status } = steps.state()
  assert.ok(status.kind === 'ended' && status.result === 'rolled_back')
})

test('a device that serves again after it did not is said to be back for what the release did', () => {
  const steps = openSteps({ waves: [wave('a')], members: ['a', 'b'].map(lonely) })
  const detail = (): string => steps.state().devices.get('a')?.detail ?? ''
  steps.look()
  steps.settle('a')
  steps.look(badA)
  steps.look()
  const why = detail()
  steps.tell({ type: 'returned', device: 'a', generation: 1, missing: ['package:gpsd'] })
  steps.look({ ...badA, afterMs: 60 * minute })
  assert.match(detail(), /on the old release, and not serving after/)
  steps.tell({ type: 'resumed', by: 'ada', why: 'repaired by hand' })
  steps.tell({ type: 'returned', device: 'a', generation: 1, missing: [] })
  assert.deepEqual(words(steps.look()), ['verified a', 'ended'])
  assert.equal(detail(), `${why}; not had back: package:gpsd`)
})
