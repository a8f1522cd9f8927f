/** Runs a program to its end, as an operator does: no shell, nothing on its standard input. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface Ended {
  readonly exit: unknown
  readonly stdout: string
  readonly stderr: string
}

export interface Place {
  readonly cwd: string
  /** Besides `PATH`. */
  readonly env: Readonly<Record<string, string>>
}

/** Timeball from its sources. */
export const timeballProgram = join(import.meta.dirname, '../src/main/timeball.ts')

export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env }: Place,
): Promise<Ended> {
  const all = { PATH: process.env['PATH'], ...env }
  const child = spawn(file, args, { cwd, env: all, stdio: 'pipe' })
  child.stdin.end()
  const [stdout, stderr, [exit]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { exit, stdout, stderr }
}

/** `words` as on the command line, with no quoting; none: without any. */
export function runTimeball(words: string, place: Place): Promise<Ended> {
  const args = words === '' ? [] : words.split(' ')
  return runProgram(process.execPath, [timeballProgram, ...args], place)
}
