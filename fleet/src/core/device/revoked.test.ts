import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRevoked, parseRevoked } from './revoked.ts'

test('what is written is read again', () => {
  const revoked = [{ name: 'pi-ntp-02', atUnixMs: 1_795_000_000_000 }]
  const text = formatRevoked(revoked)
  assert.match(text, /^# .*\npi-ntp-02: 2026-11-18T11:06:40Z\n$/)
  assert.deepEqual(parseRevoked('revoked.yaml', text), { ok: true, value: revoked })
})

test('a line that is none of it is a mistake in its place', () => {
  const read = parseRevoked('revoked.yaml', '# by hand\npi-ntp-02: yesterday\n\npi ntp\n')
  assert.ok(!read.ok)
  assert.deepEqual(
    read.failure.map(({ line }) => line),
    [2, 4],
  )
})
