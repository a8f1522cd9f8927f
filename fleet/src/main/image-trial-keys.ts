/** The keys of a trial: whether an image reads them where it is told, and again when they change. */
import { rename, writeFile } from 'node:fs/promises'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { askDevice, type DeviceQuestion } from '../probes/ask-device.ts'
import { wait } from './wait.ts'

export interface TrialKeys {
  readonly file: string
  readonly first: string
}

type Where = Pick<DeviceQuestion, 'address' | 'port' | 'timeoutMs' | 'signal'>

/** The reference needs at most five. */
const patienceSeconds = 15
const pauseMs = 500

/** Replaced by renaming, as devices do it. */
export async function writeKey(file: string, key: string): Promise<void> {
  await writeFile(`${file}.new`, `API_KEY_1=${key}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** The failure is a phrase for people. */
export async function replaceKey(
  { file, first }: TrialKeys,
  where: Where,
): Promise<Result<null, string>> {
  const begun = await statusWith(first, where)
  if (isRefusal(begun)) return fail(`it refuses the key of API_KEYS_FILE (HTTP ${begun})`)
  const second = first.split('').toReversed().join('')
  await writeKey(file, second)
  const endMs = performance.now() + patienceSeconds * 1000
  let [old, fresh] = [begun, begun]
  do {
    if (where.signal.aborted) return fail('interrupted')
    await wait(pauseMs, where.signal)
    old = await statusWith(first, where)
    fresh = await statusWith(second, where)
    if (isRefusal(old) && fresh !== null && !isRefusal(fresh)) return ok(null)
  } while (performance.now() < endMs)
  const after = `${patienceSeconds} s after API_KEYS_FILE was replaced`
  return fail(isRefusal(fresh) ? `it refuses the new key ${after}` : `the old key counts ${after}`)
}

/** `null`: there was no answer. */
async function statusWith(apiKey: string, where: Where): Promise<number | null> {
  const question = { ...where, path: '/api/time', accept: '*/*', apiKey }
  const asked = await askDevice(question, async (answer) => {
    await answer.body?.cancel()
    return ok(answer.status)
  })
  return asked.ok ? asked.value : null
}

function isRefusal(status: number | null): boolean {
  return status === 401 || status === 403
}
