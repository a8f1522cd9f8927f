/** Completion in real zsh and fish. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { guideInventory } from './make-fleet.ts'
import { timeballProgram } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-shells-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), guideInventory)
const bin = join(folder, 'bin')
mkdirSync(bin)
writeFileSync(
  join(bin, 'timeball'),
  `#!/bin/sh\nexec "${process.execPath}" "${timeballProgram}" "$@"\n`,
)
chmodSync(join(bin, 'timeball'), 0o755)

function inShell(shell: string, script: string): string {
  const { stdout, stderr } = spawnSync(shell, ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder, TERM: 'dumb' },
  })
  return `${stdout}${stderr}`
}

function offered(line: string): string {
  return inShell('fish', `timeball completion fish | source; complete -C '${line}'`).trim()
}

test('fish offers commands, options, devices and groups, with what they are', () => {
  assert.equal(offered('timeball heal'), 'health\tIs every device serving good time?')
  assert.equal(offered('timeball plan pi-gps-0'), 'pi-gps-01\tdevice\npi-gps-02\tdevice')
  assert.equal(offered('timeball plan --limit stratum1'), 'stratum1\tgroup')
  assert.match(offered('timeball health --wat'), /^--watch\t/)
  assert.match(offered('timeball plan -f inv'), /^inventory\.yml/)
})

/** zsh completes on a terminal only, and its module zpty makes one. It reads the keys one after another. */
const zshScript = String.raw`
zmodload zsh/zpty
zpty z 'TERM=vt100 zsh -f -i'
zpty -w z "PROMPT=''; unsetopt beep; autoload -Uz compinit && compinit -u -D; source <(timeball completion zsh); bindkey '^I' complete-word"
zpty -w z 'print READY-$((40+2))'
out=
while [[ $out != *READY-42* ]]; do zpty -r z part || exit 1; out+=$part; done
zpty -w -n z "$1"$'\t\C-a'"print -r -- 'LINE:"$'\C-e'"'"$'\n'
out=
while [[ $out != *$'\n'LINE:*$'\r'* ]]; do zpty -r z part || exit 1; out+=$part; done
print -r -- "$out" | grep -a ^LINE:
zpty -d z
`

function completed(line: string): string {
  return inShell('zsh', `set -- '${line}'\n${zshScript}`).trim()
}

test('zsh completes commands, options and devices', () => {
  assert.equal(completed('timeball heal'), 'LINE:timeball health')
  assert.equal(completed('timeball plan pi-ntp-02'), 'LINE:timeball plan pi-ntp-02')
  assert.equal(completed('timeball plan --limit pi-g'), 'LINE:timeball plan --limit pi-gps-0')
  assert.equal(completed('timeball health --wat'), 'LINE:timeball health --watch')
})
