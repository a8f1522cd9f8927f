/** Prometheus' and Alertmanager's own tools on what is generated. Needs Debian's packages of both. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { alertNames } from '../src/core/monitoring/alert-names.ts'
import { generateMonitoring } from '../src/core/monitoring/generate.ts'
import {
  alertCases,
  type AlertCase,
  type TestedAlert,
} from '../src/core/monitoring/test/alert-cases.ts'
import { furtherCases } from '../src/core/monitoring/test/further-cases.ts'
import { promtoolTest } from '../src/core/monitoring/test/promtool-tests.ts'
import { everyReceiver } from '../src/core/monitoring/test/every-receiver.ts'
import { fleetOf } from './make-fleet.ts'

const folders: string[] = []
const ownRules = 'groups: [{ name: own, rules: [{ record: own, expr: vector(1) }] }]\n'
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function written(settings: string): string {
  const home = mkdtempSync(join(tmpdir(), 'timeball-monitoring-'))
  folders.push(home)
  const folder = join(home, 'monitoring')
  // promtool looks whether the secrets are there.
  mkdirSync(join(home, 'keys'))
  for (const name of ['controller', 'store']) writeFileSync(join(home, 'keys', name), 'secret')
  mkdirSync(join(home, 'rules'))
  writeFileSync(join(home, 'rules/own.yml'), ownRules)
  const files = generateMonitoring(fleetOf(undefined, settings), { fleetFolder: '..' })
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

function succeeds(folder: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.ok(!error, `${program} is missing: test/install-packages`)
  assert.equal(status, 0, `${stdout}\n${stderr}`)
  return stdout
}

for (const [name, settings] of [
  ['the guide', ''],
  ['a fleet with every receiver and compressed time', everyReceiver],
] as const) {
  test(`what is generated for ${name} passes promtool and amtool`, () => {
    const folder = written(settings)
    assert.match(
      succeeds(folder, 'promtool', 'check', 'config', 'prometheus.yml'),
      /[12] rule files/,
    )
    succeeds(folder, 'promtool', 'check', 'rules', 'rules.yml')
    succeeds(folder, 'amtool', 'check-config', 'alertmanager.yml')
  })
}

const fleet = fleetOf()
const folder = written('')
function fires(name: TestedAlert, tested: AlertCase): void {
  passes(promtoolTest(name, tested, fleet))
}

/** JSON is YAML. The burn rates count evaluations, which come as often as fleet.yaml says. */
function passes(...tests: readonly unknown[]): void {
  const file = join(folder, 'case.test.yml')
  const content = { rule_files: ['rules.yml'], evaluation_interval: '15s', tests }
  writeFileSync(file, JSON.stringify(content))
  succeeds(folder, 'promtool', 'test', 'rules', file)
}

for (const name of alertNames) {
  if (name === 'Watchdog') continue
  test(`${name} is quiet, fires, and is over`, () => fires(name, alertCases[name]))
}
for (const tested of furtherCases) {
  test(`${tested.alert} also fires when ${tested.way}`, () => fires(tested.alert, tested))
}

test('a server that began late is not accused for its first samples', () => {
  const labels = '{job="timeball",fleet="fleet",device="pi-1",server="pi-1"}'
  passes({
    interval: '15s',
    input_series: [
      { series: `timeball_clock_offset_seconds${labels}`, values: '1 0x40' },
      { series: `timeball_clock_error_seconds${labels}`, values: '0 0x40' },
    ],
    alert_rule_test: ['3m', '5m', '8m'].map((eval_time) => {
      return { eval_time, alertname: 'TimeballClockSloBurnFast', exp_alerts: [] }
    }),
  })
})

test('the configurations that docs/monitoring.md shows are valid', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8')
  const blocks = [...text.matchAll(/```yaml\n# promtool check config\n([^]*?)```/g)]
  assert.ok(blocks.length > 0)
  for (const [index, [, block = '']] of blocks.entries()) {
    writeFileSync(join(folder, `shown-${index}.yml`), block)
    succeeds(folder, 'promtool', 'check', 'config', `shown-${index}.yml`)
  }
})
