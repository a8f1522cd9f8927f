/** `gps calibrate`: some minutes of gpsd, with the clock of the device measured before and after. */
import type { Answer } from '../../core/ask/answer.ts'
import {
  readSerial,
  type AgreedClock,
  type SerialSamples,
} from '../../core/ask/gps/serial-offset.ts'
import { serialScript } from '../../core/ask/gps/serial-script.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Outside } from '../outside.ts'
import { sweepClocks } from '../sweep-clocks.ts'
import { askMany } from './ask-many.ts'

export interface MeasuredSerial {
  readonly samples: SerialSamples
  readonly agreed: AgreedClock | null
}

export interface Measuring {
  readonly outside: Outside
  /** Ends it; nothing is left behind. */
  readonly stop: AbortSignal
  readonly seconds: number
  /** So many sentences have come. */
  readonly onProgress: (sentences: number) => void
}

/** Of lines below 300 bytes, two each second, in an hour. */
const mostBytes = 4 * 1024 * 1024

export async function measureSerial(
  fleet: Fleet,
  device: Device,
  measuring: Measuring,
): Promise<Result<MeasuredSerial, Failure>> {
  const before = await agreedClock(fleet, device, measuring)
  const measured = await listen(device, measuring)
  if (!measured.ok) return measured
  const after = await agreedClock(fleet, device, measuring)
  return ok({ samples: readSerial(measured.value), agreed: meanOf(before, after) })
}

async function listen(
  device: Device,
  { outside, stop, seconds, onProgress }: Measuring,
): Promise<Result<string, Failure>> {
  const [script, limit] = [serialScript(seconds), seconds + 60]
  const question = { script, as: 'root', seconds: limit, mostBytes } as const
  const decoder = new TextDecoder()
  let output = ''
  let sentences = 0
  const asking = {
    ...{ reach: { outside, abort: stop }, stop, parallel: 1 },
    onPart(_: string, part: Uint8Array): void {
      const text = decoder.decode(part, { stream: true })
      output += text
      sentences += text.split('"TOFF"').length - 1
      onProgress(sentences)
    },
  }
  let answer: Result<Answer, Failure> = fail({ code: 'interrupted', detail: '' })
  for await (const { result } of askMany([device], question, asking)) answer = result
  return answer.ok ? ok(output) : answer
}

/** `null`: the fleet does not agree on a time, or the device was not measured. */
async function agreedClock(
  fleet: Fleet,
  device: Device,
  { outside, stop }: Measuring,
): Promise<AgreedClock | null> {
  const sweep = await sweepClocks(fleet, outside, null, stop)
  const judged = sweep.judgements.find(({ server }) => server.name === device.name)
  const { offsetSeconds: aheadSeconds = null, errorSeconds = null } = judged ?? {}
  if (sweep.time.kind !== 'decided' || aheadSeconds === null || errorSeconds === null) return null
  return { aheadSeconds, errorSeconds }
}

function meanOf(before: AgreedClock | null, after: AgreedClock | null): AgreedClock | null {
  if (before === null || after === null) return null
  const moved = Math.abs(after.aheadSeconds - before.aheadSeconds) / 2
  return {
    aheadSeconds: (before.aheadSeconds + after.aheadSeconds) / 2,
    errorSeconds: Math.max(before.errorSeconds, after.errorSeconds) + moved,
  }
}
