import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { troubleOf } from './trouble.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test('trouble of the machine is a sentence with what to do, and has no stack', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    syscall: 'write',
  })
  assert.deepEqual(troubleOf(full), {
    code: 'ENOSPC',
    message: 'ENOSPC: no space left on device, write',
    hint: 'make room on the disk, then run it again',
    stack: null,
  })
  const { code, stack } = troubleOf(thrownBy(() => readFileSync('/none/at/all')))
  assert.deepEqual([code, stack], ['ENOENT', null])
})

test('a database that is none, or is full, is no mistake of ours', () => {
  const none = troubleOf(
    thrownBy(() => new DatabaseSync(process.execPath, { readOnly: true }).exec('SELECT * FROM a')),
  )
  assert.deepEqual([none.code, none.stack], ['sqlite-26', null])
  assert.match(none.hint ?? '', /no database of Timeball/)
  const full = thrownBy(() => {
    const database = new DatabaseSync(':memory:')
    database.exec('PRAGMA max_page_count = 1; CREATE TABLE a (b)')
  })
  assert.deepEqual([troubleOf(full).code, troubleOf(full).stack], ['sqlite-13', null])
})

test('anything else is a mistake of ours, with its stack', () => {
  for (const error of [new TypeError('x is not a function\nmore'), 'a text']) {
    const { code, message, stack } = troubleOf(error)
    assert.equal(code, 'bug')
    assert.match(
      message,
      /^this is a mistake of Timeball: (TypeError: x is not a function|a text)$/,
    )
    assert.equal(stack?.includes('trouble.test.ts') ?? false, error instanceof Error)
  }
})
