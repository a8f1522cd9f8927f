import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aClock, aDevice, aFleet } from '../test/records.ts'
import { sentenceOf, verdictOf, worstFirst } from './verdict.ts'

test('a device that gives good time is good until something is to be said of it', () => {
  assert.deepEqual(verdictOf(aDevice()), { level: 'good', word: 'good time', why: '' })
  assert.equal(verdictOf(aDevice({ reachable: false })).why, 'not reached over ssh')
  assert.equal(verdictOf(aDevice({ drift: ['file /etc/x'] })).why, 'drift: file /etc/x')
  assert.equal(verdictOf(aDevice({ outdated: true })).level, 'warn')
})

test('a falseticker is bad with what the sweep found, and nothing else hides it', () => {
  const faults = [{ fault: 'offset', level: 'bad' as const, text: '49 ms off' }]
  const clock = aClock({ verdict: 'falseticker', faults })
  const found = verdictOf(aDevice({ good_time: false, clock, reachable: false }))
  assert.deepEqual(found, { level: 'bad', word: 'falseticker', why: '49 ms off' })
})

test('what was not swept is neither good nor bad', () => {
  assert.equal(verdictOf(aDevice({ good_time: null, clock: null })).level, 'unknown')
  const none = sentenceOf(aFleet({ good: 0 }), [aDevice({ good_time: null, clock: null })])
  assert.equal(none.text, 'No sweep has ended yet.')
})

test('the worst come first, equals by name', () => {
  const devices = [
    aDevice({ device: 'c' }),
    aDevice({ device: 'b', good_time: null }),
    aDevice({ device: 'a' }),
    aDevice({ device: 'd', good_time: false }),
    aDevice({ device: 'e', drift: ['x'] }),
  ]
  assert.deepEqual(
    worstFirst(devices).map(({ device }) => device),
    ['d', 'e', 'b', 'a', 'c'],
  )
})

test('the sentence says what the quorum says, and names who is wrong', () => {
  const good = sentenceOf(aFleet(), [aDevice()])
  assert.deepEqual([good.level, good.text], ['good', 'Time is good: 4 of 4 servers give it.'])
  const quorum = [
    {
      set: 'stratum1',
      servers: 2,
      good: 0,
      min_good: 1,
      may_be_away: 0,
      verdict: 'broken' as const,
    },
  ]
  const wrong = ['a', 'b', 'c', 'd'].map((device) =>
    aDevice({ device, good_time: false, clock: aClock({ verdict: 'unreachable' }) }),
  )
  const bad = sentenceOf(aFleet({ good: 0, quorum }), wrong)
  assert.equal(bad.level, 'bad')
  assert.equal(bad.text, 'Clients may get no good time: 0 of 4 servers give it.')
  assert.deepEqual(bad.more, [
    'stratum1: 0 of 2 good, 1 needed',
    ...['a: unreachable', 'b: unreachable', 'c: unreachable', 'and 1 more'],
  ])
})
