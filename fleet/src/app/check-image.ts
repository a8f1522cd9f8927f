/** Whether an image keeps the device contract: tried with the rights of a device, then with more. */
import {
  judgeImage,
  rightsOfTrials,
  type ImageFinding,
  type Rights,
} from '../core/health/image-check.ts'
import type { FoundImage, ImageTrial } from '../ports/image-trial.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'

export interface CheckedImage extends FoundImage {
  readonly findings: readonly ImageFinding[]
}

/** Fails, in words, when the image could not be had, or at `signal`. */
export async function checkImage(
  trial: ImageTrial,
  signal: AbortSignal,
): Promise<Result<CheckedImage, string>> {
  try {
    return await check(trial, signal)
  } finally {
    await trial.close()
  }
}

async function check(
  trial: ImageTrial,
  signal: AbortSignal,
): Promise<Result<CheckedImage, string>> {
  const found = await trial.find()
  if (!found.ok) return found
  const { version: label } = found.value
  const failures = new Map<Rights, string>()
  for (const rights of rightsOfTrials) {
    if (signal.aborted) return fail('interrupted')
    const started = await trial.start(rights)
    if (!started.ok) {
      failures.set(rights, started.failure)
      continue
    }
    const answers = await started.value.ask()
    const end = await started.value.end()
    if (signal.aborted) return fail('interrupted')
    return ok({ ...found.value, findings: judgeImage({ label, failures, answers, end }) })
  }
  if (signal.aborted) return fail('interrupted')
  return ok({
    ...found.value,
    findings: judgeImage({ label, failures, answers: null, end: null }),
  })
}
