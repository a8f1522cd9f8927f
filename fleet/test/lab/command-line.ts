/** The real command line against the lab, as an operator would type it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { labUp, type LabUp } from '@timeball/lab/pis/lab-up.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { timeballProgram } from '../run-program.ts'

export interface Ended {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Told of each line of stderr, with the process that wrote it. */
  readonly onMessage?: (line: string, pid: number) => void
  /** Told of each line of stdout, as soon as it comes. */
  readonly onOutput?: (line: string) => void
  /** Fires SIGKILL. */
  readonly kill?: AbortSignal
}

/** Never rejects for what the command does. */
export function timeball(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const env = { ...process.env, API_KEY_1: 'key-of-the-lab-tests', ...options.environment }
  const { kill: signal } = options
  const child = spawn(process.execPath, [timeballProgram, ...args], {
    env,
    signal,
    killSignal: 'SIGKILL',
  })
  const { promise, resolve } = Promise.withResolvers<Ended>()
  let stdout = ''
  const messages: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  createInterface(child.stdout).on('line', (line) => options.onOutput?.(line))
  createInterface(child.stderr).on('line', (line) => {
    messages.push(line)
    options.onMessage?.(line, child.pid ?? 0)
  })
  // That it was killed is what was asked for.
  child.on('error', () => {})
  child.on('close', (exit) => resolve({ exit, stdout, stderr: messages.join('\n') }))
  return promise
}

/** A lab that begins with nothing, whatever a file of tests before this one has left there. */
export async function freshLab(): Promise<LabUp> {
  await labDown({ onProgress: () => {}, purge: 'no' })
  const up = await labUp({ hosts: 0, onProgress: () => {} })
  assert.ok(up.ok, up.ok ? '' : up.failure.detail)
  return up.value
}

/** A copy of the guide's fleet in this lab, to be changed by a test. */
export function copyOfGuide(): string {
  const folder = mkdtempSync(join(tmpdir(), 'timeball-lab-fleet-'))
  cpSync(labPaths(process.env).guide, folder, { recursive: true })
  const settings = join(folder, 'fleet.yaml')
  const text = readFileSync(settings, 'utf8')
  assert.match(text, /namespace: timeball-lab$/m)
  writeFileSync(settings, text.replace('namespace: timeball-lab', `namespace: ${namespaceName}`))
  return folder
}
