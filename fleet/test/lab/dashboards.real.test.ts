/**
 * Every query of every dashboard against a real Prometheus, which finds and scrapes the lab's
 * devices through a real `timeball serve`. Needs root on Debian, and the package prometheus.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { run, waitFor } from '@timeball/lab/pis/run.ts'
import { everyEvent, started } from '../../src/core/rollout/test/events.ts'
import { openRolloutStore } from '../../src/stores/sqlite/rollout-store.ts'
import { dashboards } from '../../src/core/monitoring/dashboards/dashboards.ts'
import { dashboardSchema, panelsOf } from '../grafana-schema.ts'
import { copyOfGuide, type Ended, freshLab, timeball } from './command-line.ts'
import { applyToLab } from './apply-to-lab.ts'
import { withoutData } from './dashboards-without-data.ts'

const inNamespace = ['ip', 'netns', 'exec', namespaceName] as const
const controller = '127.0.0.1:8080'
const prometheus = 'http://127.0.0.1:9097'
const names = guideDevices.map(({ name }) => name).join('|')
let folder = ''
let stopController: () => Promise<Ended | null> = () => Promise.resolve(null)
let stopPrometheus: () => Promise<unknown> = () => Promise.resolve()

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    // A third vote makes falsetickers decidable, and virtual machines are no atomic clocks.
    change(
      'fleet.yaml',
      'discipline: false',
      'discipline: false\n  references: [controller]\n  slo: { within_ms: 50 }',
    )
    change('inventory.yml', 'ansible_user: pi', 'ansible_user: pi\n    site: lab')
    await applyToLab(folder)
    await writeRollout()
    await startController()
    await startPrometheus()
  },
  { timeout: 600_000 },
)
after(async () => {
  await stopPrometheus()
  await stopController()
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

function change(file: string, from: string, to: string): void {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  assert.ok(text.includes(from), from)
  writeFileSync(path, text.replace(from, to))
}

/** A journal as a rollout leaves it: to run one takes minutes, and is another test's matter. */
async function writeRollout(): Promise<void> {
  const store = await openRolloutStore(join(folder, '.timeball/state.db'), () => true)
  const owner = { host: 'test', pid: process.pid, processStart: '' }
  const wish = { owner, operation: 'test', nowMs: started.atUnixMs, epochFloor: 0 }
  const acquired = await store.acquire(wish)
  assert.ok(acquired.ok)
  const device = 'pi-gps-01'
  const plan = { ...started.plan, waves: [{ kind: 'canary', devices: [device] }] } as const
  const { moved, served, healthy } = everyEvent
  const events = [
    { ...started, plan },
    { ...everyEvent['move-intended'], device },
    { ...served, device },
    { ...moved, device },
    { ...healthy, device },
  ]
  assert.equal(await store.append(started.rollout, events, acquired.lease), 'appended')
  await store.release(acquired.lease)
  await store.close()
}

/** Its own program, so that the end by a signal is the real one. */
async function startController(): Promise<void> {
  const { promise: listens, resolve } = Promise.withResolvers<number>()
  const argv = ['serve', '-i', join(folder, 'inventory.yml'), '--interval', '5']
  const ended = timeball([...argv, '--look-interval', '10'], {
    onMessage: (line, pid) => line.includes(`http://${controller}`) && resolve(pid),
  })
  void ended.then(() => resolve(0))
  const pid = await listens
  assert.notEqual(pid, 0, 'the controller did not begin')
  stopController = () => {
    stopController = () => Promise.resolve(null)
    process.kill(pid, 'SIGTERM')
    return ended
  }
}

async function startPrometheus(): Promise<void> {
  const file = join(folder, 'prometheus.yml')
  writeFileSync(file, configuration())
  const child = spawn(
    'ip',
    [
      ...inNamespace.slice(1),
      'prometheus',
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(prometheus).host}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'close')
  stopPrometheus = () => {
    child.kill('SIGTERM')
    return ended
  }
  await waitFor('the scrapes of all devices and of the controller', 60_000, async () => {
    assert.equal(child.exitCode, null, 'this test needs prometheus (Debian: prometheus)')
    return (await count('up == 1')) === guideDevices.length + 1
  })
}

/** As docs/controller.md says it, and quicker. */
function configuration(): string {
  const document = readFileSync(join(import.meta.dirname, '../../../docs/controller.md'), 'utf8')
  const [, documented] = /```yaml\n(scrape_configs:.*?)```/s.exec(document) ?? []
  assert.ok(documented !== undefined)
  const interval = 'global: { scrape_interval: 1s, scrape_timeout: 1s }'
  return `${interval}\n${documented.replace('fleet: prod', 'fleet: lab')}`
}

/** How many series an expression gives now. */
async function count(expr: string): Promise<number> {
  const query = ['promtool', 'query', 'instant', '-o', 'json', prometheus, expr]
  const { code, stdout, stderr } = await run([...inNamespace, ...query])
  // It is about to listen, or reads its own files.
  if (code !== 0 && /connection refused|Service Unavailable/.test(stderr)) return 0
  assert.equal(code, 0, `${expr}\n${stderr}`)
  const series: unknown = JSON.parse(stdout)
  assert.ok(Array.isArray(series))
  return series.length
}

interface Asked {
  /** Dashboard, panel, query. */
  readonly where: string
  readonly expr: string
}

const asked: readonly Asked[] = dashboards.flatMap(({ file, json }) => {
  const dashboard = dashboardSchema.parse(JSON.parse(json))
  const device = file === 'device.json' ? 'pi-gps-01' : `(${names})`
  const panels = panelsOf(dashboard).flatMap(({ title, targets }) =>
    targets.map(({ refId, expr }): Asked => {
      return { where: `${file}: ${title}: ${refId}`, expr: filledIn(expr, device) }
    }),
  )
  const choices = dashboard.templating.list.flatMap(({ name, definition }): Asked[] => {
    const [, selector] = /^label_values\((.*), \w+\)$/.exec(definition ?? '') ?? []
    if (selector === undefined) return []
    const expr = `count by (${name}) (${filledIn(selector, device)})`
    return [{ where: `${file}: variable ${name}`, expr }]
  })
  const marks = dashboard.annotations.list.map(({ name, expr }): Asked => {
    return { where: `${file}: annotation ${name}`, expr: filledIn(expr, device) }
  })
  return [...choices, ...marks, ...panels]
})

/** As Grafana does it: "all" of device is the names, of the others it is anything. */
function filledIn(expr: string, device: string): string {
  return expr
    .replaceAll('$__rate_interval', '20s')
    .replaceAll('$device', device)
    .replaceAll(/\$(fleet|site|role)\b/g, '.*')
}

test('every query of every panel has data', { timeout: 120_000 }, async (t) => {
  let missing = asked.filter(({ where }) => !withoutData.has(where))
  t.diagnostic(`${asked.length} queries, of which ${missing.length} must have data here`)
  await waitFor('data for each query', 60_000, async () => {
    const counts = await Promise.all(
      missing.map(async (each) => ({ each, found: await count(each.expr) })),
    )
    missing = counts.flatMap(({ each, found }) => (found > 0 ? [] : [each]))
    return missing.length === 0
  }).catch((error: unknown) => {
    assert.deepEqual(missing, [], String(error))
  })
})

test('what is said to have no data in the lab has none, and is asked by some panel', async () => {
  for (const where of withoutData.keys()) {
    const found = asked.find((each) => each.where === where)
    assert.ok(found !== undefined, `no panel asks ${where}`)
    assert.equal(await count(found.expr), 0, where)
  }
})

test('promtool has nothing against the metrics of the controller', async () => {
  const input = (await run([...inNamespace, 'curl', '-s', `http://${controller}/metrics`])).stdout
  assert.match(input, /^timeball_quorum_good\{set="stratum1"\} 2$/m)
  const { code, stdout, stderr } = await run(['promtool', 'check', 'metrics'], { input })
  assert.equal(`${stdout}${stderr}`, '')
  assert.equal(code, 0)
})

test('SIGTERM ends the controller at once, with 0', async () => {
  const ended = await stopController()
  assert.equal(ended?.exit, 0, ended?.stderr ?? 'it had ended before')
})
