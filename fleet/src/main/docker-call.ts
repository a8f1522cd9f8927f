/** Calls the Docker of this machine, or of where `DOCKER_HOST` says. */
import { tmpdir } from 'node:os'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { runTool } from './run-tool.ts'

/** What it says, or why it failed, in one line. */
export type Call = (...args: readonly string[]) => Promise<Result<string, string>>

const callTimeoutMs = 60_000

export const call: Call = timed(callTimeoutMs)

export function timed(timeoutMs: number): Call {
  return async (...args) => {
    const end = await runTool(tmpdir(), 'docker', args, { timeoutMs, environment: {} })
    if (end.kind === 'missing') return fail('there is no docker')
    if (end.code === 0) return ok(end.output)
    return fail(oneLine(end.output))
  }
}

export function oneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  return printable(lines.filter((line) => line !== '').join(' | '), 400)
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
