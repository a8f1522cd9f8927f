/** Runs a program of others and keeps what it says, within bounds. */
import type { ToolEnd } from '../ports/monitoring-host.ts'
import { keepOutput } from '@timeball/lib/kept-output.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import { findProgram } from './find-program.ts'

export interface ToolLimits {
  readonly timeoutMs: number
  /** Besides that of this process. */
  readonly environment: Readonly<Record<string, string>>
}

const maxOutputBytes = 256 * 1024

/** `output` is what it wrote, errors last. Never rejects. */
export async function runTool(
  folder: string,
  program: string,
  args: readonly string[],
  { timeoutMs, environment }: ToolLimits,
): Promise<ToolEnd> {
  if (findProgram([program]) === null) return { kind: 'missing' }
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const kept = keepOutput(maxOutputBytes)
  const end = await runProcess({
    file: 'env',
    args: ['-C', folder, ...assignments, program, ...args],
    stdin: Buffer.alloc(0),
    timeoutMs,
    signal: new AbortController().signal,
    onStdout(chunk) {
      kept.push(chunk)
      return 'more'
    },
  })
  const said = `${kept.text()}${end.stderr}`.trim()
  const output = end.kind === 'exited' ? said : `${program}: ${end.kind} ${said}`
  return { kind: 'ended', code: end.code, output }
}
