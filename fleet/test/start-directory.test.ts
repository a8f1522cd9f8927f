import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeDirectory } from '../src/main/start-directory.ts'

test('-C stands before the command, apart or not; the environment has the usual one', () => {
  const environment = { TIMEBALL_DIRECTORY: 'usual' }
  assert.deepEqual(takeDirectory(['-C', 'a', 'plan'], environment), {
    argv: ['plan'],
    directory: 'a',
  })
  assert.deepEqual(takeDirectory(['-Ca', 'plan'], {}), { argv: ['plan'], directory: 'a' })
  const other = ['run', '--', 'make', '-C', 'a']
  assert.deepEqual(takeDirectory(other, environment), { argv: other, directory: 'usual' })
  assert.deepEqual(takeDirectory(['plan'], {}), { argv: ['plan'], directory: null })
  const completed = ['complete', '--', '-C', 'a', 'plan', '']
  assert.deepEqual(takeDirectory(completed, {}), {
    argv: ['complete', '--', 'plan', ''],
    directory: 'a',
  })
})
