/** Runs a program to its end, as an operator does: no shell, nothing on its standard input. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
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

const root = join(import.meta.dirname, '../..')
const bundle = join(root, '.bundle/current/main/timeball.cjs')

/** Timeball as the launcher starts it: its bundle, which sees by itself when it is old. */
export const timeballProgram = existsSync(bundle)
  ? bundle
  : join(root, 'fleet/src/main/timeball.ts')

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
