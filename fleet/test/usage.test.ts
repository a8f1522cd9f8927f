import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exitCodes } from '../src/api/exit-codes.ts'
import { recordSchema } from '../src/api/records/records.ts'
import { guideInventory } from './make-fleet.ts'
import { runTimeball, type Ended } from './run-program.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-usage-'))
after(() => rm(folder, { recursive: true, force: true }))
await writeFile(join(folder, 'inventory.yml'), guideInventory)
await writeFile(join(folder, 'fleet.yaml'), 'fleet: guide\nssh:\n  paralel: 3\n')
await writeFile(join(folder, 'good.yaml'), 'fleet: guide\n')
// Nothing listens on TCP 1.
await writeFile(
  join(folder, 'far.yaml'),
  'fleet: guide\nimage: { ref: "127.0.0.1:1/time:1", plain_http: true }\n',
)
// Nothing listens on TCP 1, so that of no device all is known.
await writeFile(
  join(folder, 'dead.yml'),
  `all:
  vars: { ansible_port: 1 }
  hosts: { a: { ansible_host: 127.0.13.1 }, b: { ansible_host: 127.0.13.2 } }
`,
)
await writeFile(join(folder, 'pinned.yaml'), `image: 127.0.0.1:1/time@sha256:${'1'.repeat(64)}\n`)
await writeFile(join(folder, 'tab.yml'), 'all:\n\thosts: {}\n')
await writeFile(join(folder, 'plan.json'), '{"format": "timeball-plan-0"}\n')

/** The real program in the folder of the fleet; `KEY` is set, so that only the named thing is wrong. */
function timeball(words: string, env: Record<string, string> = goodKey): Promise<Ended> {
  return runTimeball(words, { cwd: folder, env })
}

const goodKey = { API_KEY_1: 'a-good-key-000001' }

const refused: readonly { words: string; said: RegExp; environment?: Record<string, string> }[] = [
  {
    words: 'plan --offline',
    said: /^fleet\.yaml:3:3: ssh: unknown key paralel\n {4}did you mean parallel\?\ntimeball: 1 problem; nothing was changed\n$/,
  },
  { words: 'plan --offline -i tab.yml -f good.yaml', said: /^tab\.yml:2:1: / },
  {
    words: 'rollout start --image time@sha256:12 -f good.yaml',
    said: /^\(command line\): --image: .*64 lower-case hexadecimal digits$/m,
  },
  { words: 'plan --offline -i none.yml', said: /^none\.yml: there is no such inventory$/m },
  { words: 'plan --offline -f none.yaml', said: /^none\.yaml: there is no such file$/m },
  { words: 'plan pi-gps-03 --offline -f good.yaml', said: /pi-gps-03[\s\S]*[Dd]id you mean/ },
  { words: 'apply --plan plan.json -f good.yaml', said: /^plan\.json: is not a saved plan: / },
  { words: 'apply --plan none.json -f good.yaml', said: /^none\.json: there is no such file$/m },
  {
    words: 'plan --offline --out /dev/null/x -f good.yaml',
    said: /^\/dev\/null\/x: there is no such file$/m,
  },
  {
    words: 'inventory --host pi-gps-03',
    said: /no host pi-gps-03\n {4}did you mean pi-gps-0[12]\?/,
  },
  { words: 'inventory --host pi-gps-01 --graph', said: /--graph and --host do not go together/ },
  { words: 'inventory --import nofile.txt', said: /^nofile\.txt: there is no such file$/m },
  { words: 'paln', said: /unknown command 'paln'[\s\S]*plan/ },
  { words: 'plan --ofline', said: /unknown option '--ofline'[\s\S]*--offline/ },
  { words: 'rollout satus', said: /unknown command 'satus'[\s\S]*status/ },
  { words: 'rollout show r1 -f good.yaml', said: /^timeball: there was no rollout yet$/m },
  { words: 'rollout stat', said: /unknown command 'stat'\n\(Did you mean status\?\)/ },
  { words: 'resume', said: /unknown command 'resume'\n\(Did you mean rollout resume\?\)/ },
  { words: 'generate', said: /\(Did you mean monitoring generate\?\)/ },
  {
    words: 'explain falsetiker',
    said: /nothing is called falsetiker\n {4}did you mean falseticker/,
  },
  { words: 'help exit-kodes', said: /no help on 'exit-kodes'\n\(Did you mean exit-codes\?\)/ },
  { words: 'help rollout sart', said: /no help on 'sart'\n\(Did you mean start\?\)/ },
  { words: 'run -f good.yaml', said: /no command to run\n {4}write it after --: timeball run -- / },
  { words: 'run uptime -f good.yaml', said: /no command to run/ },
  { words: 'run --script x -f good.yaml -- true', said: /--script and a command/ },
  { words: 'plan a b', said: /too many arguments/ },
  { words: 'health --interval 0', said: /a number of seconds from 1 to 3600/ },
  { words: 'clock --interval 4', said: /a number of seconds from 5 to 3600/ },
  { words: 'health --format xml', said: /Allowed choices are table, nagios/ },
  {
    words: 'plan --offline -f good.yaml',
    environment: {},
    said: /^\(secrets from environment\): pi-gps-\[01-02\], pi-ntp-\[01-02\]: API_KEY_1 is not set\n {4}set API_KEY_1, or API_KEY_1_PI_GPS_01 for pi-gps-01 alone$/m,
  },
  {
    words: 'plan --offline -f good.yaml',
    environment: { API_KEY_1: '${FLEET_API_KEY_1}' },
    said: /pi-ntp-\[01-02\]: API_KEY_1 has characters other than/,
  },
]
for (const { words, said, environment } of refused) {
  const key = environment === undefined ? '' : ` with the key ${JSON.stringify(environment)}`
  test(`timeball ${words}${key} is bad usage, and says what to do`, async () => {
    const { exit, stdout, stderr } = await timeball(words, environment)
    assert.equal(exit, 64, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, said)
    assert.doesNotMatch(stderr, /^ +at |FLEET_API_KEY/m)
  })
}

for (const command of ['plan', 'apply', 'rollout', 'health', 'serve', 'inventory', 'demo', 'lab']) {
  test(`timeball ${command} --help shows examples`, async () => {
    const { exit, stdout } = await timeball(`${command} --help`)
    assert.equal(exit, 0)
    assert.match(stdout, new RegExp(`^Examples:\\n  timeball ${command}`, 'm'))
  })
}

for (const words of ['plan', 'apply', 'rollout start --dry-run', 'rollout start']) {
  test(`timeball ${words} without the registry says what to check`, async () => {
    const { exit, stderr } = await timeball(`${words} -f far.yaml`)
    assert.equal(exit, 1)
    assert.match(
      stderr,
      /^timeball: the image could not be resolved to a digest: 127\.0\.0\.1:1\/time:1: .*\n {4}check image in fleet\.yaml/m,
    )
  })
}

test('timeball --help shows first steps and the exit codes', async () => {
  const { exit, stdout } = await timeball('--help')
  assert.equal(exit, 0)
  assert.match(stdout, /^Examples:$/m)
  assert.match(stdout, /^Exit codes: 0 done/m)
})

test('an offline plan contacts nobody, and differences have an exit code of their own', async () => {
  const { exit, stdout } = await timeball('plan --offline --diff --detailed-exitcode -f good.yaml')
  assert.equal(exit, 2)
  assert.match(stdout, /^Fleet guide: 4 devices, image localhost\/mcp-utc-time-server/m)
  assert.match(stdout, /^ {6}\+ API_KEY_1=\*{8}$/m)
  assert.ok(!stdout.includes(goodKey.API_KEY_1))
})

test('what is wrong with the fleet is in the result of --json, device by device', async () => {
  for (const words of ['health', 'clock --no-http']) {
    const { exit, stdout } = await timeball(`${words} --json -i dead.yml -f far.yaml`)
    assert.equal(exit, 5)
    const last = recordSchema.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))
    assert.ok(last.type === 'result')
    assert.deepEqual(
      last.errors?.map(({ device }) => device),
      ['a', 'b'],
    )
    assert.doesNotMatch(JSON.stringify(last.errors), /drift is not judged/)
  }
})

for (const words of [
  'plan',
  'drift',
  'apply --yes',
  'rollout start --dry-run',
  'ping',
  'ps',
  'run',
]) {
  test(`timeball ${words}: who is not reached is in the result, device by device, and in @failed`, async () => {
    const command = words === 'run' ? ' -- true' : ''
    const { exit, stdout } = await timeball(`${words} --json -i dead.yml -f pinned.yaml${command}`)
    assert.equal(exit, 3, stdout)
    const last = recordSchema.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))
    assert.ok(last.type === 'result')
    const errors = last.errors ?? []
    assert.deepEqual(errors.map(({ device }) => device ?? '').toSorted(), ['a', 'b'])
    assert.ok(errors.every(({ code, message, hint }) => code && message && hint))
    const again = await timeball('plan --offline --limit @failed -i dead.yml -f pinned.yaml')
    assert.match(again.stdout, /^Fleet: 2 devices/m)
    await rm(join(folder, '.timeball'), { recursive: true })
  })
}

test('a plan of devices that all failed is no success in its words, and ping tells them together', async () => {
  const plan = await timeball('plan -i dead.yml -f pinned.yaml')
  assert.match(plan.stdout, /^No plan: all 2 unknown\.$/m)
  const drift = await timeball('drift -i dead.yml -f pinned.yaml')
  assert.equal(drift.stdout, 'Drift is not known: no device was reached.\n')
  assert.match(drift.stderr, /^timeball: a, b \(2\): /m)
  const ping = await timeball('ping -i dead.yml -f pinned.yaml')
  assert.match(ping.stdout, /^a, b \(2\): fails at .*\n( {4}.*\n)+$/)
})

const refusedJson: readonly { words: string; error: Record<string, unknown> }[] = [
  {
    words: 'plan --offline --json',
    error: {
      code: 'refused',
      file: 'fleet.yaml',
      line: 3,
      column: 3,
      hint: 'did you mean parallel?',
    },
  },
  { words: 'plan --no-such-option --json -f good.yaml', error: { code: 'usage' } },
  {
    words: 'rollout show nonsense --json -f good.yaml',
    error: { code: 'usage', message: 'there was no rollout yet', hint: null },
  },
  { words: 'rollout start --json -f none.yaml', error: { code: 'refused', file: 'none.yaml' } },
  { words: 'monitoring nonsense --json', error: { code: 'usage' } },
]

for (const { words, error } of refusedJson) {
  test(`timeball ${words} is refused in JSON, too`, async () => {
    const { exit, stdout } = await timeball(words)
    assert.equal(exit, 64)
    const [version, result, ...others] = stdout.trim().split('\n')
    assert.match(version ?? '', /^\{"type":"version",/)
    assert.deepEqual(others, [])
    const expected = { type: 'result', status: 'failed', exit: 64, errors: [error] }
    assert.partialDeepStrictEqual(recordSchema.parse(JSON.parse(result ?? '')), expected)
  })
}

test('JSON begins with a version, ends with the result, and has one object a line', async () => {
  const { stdout } = await timeball('plan --offline --json -f good.yaml')
  const records: unknown[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const types = records.map((record) => Reflect.get(Object(record), 'type'))
  assert.deepEqual(types, ['version', ...Array.from({ length: 4 }, () => 'device_plan'), 'result'])
  assert.ok(!stdout.includes(goodKey.API_KEY_1))
})

test('help exit-codes lists every code', async () => {
  const { exit, stdout } = await timeball('help exit-codes')
  assert.equal(exit, 0)
  const listed = stdout
    .trimEnd()
    .split('\n')
    .map((line) => Number.parseInt(line, 10))
  assert.deepEqual(
    listed,
    Object.values(exitCodes).toSorted((a, b) => a - b),
  )
})

test('help on a command is its own', async () => {
  const { exit, stdout } = await timeball('help rollout start')
  assert.equal(exit, 0)
  assert.match(stdout, /^Usage: timeball rollout start /)
})

test('explain says what a word means, and of an alert its runbook', async () => {
  const word = await timeball('explain claims-sync')
  assert.equal(word.exit, 0)
  assert.match(word.stdout, /^claims-sync \(fault of clock\)\n {2}means {2}Proved to be off/)
  const alert = await timeball('explain TimeballRolloutStuck')
  assert.match(alert.stdout, /^RolloutStuck \(alert, \w+\)\n[^]*^## Do$/m)
  const all = await timeball('explain')
  assert.match(all.stdout, /^exit code +0, 1, 2, 3/m)
})
