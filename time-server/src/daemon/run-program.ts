/** Runs a program to its end, with a bound on time and output. */
import { execFile } from 'node:child_process'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'

const maxOutputBytes = 64 * 1024

/** Its stdout; fails with `ENOENT` when there is no such program, else with a sentence. Never rejects. */
export function runProgram(
  program: string,
  argv: readonly string[],
  timeoutMs: number,
): Promise<Result<string, string>> {
  const { promise, resolve } = Promise.withResolvers<Result<string, string>>()
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: maxOutputBytes,
    // ntpq and chronyc translate nothing then, and inherit no keys.
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  } as const
  execFile(program, argv, options, (error, stdout) => {
    if (error === null) return resolve(ok(stdout))
    resolve(fail(error.code === 'ENOENT' ? 'ENOENT' : `${program} failed: ${error.message}`))
  })
  return promise
}
