/** Runs the real Ansible (Debian package ansible-core) for tests that compare with it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'

export interface AnsibleRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `ansible` or `ansible-inventory` away from any ansible.cfg. */
export async function runAnsible(
  program: 'ansible' | 'ansible-inventory',
  args: readonly string[],
): Promise<AnsibleRun> {
  return await new Promise((resolve, reject) => {
    const env = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: tmpdir(),
      LC_ALL: 'C.UTF-8',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'False',
    }
    execFile(program, [...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error !== null && error.code === 'ENOENT') {
        reject(new Error(`${program} is missing: apt-get install ansible-core`))
      } else {
        const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1
        resolve({ code, stdout, stderr })
      }
    })
  })
}

/** The standard output of a run that must succeed. */
export async function ansibleOutput(
  program: 'ansible' | 'ansible-inventory',
  args: readonly string[],
): Promise<string> {
  const run = await runAnsible(program, args)
  assert.equal(run.code, 0, `${program} ${args.join(' ')}: ${run.stderr}`)
  return run.stdout
}
