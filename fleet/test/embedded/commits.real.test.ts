/** Desired state from a repository, by the real git program, on simulated devices. */
import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { testRepository } from '../../src/main/git/test/repository.ts'
import { controllerOf, hurriedRollouts } from './controller.ts'

const embedded = await temporaryFleet()
const repository = testRepository()
const git = `git: { remote: "${repository.remote}", poll: 1s, policy: auto }\n`
const controller = await controllerOf(embedded, `${hurriedRollouts()}${git}`)
const settings = await readFile(embedded.fleetYamlPath, 'utf8')
const inventory = await readFile(embedded.inventoryPath, 'utf8')
const { first, second, crashing } = embeddedImages
const fleetYaml = basename(embedded.fleetYamlPath)

const byHand = settings.replace('policy: auto', 'policy: manual')

function push(subject: string, text: string): string {
  const files = { [fleetYaml]: text, [basename(embedded.inventoryPath)]: inventory }
  return repository.commit(subject, files).slice(0, 12)
}

const said: string[] = []
const waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = []
const stop = new AbortController()

/** The next line of the controller's log that is like this; whatever was said before counts, too. */
async function line(pattern: RegExp): Promise<string> {
  const found = said.find((each) => pattern.test(each))
  if (found !== undefined) return found
  const { promise, resolve } = Promise.withResolvers<string>()
  waiting.push({ pattern, resolve })
  return await promise
}

function serve(): ReturnType<typeof controller.run> {
  return controller.run('serve --port 0 --interval 5', {
    stop: stop.signal,
    onSay(text) {
      said.push(text)
      for (const { pattern, resolve } of waiting) if (pattern.test(text)) resolve(text)
    },
  })
}
after(() => stop.abort())

test('a commit that is what is here already is the one that runs', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const id = push('The fleet as it is', settings)
  void serve()
  await line(new RegExp(`commit ${id} runs: The fleet as it is \\(Ada\\)`))
})

test('a commit that was pushed goes through the fleet by itself', async () => {
  const id = push('Release 1.1.0', settings.replace(first.ref, second.ref))
  await line(new RegExp(`commit ${id} runs: Release 1\\.1\\.0`))
  assert.ok((await readFile(embedded.fleetYamlPath, 'utf8')).includes(second.ref))
  const { stdout } = await controller.run('rollout list')
  assert.match(stdout, new RegExp(`done.*commit ${id} of Ada: Release 1\\.1\\.0`))
  const plan = await controller.run('plan --detailed-exitcode')
  assert.equal(plan.exit, 0, plan.stdout)
  assert.match((await controller.run('status')).stdout, new RegExp(`^commit ${id} runs`, 'm'))
})

test('a bad commit is taken back, and said; it is not tried again', async () => {
  const id = push('Release 1.3.0', settings.replace(first.ref, crashing.ref))
  const told = await line(new RegExp(`commit ${id} .* was taken back`))
  assert.match(told, /rollout r\S+ is rolled_back/)
  assert.ok((await readFile(embedded.fleetYamlPath, 'utf8')).includes(second.ref))
  assert.match((await controller.run('commits')).stdout, /^commit \S+ runs: Release 1\.1\.0/)
  assert.match((await controller.run('commits')).stdout, /Release 1\.3\.0, Ada\) was taken back/)
})

test('a broken commit is refused with the place of the mistake; nothing changes', async () => {
  const id = push('Oops', settings.replace('rollout:\n', 'rollouts:\n'))
  const told = await line(new RegExp(`commit ${id} .* is refused`))
  assert.match(told, /fleet\.yaml:\d+:1: unknown key rollouts; did you mean rollout\?|rollouts/)
  const mended = push('By hand from now on', byHand)
  await line(new RegExp(`commit ${mended} runs: By hand from now on`))
})

test('a branch that was written anew is refused as a rollback of desired state', async () => {
  repository.git('checkout', '--quiet', '--orphan', 'anew')
  const id = push('Anew', settings)
  const told = await line(new RegExp(`commit ${id} .* is refused`))
  assert.match(told, /rollback of desired state/)
})

test('without the remote the fleet stays as it is, and that is shown', async () => {
  renameSync(repository.remote, `${repository.remote}.away`)
  await line(/git: .*does not appear to be a git repository; the fleet stays as it is/)
  assert.match((await controller.run('commits')).stdout, /^stale: .*the remote last answered/m)
  renameSync(`${repository.remote}.away`, repository.remote)
  stop.abort()
})

test('what waits is approved by the hash of its plan, and only while the plan is that', async () => {
  repository.git('checkout', '--quiet', '--force', 'main')
  const id = push('Release 1.1.0 again', byHand.replace(first.ref, second.ref))
  const asked = await controller.run(`approve ${id}`)
  assert.equal(asked.exit, 64, asked.stderr)
  assert.match(asked.stdout, /^pi-gps-\[01-02\], pi-ntp-\[01-02\] \(4\)$/m)
  const plan = /add --plan (\w+)|--plan (\w+)/.exec(asked.stderr)?.[0].split(' ').at(-1) ?? ''
  assert.equal((await controller.run(`approve ${first.ref.slice(-12)} --plan ${plan}`)).exit, 6)
  const gpsd = join(embedded.device('pi-gps-01').root, 'etc/default/gpsd')
  const before = await readFile(gpsd)
  await writeFile(gpsd, 'somebody was here\n')
  const moved = await controller.run(`approve ${id} --plan ${plan}`)
  assert.equal(moved.exit, 6)
  assert.match(
    moved.stderr,
    new RegExp(`the plan is \\w+ now, and not ${plan}; nothing was changed`),
  )
  assert.match((await controller.run('commits')).stdout, /approve \w+ --plan \w+$/m)
  await writeFile(gpsd, before)
  const approved = await controller.run(`approve ${id} --plan ${plan}`)
  assert.equal(approved.exit, 0, approved.stderr)
  assert.ok((await readFile(embedded.fleetYamlPath, 'utf8')).includes(second.ref))
  assert.match((await controller.run('commits')).stdout, new RegExp(`^commit ${id} runs`))
})
