/** `timeball gps calibrate`: how late the sentences of a receiver are, and the setting that fits. */
import { failureRecord } from '../../api/records/make-records.ts'
import { explain } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { calibrationRecord } from '../../api/records/calibration-record.ts'
import { measureSerial } from '../../app/ask/measure-serial.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { judgeSerial } from '../../core/ask/gps/serial-offset.ts'
import { calibrationLines, type Calibration } from '../../core/ask/gps/serial-view.ts'
import type { Device } from '../../core/device/device.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { reach, type Reached } from '../start.ts'

export interface CalibrateOptions extends FleetOptions {
  /** Milliseconds; five minutes without it. */
  readonly for?: number
}

export async function calibrateCommand(
  context: Context,
  name: string,
  options: CalibrateOptions,
): Promise<ExitCode> {
  const reached = await reach(context, name, options)
  if (!reached.ok) return reached.failure
  const { devices, outside } = reached.value
  const [device, ...others] = devices
  const what =
    device === undefined || others.length > 0
      ? `${name} is ${namesOf(devices.map((each) => each.name))}; one receiver is measured at a time`
      : device.gps
        ? null
        : `${name} has no receiver: gps_enabled is not set`
  const exit =
    device === undefined || what !== null
      ? refuse(context.terminal, [usageProblem(what ?? name, null)])
      : await calibrate(context, reached.value, device, options)
  await outside.engine.close('keep')
  return exit
}

async function calibrate(
  context: Context,
  reached: Reached,
  device: Device,
  options: CalibrateOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const records = await openRecords(context, options.json)
  const measured = await measure(context, reached, device, options)
  terminal.progress('')
  if (measured.ok) {
    if (records === null) for (const line of calibrationLines(measured.value)) terminal.out(line)
    else records.write(calibrationRecord(measured.value))
    return records?.result(exitCodes.done, {}) ?? exitCodes.done
  }
  const { exit, why } = measured.failure
  if (why !== null) terminal.say(`timeball: ${device.name}: ${why}`)
  return records?.result(exit, { failed: [device.name] }) ?? exit
}

const usualMs = 300_000

interface Unmeasured {
  readonly exit: ExitCode
  readonly why: string | null
}

async function measure(
  context: Context,
  { loaded, outside }: Reached,
  device: Device,
  options: CalibrateOptions,
): Promise<Result<Calibration, Unmeasured>> {
  const { terminal, stop } = context
  const forMs = options.for ?? usualMs
  const startMs = context.nowMs()
  const measured = await measureSerial(loaded.fleet, device, {
    ...{ outside, stop, seconds: forMs / 1000 },
    onProgress(sentences) {
      const passed = formatSpan(Math.min(context.nowMs() - startMs, forMs))
      terminal.progress(`${passed} of ${formatSpan(forMs)}, ${sentences} sentences`)
    },
  })
  if (stop.aborted) return fail({ exit: exitCodes.interrupted, why: null })
  if (!measured.ok) {
    terminal.heard?.errors.push({ device: device.name, ...failureRecord(measured.failure) })
    return fail({ exit: exitCodes.devicesFailed, why: explain(measured.failure) })
  }
  const { samples, agreed } = measured.value
  if (samples.isGpsdSilent) {
    const why = `gpsd does not answer on it; timeball doctor ${device.name} says more`
    return fail({ exit: exitCodes.unhealthy, why })
  }
  const judged = judgeSerial(samples, agreed)
  if (!judged.ok) {
    return fail({ exit: exitCodes.unhealthy, why: `nothing is proposed: ${judged.failure}` })
  }
  return ok({
    ...{ device: device.name, offset: judged.value, tookMs: forMs },
    ...{ setSeconds: device.gpsLatencySeconds, place: placeOf(loaded, device) },
  })
}

function placeOf({ inventory }: LoadedFleet, { name }: Device): string {
  const at = inventory.hosts.get(name)?.at
  if (at === undefined) return inventory.path
  return at.line === null ? at.file : `${at.file}:${at.line}`
}
