/** The real Ansible (Debian package ansible-core), for tests that compare with it. */
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { after } from 'node:test'

export interface AnsibleRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface AnsibleRequest {
  readonly program: 'ansible' | 'ansible-inventory' | 'resolve'
  readonly args: readonly string[]
  /** A folder without anything in it, when left out. */
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * Runs Ansible's programs away from any ansible.cfg, in one process that loads Ansible once: a run
 * is a fork of it. Call it at the top of a test file; it ends with the tests.
 */
export function ansible(): { readonly run: (request: AnsibleRequest) => Promise<AnsibleRun> } {
  const child = start()
  const answers: ((line: string) => void)[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => answers.shift()?.(line))
  lines.on('close', () => {
    for (const answer of answers.splice(0)) answer('{"code":127,"stdout":"","stderr":"it ended"}')
  })
  after(() => child.stdin.end())
  return {
    run({ program, args, cwd = '/', environment = {} }) {
      const { promise, resolve } = Promise.withResolvers<AnsibleRun>()
      answers.push((line) => resolve(readRun(line)))
      child.stdin.write(`${JSON.stringify({ program, args, cwd, environment })}\n`)
      return promise
    },
  }
}

function start(): ChildProcessByStdio<Writable, Readable, null> {
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: tmpdir(),
    LC_ALL: 'C.UTF-8',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_LOCALHOST_WARNING: 'False',
  }
  const script = `${import.meta.dirname}/oracle.py`
  return spawn('/usr/bin/python3', [script], { env, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] })
}

function readRun(line: string): AnsibleRun {
  const run: unknown = JSON.parse(line)
  assert.ok(typeof run === 'object' && run !== null)
  const { code, stdout, stderr } = { code: 127, stdout: '', stderr: '', ...run }
  return { code, stdout, stderr }
}
