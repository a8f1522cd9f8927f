/** `timeball image check REF`: does it keep the device contract? No device is asked. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { OutputError } from '../../api/records/result-record.ts'
import { checkImage, type CheckedImage } from '../../app/check-image.ts'
import { isCarried } from '../../core/desired/carried-image.ts'
import type { ImageFinding } from '../../core/health/image-check.ts'
import { formatTable, type Column, type Tone } from '../../core/table.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'

export interface CheckOptions extends FleetOptions {
  /** Seconds that it has to answer. */
  readonly timeout: number
}

export async function checkCommand(
  context: Context,
  named: string | undefined,
  options: CheckOptions,
): Promise<ExitCode> {
  const { terminal, stop } = context
  const loaded = await context.loadFleet(options)
  // An image of somebody else is tried without a fleet, too.
  if (!loaded.ok && isOfFleet(named)) return refuse(terminal, loaded.failure)
  const fleet = loaded.ok ? loaded.value : null
  const ref = named ?? fleet?.fleet.settings.image.ref ?? ''
  const trial = await context.openImageTrial({ ref, seconds: options.timeout, loaded: fleet })
  terminal.say(`Trying ${ref} on this machine; it can set no clock`)
  const checked = await checkImage(trial, stop)
  if (checked.ok) return await show(context, ref, checked.value, options)
  terminal.say(`timeball: the image could not be checked: ${checked.failure}`)
  return stop.aborted ? exitCodes.interrupted : exitCodes.failed
}

async function show(
  context: Context,
  ref: string,
  checked: CheckedImage,
  { json }: CheckOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const { findings } = checked
  const exit = exitOf(findings)
  const records = await openRecords(context, json)
  for (const { check, state, text } of findings) {
    records?.write({ type: 'image_check', image: ref, check, state, message: text })
  }
  if (records !== null) return records.result(exit, { image: ref, errors: errorsOf(findings) })
  for (const line of formatTable(findings, columns, terminal)) terminal.out(line)
  terminal.out('')
  terminal.out(summaryOf(ref, checked))
  return exit
}

function isOfFleet(ref: string | undefined): boolean {
  return ref === undefined || isCarried(ref)
}

/** What nobody could see is no promise that it is kept. */
function exitOf(findings: readonly ImageFinding[]): ExitCode {
  const isKept = findings.every(({ state }) => state === 'kept')
  return isKept ? exitCodes.done : exitCodes.unhealthy
}

function errorsOf(findings: readonly ImageFinding[]): readonly OutputError[] {
  const hint = 'docs/device-contract.md says what a device relies on'
  return findings
    .filter(({ state }) => state !== 'kept')
    .map(({ check, text }) => ({ code: 'unhealthy', message: `${check}: ${text}`, hint }))
}

function summaryOf(ref: string, { findings, platform }: CheckedImage): string {
  const kept = findings.filter(({ state }) => state === 'kept').length
  const verdict = kept === findings.length ? 'keeps' : 'does not keep'
  return `${ref} (${platform}) ${verdict} the device contract: ${kept} of ${findings.length}`
}

const signs = {
  kept: { text: '✓ kept', tone: 'good' },
  broken: { text: '✗ broken', tone: 'bad' },
  unknown: { text: '? unknown', tone: 'warn' },
} as const satisfies Record<ImageFinding['state'], { readonly text: string; readonly tone: Tone }>

/** What a finding is, and why. */
export const findingColumns: readonly Column<Pick<ImageFinding, 'state' | 'text'>>[] = [
  { title: 'STATE', align: 'left', shrink: false, cell: ({ state }) => signs[state] },
  { title: 'WHY', align: 'left', shrink: true, cell: ({ text }) => text },
]

const columns: readonly Column<ImageFinding>[] = [
  { title: 'CHECK', align: 'left', shrink: false, cell: ({ check }) => check },
  ...findingColumns,
]
