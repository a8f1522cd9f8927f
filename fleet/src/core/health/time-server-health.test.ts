import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { printable } from '@timeball/lib/printable.ts'
import { parseTimeServerHealth, type TimeServerHealth } from './time-server-health.ts'

const said = {
  status: 'degraded',
  reasons: ['disk 91 %'],
  version: '0.1.0',
  device: 'pi-gps-01',
  uptime_seconds: 81,
  ntp: {
    synced: true,
    leap: 0,
    stratum: 1,
    offset_ms: -0.004,
    root_delay_ms: 0,
    root_dispersion_ms: 1.1,
    refid: 'PPS',
    selected: { address: 'PPS(0)', tally: 'o', reach: 255 },
    peers: 5,
  },
  gps: { state: 'no-fix', reason: 'no satellites', mode: 1 },
  disk: { used_percent: 91 },
  clock: { disciplined: true, reason: 'CAP_SYS_TIME' },
  something_new: { from: 'a later version' },
}

function parse(body: unknown): TimeServerHealth {
  const parsed = parseTimeServerHealth(503, JSON.stringify(body))
  assert.ok(parsed.ok)
  return parsed.value
}

const nothing: TimeServerHealth = {
  httpStatus: 503,
  status: null,
  reasons: [],
  version: null,
  device: null,
  uptimeSeconds: null,
  ntp: {
    isSynced: null,
    leap: null,
    stratum: null,
    offsetMs: null,
    rootDelayMs: null,
    rootDispersionMs: null,
    refid: null,
    selected: null,
    peers: null,
  },
  gps: { state: null, reason: null },
  diskUsedPercent: null,
  clock: { isDisciplined: null, reason: null },
}

test('a full answer is read', () => {
  assert.deepEqual(parse(said), {
    httpStatus: 503,
    status: 'degraded',
    reasons: ['disk 91 %'],
    version: '0.1.0',
    device: 'pi-gps-01',
    uptimeSeconds: 81,
    ntp: {
      isSynced: true,
      leap: 0,
      stratum: 1,
      offsetMs: -0.004,
      rootDelayMs: 0,
      rootDispersionMs: 1.1,
      refid: 'PPS',
      selected: { address: 'PPS(0)', tally: 'o', reach: 255 },
      peers: 5,
    },
    gps: { state: 'no-fix', reason: 'no satellites' },
    diskUsedPercent: 91,
    clock: { isDisciplined: true, reason: 'CAP_SYS_TIME' },
  } satisfies TimeServerHealth)
})

test('what is missing is null, never a default that looks good', () => {
  assert.deepEqual(parse({}), nothing)
  assert.deepEqual(parse({ ntp: {}, disk: {}, clock: {} }), nothing)
})

test('a field of the wrong type is a missing field', () => {
  const wrong = {
    status: 'fine',
    reasons: 'none',
    version: 3,
    uptime_seconds: '81',
    ntp: { synced: 'yes', leap: 4, stratum: 1.5, offset_ms: null, selected: 'PPS', peers: -1 },
    gps: { state: 'lost', reason: 4 },
    disk: { used_percent: 140 },
    clock: [],
  }
  assert.deepEqual(parse(wrong), nothing)
  assert.deepEqual(parse({ ntp: 'ok', disk: null }), nothing)
})

test('strings are printable and short', () => {
  const { version, reasons } = parse({
    version: `1\u001b[31m\u0000\n${'x'.repeat(5000)}`,
    reasons: ['a\r\nb', 7, ...Array.from({ length: 100 }, () => '\u202eevil')],
  })
  assert.match(version ?? '', /^1 x+…$/)
  assert.equal(version?.length, 120)
  assert.deepEqual(reasons.slice(0, 2), ['a b', 'evil'])
  assert.equal(reasons.length, 15)
})

for (const body of ['', 'healthy', '[]', '"healthy"', 'null', '{"status":']) {
  test(`the body '${body}' is not an answer`, () => {
    assert.equal(parseTimeServerHealth(200, body).ok, false)
  })
}

test('no JSON whatsoever makes it throw or lets a control character through', () => {
  const arbitrary = fc.oneof(
    fc.jsonValue(),
    fc.record({
      status: fc.jsonValue(),
      reasons: fc.array(anyText()),
      device: anyText(),
      ntp: fc.record({ selected: fc.jsonValue(), refid: anyText() }),
    }),
  )
  fc.assert(
    fc.property(arbitrary, (body) => {
      const parsed = parseTimeServerHealth(200, JSON.stringify(body))
      const { reasons = [], device = '', ntp } = parsed.ok ? parsed.value : {}
      const strings = [...reasons, device ?? '', ntp?.refid ?? '', ntp?.selected?.address ?? '']
      assert.ok(strings.every((text) => !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text) && text.length <= 400))
    }),
  )
})

test('printable text is cut between characters', () => {
  assert.equal(printable('ab\u{1f600}cd', 4), 'ab\u{1f600}…')
  assert.equal(printable('  a\tb  ', 10), 'a b')
})
