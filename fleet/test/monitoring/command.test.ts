/** `timeball monitoring generate` and `check` as an operator types them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { guideInventory } from '../make-fleet.ts'
import { timeballProgram } from '../run-program.ts'

interface Ended {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder with the guide's fleet, and the command in it. */
function guide(
  context: TestContext,
  settings = '',
): { folder: string; run: (...args: readonly string[]) => Ended } {
  const folder = mkdtempSync(join(tmpdir(), 'timeball-monitoring-command-'))
  context.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'inventory.yml'), guideInventory)
  writeFileSync(join(folder, 'fleet.yaml'), settings)
  const run = (...args: readonly string[]): Ended => {
    // Without promtool and amtool, wherever this runs.
    const options = { cwd: folder, encoding: 'utf8', env: { PATH: '/nowhere' } } as const
    const ended = spawnSync(process.execPath, [timeballProgram, 'monitoring', ...args], options)
    return { exit: ended.status, stdout: ended.stdout, stderr: ended.stderr }
  }
  return { folder, run }
}

test('it writes beside fleet.yaml, says what, and the second time there is nothing to do', (context) => {
  const { folder, run } = guide(context)
  const first = run('generate')
  assert.equal(first.exit, 0, first.stderr)
  assert.match(first.stdout, /^created {3}prometheus\.yml$/m)
  const again = run('generate')
  assert.equal(again.exit, 0)
  assert.match(again.stdout, /^monitoring: \d+ unchanged$/m)
  assert.match(
    readFileSync(join(folder, 'monitoring/rules.yml'), 'utf8'),
    /alert: TimeballServiceDown/,
  )
})

test("Grafana's password is made once, for its owner alone, and is no part of what is generated", (context) => {
  const { folder, run } = guide(context)
  const made = run('generate')
  const path = join(folder, 'monitoring/grafana-admin-password')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const password = readFileSync(path, 'utf8')
  assert.equal(password.length, 24)
  assert.ok(!`${made.stdout}${made.stderr}`.includes(password))
  run('generate')
  assert.equal(readFileSync(path, 'utf8'), password)
})

test('--check writes nothing and exits with 2 when a file would change', (context) => {
  const { folder, run } = guide(context)
  assert.equal(run('generate', '--check').exit, 2)
  run('generate')
  assert.equal(run('generate', '--check').exit, 0)
  appendFileSync(join(folder, 'fleet.yaml'), 'health: { disk_percent: 70 }\n')
  const old = run('generate', '--check')
  assert.equal(old.exit, 2)
  assert.match(old.stdout, /^changed {3}rules\.yml$/m)
  assert.doesNotMatch(
    readFileSync(join(folder, 'monitoring/rules.yml'), 'utf8'),
    /disk_usage_percent > 70/,
  )
})

test('with a file that somebody edited nothing is written', (context) => {
  const { folder, run } = guide(context)
  run('generate')
  const edited = join(folder, 'monitoring/alertmanager.yml')
  appendFileSync(edited, '# mine\n')
  appendFileSync(join(folder, 'fleet.yaml'), 'health: { disk_percent: 70 }\n')
  const refused = run('generate')
  assert.equal(refused.exit, 6)
  assert.match(refused.stdout, /^foreign {3}alertmanager\.yml$/m)
  assert.match(readFileSync(edited, 'utf8'), /# mine/)
  assert.doesNotMatch(
    readFileSync(join(folder, 'monitoring/rules.yml'), 'utf8'),
    /disk_usage_percent > 70/,
  )
})

test('check does what it can without the tools: drift, form, and secrets that others can read', (context) => {
  const { folder, run } = guide(
    context,
    'monitoring: { receivers: { slack: { webhook_url_file: slack, channel: "#time" } } }\n',
  )
  run('generate')
  assert.match(run('check').stdout, /^failed {3}secret slack: .*there is no such file or folder$/m)
  writeFileSync(join(folder, 'slack'), 'https://example.org/x', { mode: 0o644 })
  assert.match(run('check').stdout, /^failed {3}secret slack: .*can be read by others/m)
  rmSync(join(folder, 'slack'))
  writeFileSync(join(folder, 'slack'), 'https://example.org/x', { mode: 0o600 })
  appendFileSync(join(folder, 'slack'), '\n')
  const broken = run('up', '--with', 'host')
  assert.equal(broken.exit, 1)
  assert.match(broken.stderr, /^timeball: secret slack: .*ends with a line break/m)
  writeFileSync(join(folder, 'slack'), 'https://example.org/x')
  const fine = run('check')
  assert.equal(fine.exit, 0, fine.stdout)
  assert.match(fine.stdout, /^skipped {2}promtool check rules rules\.yml: it is not installed$/m)
})

test('generate names what is missing before it is started, and what nobody would be told of', (context) => {
  const { run } = guide(context)
  assert.match(run('generate').stderr, /monitoring\.receivers names nobody/)
  const { folder, run: again } = guide(
    context,
    `monitoring:
  rule_files: [rules/own.yml]
  receivers: { slack: { webhook_url_file: keys/slack, channel: "#time" } }
`,
  )
  const { exit, stderr } = again('generate')
  assert.equal(exit, 0)
  assert.deepEqual(stderr.trim().split('\n'), [
    'timeball: nobody notices when the monitoring itself ends: monitoring.receivers.watchdog',
    `timeball: secret keys/slack: ${folder}/keys/slack: there is no such file or folder`,
    'timeball: rules rules/own.yml: there is no such file',
  ])
})

test('check of a folder without files says how to get them, and no more', (context) => {
  const { exit, stdout } = guide(context).run('check')
  assert.equal(exit, 1)
  assert.equal(
    stdout,
    'failed   files are as generated: monitoring has none: timeball monitoring generate\n',
  )
})

test('a receiver that is not there is told where fleet.yaml names it', (context) => {
  const { exit, stderr } = guide(
    context,
    'monitoring:\n  alerts:\n    PpsLost: { receivers: [email] }\n',
  ).run('generate')
  assert.equal(exit, 64)
  assert.match(
    stderr,
    /^fleet\.yaml:3:28: monitoring\.alerts\.PpsLost\.receivers\.0: receivers has no email$/m,
  )
})

test('--json says the same to programs', (context) => {
  const { run } = guide(context)
  const lines = run('generate', '--json').stdout.trim().split('\n')
  const records = lines.map((line) => JSON.parse(line))
  assert.deepEqual(records[1], { type: 'file', path: 'prometheus.yml', change: 'created' })
  assert.deepEqual(records.at(-1), { type: 'result', status: 'ok', exit: 0, folder: 'monitoring' })
})

/** Says what Compose says, and writes down what it was asked. */
const fakeDocker = `#!/bin/sh
echo "$TIMEBALL_USER $*" >> "$(dirname "$0")/asked"
case "$*" in
  *' ps '*)
    echo '{"Service":"prometheus","State":"running","Health":"healthy"}'
    echo '{"Service":"alertmanager","State":"running","Health":"starting"}' ;;
esac
`

test('where there is Compose, it is what runs it, as the user who gave the command', (context) => {
  const { folder } = guide(context)
  const docker = join(folder, 'docker')
  writeFileSync(docker, fakeDocker, { mode: 0o755 })
  const up = spawnSync(process.execPath, [timeballProgram, 'monitoring', 'up'], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH']}` },
  })
  assert.equal(up.status, 1, 'not all of it is ready')
  assert.match(up.stdout, /^prometheus {4}ready {5}container running healthy$/m)
  assert.match(up.stdout, /^alertmanager {2}starting {2}container running starting$/m)
  assert.match(up.stdout, /^grafana {7}stopped {3}there is no container$/m)
  const user = `${process.getuid?.()}:${process.getgid?.()}`
  const asked = readFileSync(join(folder, 'asked'), 'utf8').split('\n')
  assert.ok(asked.includes(`${user} compose up --detach --force-recreate --wait`), asked.join('\n'))
  assert.equal(statSync(join(folder, 'monitoring/data/grafana')).uid, process.getuid?.())
})
