import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, ok } from '@timeball/lib/result.ts'
import {
  judgeImage,
  type ImageCheck,
  type ImageEvidence,
  type Rights,
  type TrialAnswers,
} from './image-check.ts'
import { healthyHttp, healthyNtp, keptContract } from './test/healthy.ts'

const unsynced = healthyHttp({
  httpStatus: 503,
  status: 'unhealthy',
  ntp: healthyNtp({ isSynced: false, leap: 3, stratum: 16 }),
})

function answers(change: Partial<TrialAnswers> = {}): TrialAnswers {
  const ntp = fail({ code: 'unsynchronised', detail: 'leap alarm' })
  return {
    http: ok(unsynced),
    contract: keptContract(),
    ntp,
    ntpq: ok(null),
    keys: ok(null),
    ...change,
  }
}

function evidence(change: Partial<ImageEvidence> = {}): ImageEvidence {
  return {
    label: '0.1.0',
    failures: new Map<Rights, string>(),
    answers: answers(),
    end: ok(null),
    ...change,
  }
}

/** Checks that are not kept, with their words. */
function unkept(input: ImageEvidence): Readonly<Partial<Record<ImageCheck, string>>> {
  const found = judgeImage(input).filter(({ state }) => state !== 'kept')
  return Object.fromEntries(found.map(({ check, state, text }) => [check, `${state}: ${text}`]))
}

test('an image that keeps the contract is told so in each row', () => {
  assert.deepEqual(unkept(evidence()), {})
})

for (const { name, change, expected } of [
  {
    name: 'a server that goes on with its old key is found out',
    change: { answers: answers({ keys: fail('it goes on with the old key') }) },
    expected: { keys: 'broken: it goes on with the old key' },
  },
  {
    name: 'health that cannot fail is found out',
    change: { answers: answers({ http: ok(healthyHttp({ httpStatus: 200 })) }) },
    expected: { health: 'broken: it answers 200, and was given no source of time' },
  },
  {
    name: 'a 503 that says synced is found out',
    change: { answers: answers({ http: ok({ ...unsynced, ntp: healthyNtp() }) }) },
    expected: { health: 'broken: it says synced, and was given no source of time' },
  },
  {
    name: 'time out of nothing is found out',
    change: { answers: answers({ ntp: ok({ stratum: 2 }) }) },
    expected: { ntp: 'broken: it serves stratum 2, and has no source of time' },
  },
  {
    name: 'silence on port 123 is broken',
    change: { answers: answers({ ntp: fail({ code: 'no-answer', detail: 'no answer' }) }) },
    expected: { ntp: 'broken: no answer' },
  },
  {
    name: 'an API that answers everybody, and metrics that lack one',
    change: {
      answers: answers({
        contract: keptContract({ keyless: ok(200), metrics: ok(new Set(['ntp_synced'])) }),
      }),
    },
    expected: {
      api: 'broken: its API answers without a key (HTTP 200)',
      metrics: 'broken: its metrics have no disk_usage_percent',
    },
  },
  {
    name: 'another version than its label',
    change: { label: '0.2.0' },
    expected: { version: 'broken: says version 0.1.0, and its image is labelled 0.2.0' },
  },
  {
    name: 'no ntpq, and no end',
    change: {
      answers: answers({ ntpq: fail('ntpq: not found') }),
      end: fail('it did not end within 10 s, and was killed'),
    },
    expected: {
      ntpq: 'broken: ntpq: not found',
      sigterm: 'broken: it did not end within 10 s, and was killed',
    },
  },
  {
    name: 'an image that needs a writable root is told of that alone',
    change: { failures: new Map<Rights, string>([['deployed', 'it ended with 1: EROFS']]) },
    expected: {
      'read-only root': 'broken: it answers only with a writable root: it ended with 1: EROFS',
    },
  },
  {
    name: 'one that needs more capabilities is told of them, and the root is not known',
    change: {
      failures: new Map<Rights, string>([
        ['deployed', 'it ended with 1'],
        ['writable', 'it ended with 1'],
      ]),
    },
    expected: {
      'read-only root': 'unknown: it needs more capabilities first',
      capabilities: "broken: it answers only with Docker's usual ones: it ended with 1",
    },
  },
] satisfies {
  name: string
  change: Partial<ImageEvidence>
  expected: Partial<Record<ImageCheck, string>>
}[]) {
  test(name, () => assert.deepEqual(unkept(evidence(change)), expected))
}

test('of an image that never answers nothing is promised', () => {
  const failures = new Map<Rights, string>([
    ['deployed', 'it ended with 1: no such file'],
    ['writable', 'it ended with 1: no such file'],
    ['usual', 'it ended with 1: no such file'],
  ])
  const found = unkept(evidence({ failures, answers: null, end: null }))
  assert.equal(Object.keys(found).length, 10)
  assert.equal(found['read-only root'], 'broken: it ended with 1: no such file')
  assert.equal(found.health, 'unknown: it never answered')
})
