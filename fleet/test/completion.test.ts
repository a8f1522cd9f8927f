/** Completion, in the shells that this machine has: bash is everywhere. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { guideInventory } from './make-fleet.ts'
import { timeballProgram } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-completion-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), guideInventory)
mkdirSync(join(folder, 'elsewhere'))
// What is encrypted is not asked for.
mkdirSync(join(folder, 'group_vars'))
writeFileSync(join(folder, 'group_vars/all.yml'), '$ANSIBLE_VAULT;1.1;AES256\n3132\n')
const launcher = join(folder, 'timeball')
writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${timeballProgram}" "$@"\n`)
chmodSync(launcher, 0o755)

const environment = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder }

function inShell(shell: string, script: string, cwd = folder): string {
  const { stdout, stderr, error } = spawnSync(shell, ['-c', script], {
    cwd,
    encoding: 'utf8',
    env: environment,
  })
  assert.equal(error, undefined)
  assert.equal(stderr, '', script)
  return stdout.trim()
}

/** What bash offers at the end of the line; `-` where it would offer files. */
function bash(line: string, cwd = folder): readonly string[] {
  const script = `source <(timeball completion bash)
COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}; _timeball
printf '%s\\n' "\${COMPREPLY[@]:--}"`
  return inShell('bash', script, cwd).split('\n')
}

const cases: readonly { line: string; offers: readonly string[] }[] = [
  { line: 'timeball heal', offers: ['health'] },
  { line: 'timeball rollout st', offers: ['start', 'status'] },
  { line: 'timeball health --wa', offers: ['--watch'] },
  { line: 'timeball health --format ', offers: ['table', 'nagios'] },
  { line: 'timeball plan pi-g', offers: ['pi-gps-01', 'pi-gps-02'] },
  { line: 'timeball plan --limit stratum', offers: ['stratum1', 'stratum2'] },
  {
    line: 'timeball plan stratum2,pi-ntp-01,pi-gps-02,@f',
    offers: ['stratum2,pi-ntp-01,pi-gps-02,@failed'],
  },
  { line: 'timeball ping all:!pi-ntp-0', offers: ['!pi-ntp-01', '!pi-ntp-02'] },
  { line: 'timeball explain falset', offers: ['falseticker'] },
  { line: 'timeball lab ', offers: ['up', 'down', 'status'] },
  { line: 'timeball completion f', offers: ['fish'] },
  { line: 'timeball plan -f ', offers: ['-'] },
  { line: 'timeball run all -- c', offers: ['-'] },
  { line: 'timeball plan -i no-such-file pi', offers: ['-'] },
]
for (const { line, offers } of cases) {
  test(`bash: ${line}<TAB>`, () => assert.deepEqual(bash(line), offers))
}

test('bash: -C and TIMEBALL_INVENTORY say where the inventory is', () => {
  const elsewhere = join(folder, 'elsewhere')
  assert.deepEqual(bash('timeball plan pi-n', elsewhere), ['-'])
  assert.deepEqual(bash('timeball -C .. plan pi-n', elsewhere), ['pi-ntp-01', 'pi-ntp-02'])
  assert.deepEqual(bash('timeball plan -C .. pi-n', elsewhere), ['pi-ntp-01', 'pi-ntp-02'])
  const named = `TIMEBALL_INVENTORY=../inventory.yml timeball complete -- plan pi-ntp-02 | cut -f 1`
  assert.equal(inShell('bash', named, elsewhere), 'pi-ntp-02')
})

test('a mistake on the line is no message: the shell offers files', () => {
  assert.equal(inShell('bash', 'timeball complete -- nonsense --no-such ""'), '')
})
