/** Schedules on simulated devices: by hand, and by the controller. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, type Ended } from './controller.ts'

const identity = await generateX25519Identity()
const embedded = await temporaryFleet()
const stateFolder = join(dirname(embedded.fleetYamlPath), '.timeball')
const nightly = 'cron: "30 2 * * *", zone: Europe/Berlin, jitter: 10m'
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }
backup: { recipients: [${await identityToRecipient(identity)}] }
schedules:
  drift: { cron: "*/30 * * * *" }
  backup: { ${nightly} }
  verify: { ${nightly} }
  drill: { cron: "0 4 * * sun" }
  keys: { cron: "@daily" }
`,
)
const environment = { TIMEBALL_AGE_IDENTITY: identity }
const run = (words: string): Promise<Ended> => controller.run(words, { environment })

test('each schedule can be run now, and its result is kept', async () => {
  assert.match((await run('schedules')).stdout, /^backup +30 2 \* \* \* Europe\/Berlin +never +20/m)
  assert.equal((await run('apply --yes')).exit, 0)
  for (const name of ['drift', 'backup', 'verify', 'drill', 'keys']) {
    const { exit, stdout, stderr } = await run(`schedules run ${name}`)
    assert.equal(exit, 0, stdout + stderr)
  }
  const { stdout } = await run('schedules')
  assert.match(stdout, /^drift .* good: No drift: 4 up to date\.$/m)
  assert.match(stdout, /^backup .* good: the controller and all devices are backed up$/m)
  assert.match(stdout, /^verify .* good: 5 of 5 are good, .* of data read$/m)
  assert.match(stdout, /^drill .* good: 4 of 4 could be restored$/m)
  assert.match(stdout, /^keys .* good: no key is older than /m)
})

async function disturb(): Promise<void> {
  const gpsd = join(embedded.device('pi-gps-01').root, 'etc/default/gpsd')
  await writeFile(gpsd, 'somebody was here\n')
}

test('the controller runs what was missed, once, and says how it went', async () => {
  await disturb()
  const failed = await run('schedules run drift')
  assert.equal(failed.exit, 1)
  assert.match(failed.stderr, /^timeball: drift: failed: 3 of 4 up to date; .*mends pi-gps-01$/m)
  const memory = { version: 1, since_unix_ms: 0, last: null, good_unix_ms: null }
  await writeFile(join(stateFolder, 'schedule-keys.json'), JSON.stringify(memory))
  const stop = new AbortController()
  const metrics = Promise.withResolvers<string>()
  let url = ''
  const { exit, stderr } = await controller.run('serve --port 0 --interval 5', {
    environment,
    stop: stop.signal,
    onSay(line) {
      url = /http:\S+/.exec(line)?.[0] ?? url
      if (!line.includes('schedule keys')) return
      metrics.resolve(fetch(`${url}/metrics`).then(async (answer) => await answer.text()))
      void metrics.promise.finally(() => stop.abort())
    },
  })
  assert.equal(exit, 0, stderr)
  assert.equal(stderr.match(/schedule keys: good: /g)?.length, 1)
  const text = await metrics.promise
  assert.match(text, /^timeball_schedule_failed\{schedule="drift"\} 1$/m)
  assert.match(text, /^timeball_schedule_failed\{schedule="keys"\} 0$/m)
  assert.match(text, /^timeball_schedule_next_timestamp_seconds\{schedule="drill"\} 1/m)
})

test('what is found is a failure, and the last good run is remembered', async () => {
  await disturb()
  const failed = await run('schedules run drift --json')
  assert.equal(failed.exit, 1)
  const records = failed.stdout.split('\n').map((line) => JSON.parse(line))
  const schedule = records.find(({ type }) => type === 'schedule')
  assert.equal(schedule.last.outcome, 'failed')
  assert.match(schedule.last.message, /^3 of 4 up to date; .*timeball apply mends pi-gps-01/)
  assert.ok(schedule.last_good_unix_ms < schedule.last.started_unix_ms)
  assert.match(records.at(-1).errors[0].message, /^drift: failed: 3 of 4/)
})

test('what is not scheduled, or is no schedule, is refused', async () => {
  await controller.edit('settings', '  drill: { cron: "0 4 * * sun" }\n', '')
  const { exit, stderr } = await run('schedules run drill')
  assert.equal(exit, 64)
  assert.match(stderr, /drill is not scheduled/)
  assert.equal((await run('schedules run lunch')).exit, 64)
  await controller.edit('settings', '"*/30 * * * *"', '"*/30 * * *"')
  const wrong = await run('schedules')
  assert.equal(wrong.exit, 64)
  assert.match(wrong.stderr, /^\S*fleet\.yaml:\d+:\d+: schedules\.drift\.cron: five fields /)
})
