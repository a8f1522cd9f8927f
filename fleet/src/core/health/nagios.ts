/** Health of a fleet as one check result (Monitoring Plugins guidelines, sections 2 and 3). */
import { summarizeHealth } from './format.ts'
import { levelsWorstFirst } from './judge.ts'
import type { HealthLevel, HealthVerdict } from './verdict.ts'

export interface NagiosResult {
  /** Text, a bar, and performance data; without line breaks. */
  readonly line: string
  readonly exitCode: 0 | 1 | 2 | 3
}

const states = {
  ok: { word: 'OK', exitCode: 0 },
  degraded: { word: 'WARNING', exitCode: 1 },
  down: { word: 'CRITICAL', exitCode: 2 },
  unknown: { word: 'UNKNOWN', exitCode: 3 },
} as const satisfies Record<HealthLevel, { word: string; exitCode: 0 | 1 | 2 | 3 }>

/** A check of no devices is UNKNOWN: it has proved nothing. */
export function formatNagios(verdicts: readonly HealthVerdict[]): NagiosResult {
  const worst = levelsWorstFirst.find((level) => verdicts.some(({ verdict }) => verdict === level))
  const { word, exitCode } = states[worst ?? 'unknown']
  // A bar ends the text, so that a device's words could pass for performance data.
  const text = summarizeHealth(verdicts).replaceAll('|', '/')
  return { line: `TIMEBALL ${word} - ${text} | ${performanceData(verdicts)}`, exitCode }
}

function performanceData(verdicts: readonly HealthVerdict[]): string {
  const counts = levelsWorstFirst
    .toReversed()
    .map((level) => `${level}=${verdicts.filter(({ verdict }) => verdict === level).length}`)
  return [...counts, `total=${verdicts.length}`, ...verdicts.flatMap(deviceData)].join(' ')
}

function deviceData({ device, measured, diskUsedPercent }: HealthVerdict): string[] {
  const offset =
    measured === null ? [] : [`'${device}_offset'=${measured.offsetSeconds.toFixed(9)}s`]
  const disk = diskUsedPercent === null ? [] : [`'${device}_disk'=${diskUsedPercent}%`]
  return [...offset, ...disk]
}
