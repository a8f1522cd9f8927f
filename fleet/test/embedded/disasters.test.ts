/** docs/disasters.md: its commands do what it says, each after its disaster. */
import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, type Ended } from './controller.ts'

const page = await readFile(join(import.meta.dirname, '../../../docs/disasters.md'), 'utf8')
const embedded = await temporaryFleet()
let identity = await generateX25519Identity()
const recipient = await identityToRecipient(identity)
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }\nbackup: { recipients: [${recipient}] }\n`,
)
const folder = dirname(embedded.fleetYamlPath)
const away = await mkdtemp(join(tmpdir(), 'tb-away-'))
after(() => rm(away, { recursive: true, force: true }))

const run = (words: string): Promise<Ended> =>
  controller.run(words, { environment: { TIMEBALL_AGE_IDENTITY: identity } })

/** Runs the commands of a section as they stand there; `there` says what the page cannot know. */
async function carryOut(
  section: string,
  there: (command: string) => Promise<string> = (command) => Promise.resolve(command),
): Promise<void> {
  const [, text = ''] = page.split(`\n## ${section}\n`)
  const [, code = ''] = /^```\n([^]*?)^```/m.exec(text.split('\n## ')[0] ?? '') ?? []
  const commands = code.trim().split('\n')
  assert.ok(commands.length > 1, section)
  for (const command of commands) {
    const words = (await there(command)).replace(/^timeball /, '')
    const { exit, stdout, stderr } = await run(words)
    const isRefusedForKey = exit === 4 && command.endsWith('--dry-run')
    assert.ok(exit === 0 || isRefusedForKey, `${command}\n${stdout}\n${stderr}`)
  }
}

/** What a person compares with the console of the device. */
async function withKey(command: string): Promise<string> {
  if (!command.includes('SHA256:…')) return command
  const asked = await run(command.replace(/^timeball /, '').replace(/ --host-key \S+/, ''))
  return command.replace('SHA256:…', /add --host-key (\S+)/.exec(asked.stderr)?.[1] ?? 'none')
}

test('the fleet is there, and backed up', async () => {
  assert.equal((await run('apply --yes')).exit, 0)
  assert.equal((await run('backup run')).exit, 0)
})

test('a device is dead', async () => {
  await embedded.device('pi-ntp-01').newCard()
  await controller.forgetConnections()
  await carryOut('A device is dead', withKey)
})

test('a site is dead', async () => {
  for (const name of ['pi-gps-01', 'pi-ntp-01']) await embedded.device(name).newCard()
  await controller.forgetConnections()
  await carryOut('A site is dead', withKey)
})

test('the controller is dead', async () => {
  const files = ['fleet.yaml', 'inventory.yml', '.timeball']
  await cp(join(folder, 'backups'), join(away, 'backups'), { recursive: true })
  await mkdir(join(away, 'old'))
  for (const file of files) {
    await cp(join(folder, file), join(away, 'old', file), { recursive: true })
    if (file !== 'inventory.yml') await rm(join(folder, file), { recursive: true })
  }
  await carryOut('The controller is dead', (command) =>
    Promise.resolve(
      command
        .replace('/mnt/backups', join(away, 'backups'))
        .replace('-f fleet.yaml', `-f ${embedded.fleetYamlPath}`),
    ),
  )
  assert.equal(
    await readFile(embedded.fleetYamlPath, 'utf8'),
    await readFile(join(away, 'old/fleet.yaml'), 'utf8'),
  )
})

test('the repository is lost', async () => {
  await rm(join(folder, 'backups'), { recursive: true })
  await carryOut('The repository is lost')
})

test('the key for backups is lost', async () => {
  identity = await generateX25519Identity()
  const text = await readFile(embedded.fleetYamlPath, 'utf8')
  const recipients = await identityToRecipient(identity)
  await writeFile(embedded.fleetYamlPath, text.replace(recipient, recipients))
  await carryOut('The key for backups is lost')
})
