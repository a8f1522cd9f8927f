/** A changed device: how it passes, and what is held against it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GateVerdict } from './sight.ts'
import {
  canary,
  failing,
  intervalMs,
  moved,
  openSteps,
  pass,
  pending,
  inconclusive,
  wave,
  words,
  type Beginning,
  type Steps,
} from './test/stepping.ts'

const minute = 60_000

/** Device `a` is on the new release, with a canary before it that passed. */
function changed(more: Partial<Beginning> = {}): Steps {
  const steps = openSteps({ waves: [wave('a')], ...more })
  steps.look()
  steps.tell(moved('a'))
  return steps
}

function look(steps: Steps, gate: GateVerdict, afterMs = intervalMs): readonly string[] {
  return words(steps.look({ afterMs, devices: { a: { gate } } }))
}

test('it climbs, soaks for min_healthy_time, and is healthy', () => {
  const steps = changed()
  assert.deepEqual(look(steps, pending), ['climbed a'])
  assert.deepEqual(look(steps, pending), [], 'the same gate is told once')
  assert.deepEqual(look(steps, pass), ['climbed a'])
  assert.deepEqual(look(steps, pass, minute - 1), [])
  assert.deepEqual(look(steps, pass, 1), ['healthy a', 'wave-passed 0', 'ended'])
  assert.equal(steps.state().devices.get('a')?.settledSeconds, 45)
})

test('a canary soaks for as long as its soak says', () => {
  const steps = changed({ waves: [canary('a'), wave('b')], settings: { canary: { soak: '5m' } } })
  assert.deepEqual(look(steps, pass), ['climbed a'])
  assert.deepEqual(look(steps, pass, 5 * minute - 1), [])
  assert.equal(look(steps, pass, 1)[0], 'healthy a')
})

test('one bad look in the soak begins it anew; three in a row fail', () => {
  const steps = changed()
  look(steps, pass)
  assert.deepEqual(look(steps, pending, minute - 1), ['slipped a'])
  assert.deepEqual(look(steps, pending), ['slipped a'])
  assert.deepEqual(look(steps, pass), ['climbed a'], 'two in a row are weather')
  assert.deepEqual(look(steps, pass, minute - 1), [], 'the soak began anew')
  assert.deepEqual(look(steps, pending, 1), ['slipped a'])
  assert.deepEqual(look(steps, pending), ['slipped a'])
  assert.deepEqual(look(steps, pending), ['unhealthy a', 'rolling-back'])
  assert.match(steps.state().devices.get('a')?.detail ?? '', /^failed in the soak: not in step$/)
})

test('how long it took to settle is not known when nobody watched all of it', () => {
  const killed = changed()
  look(killed, pending)
  killed.tell({ type: 'resumed', by: 'ada', why: '' })
  for (let looks = 0; looks < 6; looks += 1) look(killed, pass)
  const { phase, settledSeconds } = killed.state().devices.get('a') ?? {}
  assert.deepEqual({ phase, settledSeconds }, { phase: 'healthy', settledSeconds: null })

  const finished = openSteps({ waves: [wave('a')] })
  finished.reach(0)
  finished.tell({
    type: 'moved',
    device: 'a',
    before: 1,
    after: 2,
    tookSeconds: null,
    errorsPerMinuteBefore: null,
  })
  for (let looks = 0; looks < 6; looks += 1) look(finished, pass)
  assert.equal(finished.state().devices.get('a')?.settledSeconds, null)
})

test('two slips after a short learned limit are still weather', () => {
  const steps = changed({ settleLimitsMs: { a: 30_000 } })
  look(steps, pass)
  assert.deepEqual(look(steps, pending, 20_000), ['slipped a'])
  assert.deepEqual(look(steps, pending), ['slipped a'])
  assert.deepEqual(look(steps, pass), ['climbed a'])
})

test('what slips again and again fails by its deadline', () => {
  const steps = changed()
  const startMs = steps.state().devices.get('a')?.sinceMs ?? 0
  for (let looks = 0; looks < 100 && steps.state().status.kind === 'running'; looks += 1) {
    look(steps, looks % 2 === 0 ? pass : pending)
  }
  assert.equal(steps.state().status.kind, 'rolling-back')
  const failedMs = steps.state().devices.get('a')?.sinceMs ?? 0
  assert.ok(failedMs - startMs <= 11 * minute + 2 * intervalMs)
})

test('one that does not come up fails by its deadline, or by what was learned of it', () => {
  const steps = changed({ waves: [wave('a')], settleLimitsMs: { a: 3 * minute } })
  look(steps, pending)
  assert.deepEqual(look(steps, pending, 3 * minute - intervalMs - 1), [])
  assert.deepEqual(look(steps, pending, 1), ['unhealthy a', 'rolling-back'])
  assert.equal(steps.state().devices.get('a')?.detail, 'not healthy after 3 min: not in step')
})

test('what is certain fails at once', () => {
  const steps = changed()
  assert.deepEqual(look(steps, failing), ['unhealthy a', 'rolling-back'])
  assert.equal(steps.state().devices.get('a')?.detail, '40 ms off')
})

test('three consecutive checks that cannot be judged pause; it neither failed nor passed', () => {
  const steps = changed()
  assert.deepEqual(look(steps, inconclusive), ['inconclusive a'])
  assert.deepEqual(look(steps, inconclusive), ['inconclusive a'])
  assert.deepEqual(look(steps, inconclusive), ['inconclusive a', 'paused'])
  const { status } = steps.state()
  assert.ok(status.kind === 'paused' && status.why === 'a cannot be judged: 1 vote')
  assert.equal(steps.state().devices.get('a')?.phase, 'settling')
  steps.tell({ type: 'resumed', by: 'ada', why: '' })
  assert.deepEqual(look(steps, inconclusive), ['inconclusive a'], 'they are counted anew')
})

test('looks that cannot be judged now and then neither pause nor cost the soak', () => {
  const steps = changed()
  look(steps, pass)
  for (let looks = 0; looks < 3; looks += 1) {
    assert.deepEqual(look(steps, inconclusive, 10_000), ['inconclusive a'])
    assert.deepEqual(look(steps, pass, 0), ['climbed a'])
  }
  assert.deepEqual(look(steps, pass, 29_999), [])
  assert.equal(look(steps, pass, 1)[0], 'healthy a')
})

test('while it climbs, too', () => {
  const steps = changed()
  look(steps, pending)
  for (let looks = 0; looks < 5; looks += 1) {
    assert.deepEqual(look(steps, inconclusive), ['inconclusive a'])
    assert.deepEqual(look(steps, pending), ['climbed a'])
  }
})

test('a gap in service over its bound fails, however healthy it is now', () => {
  const steps = changed({ settings: { gates: { max_downtime: '90s' } } })
  const seen = { devices: { a: { gate: pass, downtimeSeconds: 90.5 } } }
  assert.deepEqual(words(steps.look(seen)), ['served a', 'unhealthy a', 'rolling-back'])
  assert.match(steps.state().devices.get('a')?.detail ?? '', /no good time for 91 s; 90 s are all/)
})

test('downtime over its bound fails while it lasts: nobody waits for an image that never serves', () => {
  const steps = changed({ settings: { gates: { max_downtime: '30s' } } })
  const lasting = (lastingSeconds: number): readonly string[] =>
    words(steps.look({ devices: { a: { gate: pending, lastingSeconds } } }))
  assert.ok(!lasting(29).includes('unhealthy a'))
  assert.deepEqual(lasting(31), ['unhealthy a', 'rolling-back'])
  assert.match(steps.state().devices.get('a')?.detail ?? '', /no good time for 31 s; 30 s are all/)
})

test('a gap within its bound is written down once', () => {
  const steps = changed()
  const seen = { devices: { a: { gate: pass, downtimeSeconds: 4 } } }
  assert.deepEqual(words(steps.look(seen)), ['served a', 'climbed a'])
  assert.deepEqual(words(steps.look(seen)), [])
})

test('the time in which a device cannot be reached is not held against the release', () => {
  const steps = changed()
  const silent: GateVerdict = { verdict: 'unreached', gate: 'container', detail: 'no route' }
  assert.deepEqual(look(steps, pending), ['climbed a'])
  assert.deepEqual(look(steps, silent), ['climbed a'])
  assert.deepEqual(look(steps, silent, minute), [], 'the silence is told once')
  assert.deepEqual(look(steps, pending), ['climbed a'])
  assert.deepEqual(look(steps, pending, 10 * minute - 2 * intervalMs - 1), [])
  assert.deepEqual(look(steps, pending, 1), ['unhealthy a', 'rolling-back'])
})

test('a device that is silent until its deadline is lost, and the release is not to blame', () => {
  const steps = changed()
  const silent: GateVerdict = { verdict: 'unreached', gate: 'container', detail: 'no route' }
  assert.deepEqual(look(steps, silent), ['climbed a'])
  assert.equal(look(steps, silent, 2 * minute)[0], 'lost a')
  assert.equal(steps.state().devices.get('a')?.isReleaseToBlame, false)
})

test('a device that was lost is looked for until its deadline; then a person must go there', () => {
  const steps = openSteps({ waves: [wave('a')] })
  steps.look()
  steps.tell({ type: 'lost', device: 'a', detail: 'connection reset' })
  steps.tell({ type: 'rolling-back', why: 'lost', scope: 'wave', isReleaseToBlame: false })
  assert.deepEqual(words(steps.look({ afterMs: 10 * minute - 1 })), [])
  assert.deepEqual(words(steps.look({ afterMs: 1 })), ['stuck a', 'ended'])
  const { status } = steps.state()
  assert.ok(status.kind === 'ended' && status.result === 'needs_attention')
})

test('one that was rolled back and does not serve on the old release either is no success', () => {
  const steps = openSteps({ waves: [wave('a')] })
  steps.look()
  steps.tell({ type: 'move-failed', device: 'a', detail: 'container-failed' })
  assert.deepEqual(look(steps, pending), ['rolling-back'])
  assert.deepEqual(look(steps, pending, 10 * minute - intervalMs - 1), [])
  assert.deepEqual(look(steps, pending, 1), ['stuck a', 'ended'])
  const { status } = steps.state()
  assert.ok(status.kind === 'ended' && status.result === 'needs_attention')
})

test('each gate has its own deadline, counted from when the device stood on it', () => {
  const steps = changed({ settings: { gates: { deadlines: { http: '2m' } } } })
  const http: GateVerdict = { verdict: 'pending', gate: 'http', detail: '503' }
  assert.deepEqual(look(steps, pending, 3 * minute), ['climbed a'])
  assert.deepEqual(look(steps, http), ['climbed a'])
  assert.deepEqual(look(steps, http, 2 * minute - 1), [])
  const [unhealthy] = steps.look({ afterMs: 1, devices: { a: { gate: http } } })
  assert.ok(unhealthy?.type === 'unhealthy')
  assert.equal(unhealthy.detail, 'http does not hold after 2 min: 503')
})

test('looks that cannot be judged give a device no more time on its gate', () => {
  const steps = changed({ settings: { gates: { deadlines: { synced: '60s' } } } })
  look(steps, pending)
  assert.deepEqual(look(steps, inconclusive, 30_000), ['inconclusive a'])
  assert.deepEqual(look(steps, pending, 0), ['climbed a'])
  assert.deepEqual(look(steps, pending, 29_999), [])
  assert.deepEqual(look(steps, pending, 1), ['unhealthy a', 'rolling-back'])
  assert.match(steps.state().devices.get('a')?.detail ?? '', /^synced does not hold after 1 min/)
})
