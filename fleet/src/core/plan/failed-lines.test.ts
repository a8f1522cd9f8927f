import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FailureCode } from '../failure.ts'
import { failedLines } from './failed-lines.ts'

function textOf(failed: readonly (readonly [string, FailureCode, string])[]): string[] {
  const devices = failed.map(([device, code, detail]) => ({ device, failure: { code, detail } }))
  return failedLines(devices, (code) => `after ${code}`).map(({ text }) => text)
}

test('devices with the same failure are one paragraph, and the way on is said once', () => {
  assert.deepEqual(
    textOf([
      ['pi-1', 'host-key-unknown', 'it presents A'],
      ['pi-2', 'host-key-unknown', 'it presents B'],
      ['pi-3', 'timeout', 'no answer'],
      ['pi-4', 'timeout', 'no answer'],
    ]),
    [
      '',
      '? pi-[1-2] (2): not planned (host-key-unknown)',
      '    pi-1: it presents A',
      '    pi-2: it presents B',
      '    -> after host-key-unknown',
      '',
      '? pi-[3-4] (2): not planned (timeout)',
      '    no answer',
      '    -> after timeout',
    ],
  )
})
