import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandWord } from './command-word.ts'
import { globalOptions, readVariables } from './global-options.ts'

function told(environment: Readonly<Record<string, string>>): readonly string[] {
  const read = readVariables(environment)
  return read.ok ? [] : read.failure.map(({ what, fix }) => `${what}: ${fix}`)
}

test('variables are read as their options are', () => {
  const read = readVariables({
    ...{ PATH: '/bin', TIMEBALL_LIMIT: 'stratum1', TIMEBALL_INVENTORY: 'a.yml' },
    ...{ TIMEBALL_JSON: '1', TIMEBALL_UNTRUSTED: '0' },
  })
  assert.ok(read.ok)
  assert.deepEqual(Object.fromEntries(read.value), {
    ...{ TIMEBALL_LIMIT: 'stratum1', TIMEBALL_INVENTORY: ['a.yml'] },
    ...{ TIMEBALL_JSON: true, TIMEBALL_UNTRUSTED: false },
  })
})

test('an empty variable is as none', () => {
  const read = readVariables({ TIMEBALL_LIMIT: '', TIMEBALL_JSON: '' })
  assert.ok(read.ok)
  assert.equal(read.value.size, 0)
})

test('every name that means nothing is told, with the one that was meant', () => {
  assert.deepEqual(told({ TIMEBALL_LIMITT: 'a', TIMEBALL_IMAGE: 'b' }), [
    'TIMEBALL_LIMITT means nothing to Timeball: did you mean TIMEBALL_LIMIT?',
    'TIMEBALL_IMAGE means nothing to Timeball: see: timeball help environment',
  ])
})

test('a flag is 1 or 0', () => {
  assert.deepEqual(told({ TIMEBALL_JSON: 'yes' }), ['TIMEBALL_JSON is yes: it is 1 or 0'])
})

test('what the lab and the tests have is left alone', () => {
  assert.deepEqual(told({ TIMEBALL_LAB: '2', TIMEBALL_LAB_CACHE: '/x', TIMEBALL_USER: '1:1' }), [])
})

test('each variable has the name of its option', () => {
  for (const [name, { flags }] of globalOptions) {
    const [, option = ''] = /--([a-z-]+)/.exec(flags) ?? []
    assert.equal(name, `TIMEBALL_${option.replaceAll('-', '_').toUpperCase()}`)
  }
})

test('the command is the first word that is not -C DIR', () => {
  const forms = [['-C', 'd'], ['-Cd'], ['--directory', 'd'], ['--directory=d'], []]
  for (const form of forms) assert.equal(commandWord([...form, 'plan', 'a']), 'plan')
  assert.equal(commandWord([]), undefined)
})
