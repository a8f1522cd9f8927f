/** Errors in the log since the change, beside those of before. */
import type { GateEvidence } from '../evidence.ts'
import type { Case } from './cases.ts'
import { running } from './evidence.ts'

function errors(count: number, seconds: number, lines = 900): Partial<GateEvidence> {
  return running({}, { logs: new Map([['mcp-utc-time', { seconds, lines, errors: count }]]) })
}

/** As ntpd writes them once a minute where the pool's names do not resolve. */
const withoutDns = { errorsPerMinuteBefore: 22 }

export const logCases: readonly Case[] = [
  {
    name: 'a burst of errors in the log has failed',
    change: errors(21, 60),
    verdict: 'fail',
    gate: 'logs',
    text: /21 errors in 60 s of its log \(limit 20\)/,
  },
  { name: 'some errors in the log are normal', change: errors(20, 60), verdict: 'pass' },
  {
    name: 'a device that wrote as many errors before the change passes',
    change: { ...withoutDns, ...errors(22, 59) },
    verdict: 'pass',
  },
  {
    name: 'it does so however long it is watched',
    change: { ...withoutDns, ...errors(330, 900) },
    verdict: 'pass',
  },
  {
    name: 'far more errors than before have failed, and both are told',
    change: { ...withoutDns, ...errors(265, 150, 10_000) },
    verdict: 'fail',
    gate: 'logs',
    text: /at least 265 errors in 150 s of its log \(limit 20, and 22 a minute before the change\)/,
  },
  {
    name: 'a flood in the log has failed, however few errors the newest lines hold',
    change: errors(3, 30, 10_000),
    verdict: 'fail',
    gate: 'logs',
    text: /a flood in its log: at least 10000 lines in 30 s/,
  },
  {
    name: 'many lines over a long time are no flood',
    change: errors(3, 600, 10_000),
    verdict: 'pass',
  },
  {
    name: 'where nobody knows how many errors there were before, nobody judges those of now',
    change: { errorsPerMinuteBefore: null, ...errors(21, 60) },
    verdict: 'inconclusive',
    gate: 'logs',
    text: /21 errors in 60 s of its log, and its rate before is not known/,
  },
]
