/** The controller's page in Debian's Chromium, over a live embedded fleet. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import axe from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'
import { timeballProgram } from '../run-program.ts'
import { canary, controllerOf, hurriedRollouts } from './controller.ts'

const sources = ['pi-gps-01', 'pi-gps-02', 'pi-gps-03']
const embedded = await temporaryFleet({
  devices: [
    ...sources.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: sources },
  ],
})
const controller = await controllerOf(embedded, hurriedRollouts().replace('soak: 1s', 'soak: 90s'))
const token = 'a-token-of-the-page-0123456789'
/** A folder for pictures of each view; without it none are made. */
const pictures = process.env['PAGE_PICTURES']
const limit = { timeout: 120_000 }

let browser: Browser
let page: Page
let url = ''
let serving: ReturnType<typeof spawn>

/** The controller as an operator starts it; settles at its address. */
async function serve(): Promise<string> {
  const folder = dirname(embedded.fleetYamlPath)
  await writeFile(join(folder, 'token'), `${token}\n`, { mode: 0o600 })
  const words = `serve --port 0 --interval 5 --token-file token -i ${embedded.inventoryPath}`
  serving = spawn(process.execPath, [timeballProgram, ...words.split(' ')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], API_KEY_1: canary, HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  assert.ok(serving.stderr)
  const lines = createInterface(serving.stderr)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const said: string[] = []
  lines.on('line', (line) => {
    said.push(line)
    const at = /(http:\/\/\S+)$/.exec(line)?.[1]
    if (at !== undefined) resolve(at)
  })
  serving.on('exit', () => reject(new Error(said.join('\n'))))
  return await promise
}

before(async () => {
  const applied = await controller.run('apply --yes')
  assert.equal(applied.exit, 0, applied.stderr)
  url = await serve()
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Root has no sandbox; the page is ours.
    args: ['--no-sandbox'],
  })
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
  page.setDefaultTimeout(60_000)
}, limit)
after(async () => {
  await browser.close()
  const ended = once(serving, 'exit')
  serving.kill('SIGTERM')
  await ended
})

/** The sentence at the top of every view. */
function sentence(text: RegExp): Promise<unknown> {
  return page.locator('.sentence', { hasText: text }).waitFor()
}

async function picture(name: string): Promise<void> {
  if (pictures === undefined) return
  await mkdir(pictures, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) })
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: join(pictures, `${name}-phone.png`) })
  await page.setViewportSize({ width: 1200, height: 900 })
}

/** What a tool of others finds against WCAG 2.2 AA, as `rule: element`. */
async function violations(): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found: unknown = await page.evaluate(`axe.run(document, { runOnly: [
    'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
  assert.ok(Array.isArray(found))
  return found.map(String)
}

test('nobody sees anything without a token, and a wrong one is refused', limit, async () => {
  await page.goto(url)
  await page.getByLabel('Token').fill('not-the-token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  assert.match((await page.getByRole('alert').textContent()) ?? '', /a token is needed/)
  assert.equal(await page.locator('table').count(), 0)
  assert.deepEqual(await violations(), [])
  await picture('sign-in')
})

test('what the bundle serves is described as in the docs', limit, async () => {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/api/v1/openapi.json`, { headers })
  const path = join(import.meta.dirname, '../../../docs/openapi.json')
  assert.deepEqual(await answer.json(), JSON.parse(await readFile(path, 'utf8')))
})

test('with it one sees that time is good, and each device', limit, async () => {
  await page.getByLabel('Token').fill(token)
  await page.keyboard.press('Enter')
  await sentence(/Time is good: 4 of 4 servers give it/)
  await page.locator('.link', { hasText: 'live' }).waitFor()
  const names = await page.locator('.devices tbody th a').allTextContents()
  assert.deepEqual(names, ['pi-gps-01', 'pi-gps-02', 'pi-gps-03', 'pi-ntp-01'])
  assert.doesNotMatch(page.url(), /a-token/)
  assert.deepEqual(await violations(), [])
  await picture('fleet')
})

test(
  'a clock that becomes wrong is the first, and right again without a reload',
  limit,
  async () => {
    embedded.device('pi-gps-03').clock.offsetMs = 400
    await sentence(/pi-gps-03: off by/)
    await page.locator('.devices tbody tr.bad', { hasText: 'falseticker' }).waitFor()
    assert.equal(await page.locator('.devices tbody th a').first().textContent(), 'pi-gps-03')
    assert.match(await page.title(), /^✗1 · /)
    await picture('falseticker')
    embedded.device('pi-gps-03').clock.offsetMs = 0
    await sentence(/Time is good: 4 of 4 servers give it/)
    assert.doesNotMatch(await page.title(), /✗/)
  },
)

test(
  'the filter takes the patterns of the command line, and says what is wrong',
  limit,
  async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('stratum2')
    await page
      .locator('.devices tbody th a', { hasText: 'pi-gps-01' })
      .waitFor({ state: 'detached' })
    assert.deepEqual(await page.locator('.devices tbody th a').allTextContents(), ['pi-ntp-01'])
    assert.match(page.url(), /q=stratum2/)
    await page.getByLabel('Devices').fill('nobody')
    await page.locator('.problem').waitFor()
    await page.getByLabel('Devices').fill('')
    await page.locator('.devices tbody th a', { hasText: 'pi-gps-01' }).waitFor()
  },
)

test('by the keys alone one comes to a device, its clock, and the other views', limit, async () => {
  await page.locator('body').click()
  for (const key of ['j', 'j', 'Enter']) await page.keyboard.press(key)
  await page.getByRole('heading', { name: /^pi-/ }).waitFor()
  await page.locator('.chart canvas').waitFor()
  assert.deepEqual(await violations(), [])
  await picture('device')
  for (const key of ['g', 'c']) await page.keyboard.press(key)
  await page.locator('.intervals .interval').first().waitFor()
  assert.equal(await page.locator('.intervals .interval').count(), 4)
  await page.locator('.chart canvas').waitFor()
  assert.deepEqual(await violations(), [])
  await picture('clocks')
  for (const key of ['g', 'r']) await page.keyboard.press(key)
  await page.getByText('There was none yet').waitFor()
  assert.deepEqual(await violations(), [])
  await picture('rollouts')
})

test(
  'a rollout is paused and taken back from the page, and the journal knows who',
  limit,
  async () => {
    const made = await controller.run('token create ada --role operator')
    assert.equal(made.exit, 0, made.stderr)
    await page.getByRole('button', { name: 'sign out' }).click()
    await page.getByLabel('Token').fill(made.stdout.trim())
    await page.keyboard.press('Enter')
    const { first, second } = embeddedImages
    await controller.edit('settings', first.ref, second.ref)
    const detach = new AbortController()
    const started = controller.run('rollout start --yes --why of-the-page', { stop: detach.signal })
    await page.getByRole('link', { name: 'Rollouts' }).click()
    await page.getByText('of-the-page').waitFor()
    await askOf('Pause', 'until the morning')
    await page.locator('.status.paused').waitFor()
    await page.getByText('until the morning').first().waitFor()
    assert.deepEqual(await violations(), [])
    await picture('paused')
    await askOf('Abort', '')
    await page.locator('.status', { hasText: /rolled back|aborted/ }).waitFor()
    detach.abort()
    await started
    const { stdout } = await controller.run('rollout show')
    assert.match(stdout, /paused by ada|abort by ada/)
  },
)

async function askOf(name: string, why: string): Promise<void> {
  await page
    .getByRole('group', { name: /^Ask of/ })
    .getByRole('button', { name })
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Why').fill(why)
  await dialog.getByRole('button', { name, exact: true }).click()
}

test(
  'the controller away is said, with the age of what is shown, and so is its return',
  limit,
  async () => {
    await page.context().setOffline(true)
    const gone = once(serving, 'exit')
    serving.kill('SIGTERM')
    await gone
    await page.locator('.link', { hasText: 'reconnecting' }).waitFor()
    await sentence(/^○ As of \d+ s ago: Time is good/)
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    assert.equal(await page.locator('.devices tbody th a').count(), 4)
    await picture('offline')
  },
)
