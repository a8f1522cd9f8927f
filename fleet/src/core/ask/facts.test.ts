import assert from 'node:assert/strict'
import { test } from 'node:test'
import { powerText, readFacts } from './facts.ts'
import { isFresh, readFactsMemory, writeFactsMemory } from './facts-memory.ts'

const said = `model=Raspberry Pi 4 Model B Rev 1.5
ansible_kernel=6.12.25+rpt-rpi-v8
memtotal_kb=1943552
temperature_mc=51608
throttled=0x50005
image=a=b
`

test('facts are read with their units; what is not told is null', () => {
  const facts = readFacts(said)
  assert.equal(facts.model, 'Raspberry Pi 4 Model B Rev 1.5')
  assert.equal(facts.ansible_memtotal_mb, 1898)
  assert.equal(facts.temperature_celsius, 52)
  assert.equal(facts.image, 'a=b')
  assert.equal(facts.docker, null)
  assert.equal(powerText(facts.throttled), 'under-voltage now, throttled now')
})

test('a device that lies tells nothing but text and numbers in bounds', () => {
  const facts = readFacts(
    'disk_kb=1e999\nthrottled=0xfffffffff\nmodel=\u001b[31m' + 'x'.repeat(9999),
  )
  assert.equal(facts.disk_size_mb, null)
  assert.equal(facts.throttled, null)
  assert.ok((facts.model ?? '').length <= 200)
  assert.doesNotMatch(facts.model ?? '', /\p{Cc}/u)
})

test('power: well, was not well, and not told', () => {
  assert.equal(powerText(0), 'ok')
  assert.equal(powerText(0x50000), 'under-voltage since boot, was throttled')
  assert.equal(powerText(null), '?')
})

test('what is kept is read again, and what is damaged is forgotten', () => {
  const known = new Map([['pi-1', { atUnixMs: 5, facts: readFacts(said) }]])
  assert.deepEqual(readFactsMemory(writeFactsMemory(known)), known)
  assert.equal(readFactsMemory('{"format":1,"devices":{"pi-1":{}}}').size, 0)
  assert.equal(readFactsMemory('').size, 0)
})

test('facts are fresh for an hour, and not when the clock was set to an earlier time', () => {
  const known = { atUnixMs: 1_000, facts: readFacts('') }
  assert.ok(isFresh(known, 1_000))
  assert.ok(!isFresh(known, 3_601_000))
  assert.ok(!isFresh(known, 999))
})
