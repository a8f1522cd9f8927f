/** Who is at an address, and what is put back there. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { restoreScript, whoScript, type PutBack } from '../../core/backup/restore-script.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import { askOne } from '../ask/ask-many.ts'
import type { Reach } from '../link.ts'

export interface Occupant {
  readonly hostName: string
  /** 0: Timeball was never there. */
  readonly generation: number
}

type Reaching = Omit<Reach, 'timeoutMs'>

export async function whoIsThere(
  device: Device,
  reach: Reaching,
): Promise<Result<Occupant, Failure>> {
  const question = { script: whoScript, as: 'root', seconds: 30, mostBytes: 1024 } as const
  const answer = await askOne(device, question, reach)
  if (!answer.ok) return answer
  const [hostName = '', generation = ''] = answer.value.output.split('\n')
  return ok({ hostName, generation: Number.parseInt(generation, 10) || 0 })
}

export async function putBack(
  device: Device,
  files: readonly PutBack[],
  reach: Reaching,
): Promise<Result<null, Failure>> {
  const script = restoreScript(files)
  const question = { script, as: 'root', seconds: 120, mostBytes: 64 * 1024 } as const
  const answer = await askOne(device, question, reach)
  if (!answer.ok) return answer
  const { exit, output } = answer.value
  if (exit === 0 && output.endsWith('done\n')) return ok(null)
  const why = output.trim().split('\n').at(-1) ?? ''
  return fail({ code: 'file-failed', detail: `it could not be put back: ${why}` })
}
