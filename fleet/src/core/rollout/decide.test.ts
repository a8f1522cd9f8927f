/** What a rollout does next: starts, waits, passes, pauses, promotes, ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockedDevices, stepName } from './start-devices.ts'
import { canary, lonely, moved, openSteps, pending, wave, words } from './test/stepping.ts'

const minute = 60_000

test('a wave begins with as many devices as max_parallel, and each that is done makes room', () => {
  const steps = openSteps({
    waves: [wave('a', 'b', 'c', 'd')],
    settings: { max_parallel: 2 },
  })
  assert.deepEqual(words(steps.look()), ['wave-started 0', 'move-intended a', 'move-intended b'])
  steps.settle('a')
  assert.deepEqual(words(steps.look({ afterMs: minute })), ['healthy a', 'move-intended c'])
})

test('max_parallel in percent rounds down, and is at least one', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const started = (share: string, count: number): number => {
    const settings = { max_parallel: share }
    const events = openSteps({ waves: [wave(...names.slice(0, count))], settings }).look()
    return events.filter(({ type }) => type === 'move-intended').length
  }
  assert.equal(started('50%', 7), 3)
  assert.equal(started('50%', 1), 1)
  assert.equal(started('1%', 7), 1)
  assert.equal(started('100%', 7), 7)
})

test('between two starts lies stagger', () => {
  const steps = openSteps({ waves: [wave('a', 'b')], settings: { stagger: '40s' } })
  assert.deepEqual(words(steps.look()), ['wave-started 0', 'move-intended a'])
  assert.match(blockedDevices(steps.state(), steps.sight()).get('b') ?? '', /stagger/)
  assert.deepEqual(words(steps.look({ afterMs: 39_999 })), [])
  assert.deepEqual(words(steps.look({ afterMs: 1 })), ['move-intended b'])
})

test('a freeze starts nothing, lets what runs finish, and is no lack of progress', () => {
  const steps = openSteps({ waves: [wave('a', 'b'), wave('c')], settings: { max_parallel: 1 } })
  steps.look()
  steps.settle('a')
  const freeze = 'a leap second is near'
  assert.deepEqual(words(steps.look({ afterMs: minute, freeze })), ['healthy a'])
  assert.deepEqual([...blockedDevices(steps.state(), steps.sight({ freeze })).values()], [freeze])
  assert.deepEqual(words(steps.look({ afterMs: 72 * 60 * minute, freeze })), [])
  assert.deepEqual(words(steps.look()), ['move-intended b'])
  steps.settle('b')
  assert.deepEqual(words(steps.look({ afterMs: minute, freeze })), ['healthy b'])
  assert.deepEqual(words(steps.look({ afterMs: 72 * 60 * minute, freeze })), [])
  assert.deepEqual(words(steps.look()), ['wave-passed 0', 'wave-started 1', 'move-intended c'])
})

test('without progress for progress_deadline it pauses and says so', () => {
  const steps = openSteps({
    waves: [wave('a')],
    quorum: [{ name: 'roof', members: ['a', 'b'], minGood: 1 }],
    members: ['a', 'b'].map(lonely),
  })
  const seen = { devices: { b: { time: 'bad' } } } as const
  assert.deepEqual(words(steps.look(seen)), ['wave-started 0'])
  const why = blockedDevices(steps.state(), steps.sight(seen)).get('a')
  assert.equal(why, 'roof would have 0 good of 1 required')
  assert.deepEqual(words(steps.look({ ...seen, afterMs: 20 * minute })), ['paused'])
  const { status } = steps.state()
  assert.ok(status.kind === 'paused' && status.why.includes('progress_deadline'))
  assert.deepEqual(steps.look(), [], 'what is paused decides nothing')
})

test('while it is paused all clocks stand still', () => {
  const steps = openSteps({ waves: [wave('a', 'b', 'c')], settings: { max_parallel: 2 } })
  const veto = { devices: { c: { veto: 'holdover' } } }
  steps.look()
  steps.settle('a')
  steps.tell({ type: 'healthy', device: 'a', settledSeconds: 1 })
  assert.deepEqual(words(steps.look(veto)), ['vetoed c'])
  steps.settle('b')
  steps.tell({ type: 'paused', by: 'ada', why: 'lunch', awaits: 'resume' })
  assert.deepEqual(steps.look({ afterMs: 600 * minute }), [])
  steps.tell({ type: 'resumed', by: 'ada', why: '' })
  assert.deepEqual(words(steps.look({ ...veto, afterMs: 59_000 })), [], 'the soak began anew')
  assert.deepEqual(words(steps.look({ ...veto, afterMs: 1_000 })), ['healthy b'])
  assert.deepEqual(words(steps.look({ ...veto, afterMs: 28 * minute })), ['paused'])
  steps.tell({ type: 'resumed', by: 'ada', why: '' })
  assert.deepEqual(words(steps.look({ ...veto, afterMs: 19 * minute })), [])
})

test('what settles has its time anew after a pause', () => {
  const steps = openSteps({ waves: [wave('a')] })
  const seen = { devices: { a: { gate: pending } } }
  steps.look()
  steps.tell(moved('a'))
  steps.look({ ...seen, afterMs: 9 * minute })
  steps.tell({ type: 'paused', by: 'ada', why: 'lunch', awaits: 'resume' })
  steps.look({ afterMs: 60 * minute })
  steps.tell({ type: 'resumed', by: 'ada', why: '' })
  assert.deepEqual(words(steps.look({ ...seen, afterMs: 9 * minute })), [])
  assert.deepEqual(words(steps.look({ ...seen, afterMs: minute })), ['unhealthy a', 'rolling-back'])
})

test('manual canaries wait for a person, and go on when one says so', () => {
  const steps = openSteps({
    waves: [canary('a'), wave('b')],
    settings: { canary: { soak: '60s', promote: 'manual' } },
  })
  steps.look()
  steps.settle('a')
  assert.deepEqual(words(steps.look({ afterMs: minute })), ['healthy a', 'paused'])
  const { status } = steps.state()
  assert.ok(status.kind === 'paused' && status.awaits === 'promotion')
  steps.tell({ type: 'resumed', by: 'ada', why: '' })
  assert.deepEqual(words(steps.look()), ['paused'], 'resume is no promotion')
  steps.tell({ type: 'promoted', by: 'ada', why: 'looks good' })
  assert.deepEqual(words(steps.look()), ['wave-passed 0', 'wave-started 1', 'move-intended b'])
})

test('promoting canaries that still soak does not make them soak for longer', () => {
  const steps = openSteps({
    waves: [canary('a'), wave('b')],
    settings: { canary: { soak: '60s', promote: 'manual' } },
  })
  steps.look()
  steps.settle('a')
  steps.look({ afterMs: 59_000 })
  steps.tell({ type: 'promoted', by: 'ada', why: '' })
  const next = ['healthy a', 'wave-passed 0', 'wave-started 1', 'move-intended b']
  assert.deepEqual(words(steps.look({ afterMs: 1_000 })), next)
})

test('devices that are held back, a release behind wait for a promotion after the end', () => {
  const steps = openSteps({
    waves: [canary('a'), { kind: 'held-back', devices: ['b'] }],
    settings: { canary: { soak: '60s', promote: 'manual' } },
  })
  steps.look()
  steps.settle('a')
  steps.look({ afterMs: minute })
  steps.tell({ type: 'promoted', by: 'ada', why: 'the canary is good' })
  assert.deepEqual(words(steps.look()), ['wave-passed 0', 'ended'])
  assert.deepEqual(steps.state().status, { kind: 'ended', result: 'done', why: '' })
  assert.equal(steps.state().devices.get('b')?.phase, 'waiting')
  steps.tell({ type: 'promoted', by: 'ada', why: 'a week is over' })
  assert.deepEqual(words(steps.look()), ['wave-passed 0', 'wave-started 1', 'move-intended b'])
  steps.settle('b')
  assert.deepEqual(words(steps.look({ afterMs: minute })), ['healthy b', 'wave-passed 1', 'ended'])
})

test('a canary that was not there is no canary that passed', () => {
  const steps = openSteps({ waves: [canary('a', 'b'), wave('c')] })
  steps.look()
  steps.tell({ type: 'not-moved', device: 'b', reason: 'unreachable', detail: 'no route' })
  steps.settle('a')
  assert.deepEqual(words(steps.look({ afterMs: minute })), ['healthy a', 'paused'])
  const { status } = steps.state()
  assert.ok(status.kind === 'paused' && status.why === 'canary not passed by b')
})

test('canaries are not passed before they were compared', () => {
  const steps = openSteps({ waves: [canary('a'), wave('b')] })
  steps.look()
  steps.settle('a')
  assert.deepEqual(words(steps.look({ afterMs: minute, comparison: null })), ['healthy a'])
  assert.deepEqual(words(steps.look({ comparison: null })), [])
  assert.deepEqual(words(steps.look()), ['wave-passed 0', 'wave-started 1', 'move-intended b'])
})

function compared(verdict: 'fail' | 'inconclusive'): readonly string[] {
  const steps = openSteps({ waves: [canary('a'), wave('b')] })
  steps.look()
  steps.settle('a')
  const comparison = { verdict, detail: '2 ms and 0.1 ms' }
  const events = steps.look({ afterMs: minute, comparison })
  return [...words(events), ...words(steps.look())]
}

test('canaries that are worse than their controls go back; where that is inconclusive, it pauses', () => {
  assert.deepEqual(compared('fail'), ['healthy a', 'rolling-back', 'return-intended a'])
  assert.deepEqual(compared('inconclusive'), ['healthy a', 'paused'])
})

test('a device that is not ready is asked again, and left alone in the end', () => {
  const steps = openSteps({
    waves: [wave('a', 'b')],
    settings: { veto_timeout: '5m', max_parallel: 1 },
  })
  const seen = { devices: { a: { veto: 'holdover' } } }
  const first = ['wave-started 0', 'vetoed a', 'move-intended b']
  assert.deepEqual(words(steps.look(seen)), first, 'the others do not wait for it')
  assert.equal(blockedDevices(steps.state(), steps.sight(seen)).get('a'), 'holdover')
  steps.settle('b')
  steps.look({ ...seen, afterMs: minute })
  assert.deepEqual(words(steps.look({ ...seen, afterMs: 3 * minute })), [])
  const last = ['not-moved a']
  assert.deepEqual(words(steps.look({ ...seen, afterMs: 2 * minute })), last)
  assert.equal(steps.state().devices.get('a')?.counted, null, 'that is no failure')
  assert.deepEqual(words(steps.look()), ['wave-passed 0', 'ended'])
})

test('a veto that is taken back lets the device move', () => {
  const steps = openSteps({ waves: [wave('a')] })
  steps.look({ devices: { a: { veto: 'holdover' } } })
  assert.deepEqual(words(steps.look()), ['move-intended a'])
})

for (const { policy, next, counted } of [
  { policy: 'skip', next: ['paused'], counted: null },
  { policy: 'wait', next: ['move-intended a'], counted: null },
  { policy: 'fail', next: ['rolling-back'], counted: 'failed' },
] as const) {
  test(`a device that cannot be reached before its change: ${policy}`, () => {
    const steps = openSteps({ waves: [wave('a')], settings: { unreachable_before: policy } })
    steps.look()
    steps.tell({ type: 'not-moved', device: 'a', reason: 'unreachable', detail: 'no route' })
    assert.equal(steps.state().devices.get('a')?.counted, counted)
    assert.deepEqual(words(steps.look()), next)
  })
}

test('a device that is waited for is not waited for longer than progress_deadline', () => {
  const steps = openSteps({ waves: [wave('a')], settings: { unreachable_before: 'wait' } })
  const gone = {
    type: 'not-moved',
    device: 'a',
    reason: 'unreachable',
    detail: 'no route',
  } as const
  for (let looks = 0; looks < 100 && steps.state().status.kind === 'running'; looks += 1) {
    steps.look({ afterMs: minute })
    if (steps.state().devices.get('a')?.phase === 'moving') steps.tell(gone)
  }
  assert.equal(steps.state().status.kind, 'paused')
  assert.ok(steps.state().progressMs - steps.state().startedMs <= minute)
})

test('a step that fails after it was paused is not forgiven by the resume', () => {
  const steps = openSteps({ waves: [wave('a', 'b')], settings: { max_parallel: 1 } })
  steps.look()
  steps.tell(
    { type: 'paused', by: 'ada', why: 'interrupted', awaits: 'resume' },
    { type: 'not-moved', device: 'a', reason: 'refused', detail: 'no space' },
    { type: 'resumed', by: 'ada', why: '' },
  )
  assert.deepEqual(words(steps.look()), ['rolling-back'])
})

test('a wave waits for what was lost as long as that takes to revert by itself', () => {
  const steps = openSteps({ waves: [wave('a')] })
  steps.look()
  steps.tell({ type: 'lost', device: 'a', detail: 'silent' })
  assert.deepEqual(words(steps.look({ afterMs: 119_999 })), [])
  assert.deepEqual(words(steps.look({ afterMs: 1 })), ['paused'])
  steps.tell({ type: 'resumed', by: 'ada', why: 'the cable is in again' })
  assert.deepEqual(words(steps.look()), [], 'and after a resume, too')
})

test('each intent has a name of its own on its device, however long the device is called', () => {
  const long = 'a'.repeat(63)
  const steps = openSteps({ waves: [wave(long)] })
  const state = steps.state()
  const device = state.devices.get(long)
  assert.ok(device)
  const later = { ...state, started: { ...state.started, rollout: 'r20261124-000000' } }
  const names = [
    stepName(state, device),
    stepName(state, { ...device, intents: 1 }),
    stepName(later, device),
  ]
  assert.equal(new Set(names).size, names.length)
  // What the device protocol allows for the id of an operation.
  for (const name of names) assert.match(name, /^[A-Za-z0-9-]{1,64}$/)
})

test('a canary that could not be reached is tried again by a resume, and left out by a promotion', () => {
  const steps = openSteps({ waves: [canary('a'), wave('b')] })
  const unreachable = { type: 'not-moved', device: 'a', reason: 'unreachable', detail: '' } as const
  steps.look()
  steps.tell(unreachable)
  assert.deepEqual(words(steps.look()), ['paused'])
  steps.tell({ type: 'resumed', by: 'ada', why: 'its power is back' })
  assert.deepEqual(words(steps.look()), ['move-intended a'])
  assert.equal(steps.state().devices.get('a')?.intents, 2, 'each attempt has an id of its own')
  steps.tell(unreachable)
  assert.deepEqual(words(steps.look()), ['paused'])
  steps.tell({ type: 'promoted', by: 'ada', why: 'it is in the workshop' })
  assert.deepEqual(words(steps.look()), ['wave-passed 0', 'wave-started 1', 'move-intended b'])
})

test('a canary that was lost in the middle is moved again by a resume, before or after it is back', () => {
  const lost = { type: 'lost', device: 'a', detail: 'no route to host' } as const
  const returned = { type: 'returned', device: 'a', generation: 1, missing: [] } as const
  const resumed = { type: 'resumed', by: 'ada', why: 'the cable is mended' } as const
  for (const order of [
    [resumed, returned],
    [returned, resumed],
  ]) {
    const steps = openSteps({ waves: [canary('a'), wave('b')] })
    steps.look()
    steps.tell(lost)
    assert.equal(words(steps.look({ afterMs: 10 * minute })).at(-1), 'paused')
    steps.tell(...order)
    const later = [...steps.look(), ...steps.look(), ...steps.look()]
    assert.ok(words(later).includes('move-intended a'), words(later).join())
    assert.equal(steps.state().devices.get('a')?.intents, 2)
  }
})
