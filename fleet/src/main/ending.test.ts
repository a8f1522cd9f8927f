import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endingOf, type Happened } from './ending.ts'

const broken = { kind: 'broken', why: 'ENOSPC: no space left on device, write' } as const
const gone = { kind: 'gone' } as const

const cases: readonly (Partial<Happened> & { name: string; ends: number })[] = [
  { name: 'nothing else', exit: 0, ends: 0 },
  { name: 'Ctrl-C', exit: 130, signal: 'SIGINT', ends: 130 },
  { name: 'SIGTERM', exit: 130, signal: 'SIGTERM', ends: 143 },
  { name: 'SIGHUP', exit: 130, signal: 'SIGHUP', ends: 129 },
  { name: 'a signal after all was done', exit: 0, signal: 'SIGTERM', ends: 0 },
  { name: 'output that cannot be written', exit: 0, stdout: broken, ends: 1 },
  { name: 'differences that cannot be written', exit: 2, stdout: broken, ends: 1 },
  { name: 'a change that stopped, as its output broke', exit: 130, stdout: broken, ends: 1 },
  { name: 'failed devices, and a broken output', exit: 3, stdout: broken, ends: 3 },
  { name: 'a reader who leaves early', exit: 130, stdout: gone, ends: 0 },
  { name: 'a reader who leaves a change', exit: 130, stdout: gone, isReading: false, ends: 130 },
  { name: 'a reader who leaves at the end', exit: 5, stdout: gone, ends: 5 },
]
for (const { name, ends, ...happened } of cases) {
  test(`${name}: ${happened.exit} ends as ${ends}`, () => {
    const all = { exit: 0, signal: null, stdout: null, isReading: true, ...happened }
    assert.equal(endingOf(all), ends)
  })
}
