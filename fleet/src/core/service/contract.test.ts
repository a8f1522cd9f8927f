import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, ok } from '@timeball/lib/result.ts'
import { healthyHttp, healthyNtp, keptContract } from '../health/test/healthy.ts'
import { Secret } from '../secrets/secret.ts'
import { contractBreaches, hasApiKeys, type ContractInput } from './contract.ts'

function input(change: Partial<ContractInput> = {}): ContractInput {
  return {
    contract: keptContract(),
    http: ok(healthyHttp()),
    hasKeys: true,
    label: null,
    ...change,
  }
}

const closed = fail({ code: 'refused', detail: 'nothing listens on TCP 9090' } as const)
const open = { contract: keptContract({ keyless: ok(200) }) }
const someSeries = (names: string[]): Partial<ContractInput> => ({
  contract: keptContract({ metrics: ok(new Set(names)) }),
})
const unsynced = ok(healthyHttp({ ntp: healthyNtp({ isSynced: false }) }))

for (const { name, change, first } of [
  { name: 'a server that keeps all of it has no breach', change: {}, first: null },
  {
    name: 'a metrics port that nobody listens on is missing',
    change: { contract: keptContract({ metrics: closed }) },
    first: 'missing metrics: nothing listens on TCP 9090',
  },
  {
    name: 'named series that are not there are missing',
    change: someSeries(['ntp_synced', 'ntp_offset_ms']),
    first: 'missing its metrics have no disk_usage_percent, ntp_stratum',
  },
  {
    name: 'a server that is not in step owes no offset',
    change: { ...someSeries(['ntp_synced', 'disk_usage_percent']), http: unsynced },
    first: null,
  },
  {
    name: 'an API that answers without a key is broken',
    change: open,
    first: 'broken its API answers without a key (HTTP 200)',
  },
  {
    name: 'what is broken comes before what is missing',
    change: { contract: { metrics: closed, keyless: ok(204) } },
    first: 'broken its API answers without a key (HTTP 204)',
  },
  {
    name: 'without keys it may answer everybody',
    change: { ...open, hasKeys: false },
    first: null,
  },
  {
    name: 'to be asked to wait is a refusal',
    change: { contract: keptContract({ keyless: ok(429) }) },
    first: null,
  },
  {
    name: 'an API that is not there refuses nobody',
    change: { contract: keptContract({ keyless: ok(404) }) },
    first: 'missing its API does not refuse without a key (HTTP 404)',
  },
  {
    name: 'a version other than its label is broken',
    change: { label: '0.2.0' },
    first: 'broken says version 0.1.0, and its image is labelled 0.2.0',
  },
  { name: 'a v before the number is the same version', change: { label: 'v0.1.0' }, first: null },
  {
    name: 'what was not asked is not known',
    change: { contract: keptContract({ metrics: fail({ code: 'aborted', detail: '' }) }) },
    first: 'unknown metrics: not asked',
  },
  {
    name: 'of a server that gives no health others speak',
    change: { ...open, http: closed },
    first: null,
  },
] satisfies { name: string; change: Partial<ContractInput>; first: string | null }[]) {
  test(name, () => {
    const [breach] = contractBreaches(input(change))
    assert.equal(breach === undefined ? null : `${breach.state} ${breach.text}`, first)
  })
}

test('a device has keys when one of its files has', () => {
  const file = { kind: 'file', path: '/a', mode: '0600', view: 'env' } as const
  const state = (content: (string | Secret)[]) => ({
    device: 'pi',
    resources: [{ ...file, content }],
  })
  assert.equal(hasApiKeys(state(['API_KEY_1=', new Secret('API_KEY_1', 'abcdefgh')])), true)
  assert.equal(hasApiKeys(state(['NTP_SERVERS=pool'])), false)
})
