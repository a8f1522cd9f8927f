import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { systemReason } from './system-reason.ts'

function reasonFor(path: string): string {
  try {
    readFileSync(path)
  } catch (error) {
    return systemReason(error, path)
  }
  return assert.fail(path)
}

test('what the system says of a path is said in words', () => {
  assert.equal(reasonFor('/nowhere/x'), '/nowhere/x: there is no such file or folder')
  assert.equal(reasonFor('/'), '/: it is a folder')
  assert.equal(reasonFor('/dev/null/x'), '/dev/null/x: a part of its path is a file, not a folder')
})

test('another error is as it says', () => {
  assert.equal(systemReason(new Error('broken'), 'a'), 'a: broken')
  assert.equal(systemReason('broken', 'a'), 'a: broken')
})
