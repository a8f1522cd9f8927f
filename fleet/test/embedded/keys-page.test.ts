/** docs/keys.md: a fleet with one key for all gets a key for each device, as the page shows it. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { withRecipients } from '../../src/core/secrets/sealed-file.ts'
import { atShell, blocksOf, runBlock, temporaryHome, useEmbeddedFleet } from './page-shell.ts'

const embedded = await temporaryFleet()
const home = await temporaryHome()
const place = { home, cwd: join(home, 'time') }
await mkdir(place.cwd)
await useEmbeddedFleet(embedded, place.cwd)
const identities = await Promise.all([generateX25519Identity(), generateX25519Identity()])
const recipients = await Promise.all(identities.map(identityToRecipient))
await writeFile(join(place.cwd, 'identity'), `${identities[0]}\n`, { mode: 0o600 })
await writeFile(join(place.cwd, 'secrets.age.yaml'), withRecipients('', recipients))
await writeFile(join(place.cwd, 'keys.env'), 'API_KEY_1=one-key-for-all-of-them\n')

test('the rotation of docs/keys.md is what is said', async () => {
  await atShell(place, 'timeball apply --yes --accept-new-host-keys', null)
  const settings = 'secrets: { store: age, identity_file: identity }\n'
  await appendFile(join(place.cwd, 'fleet.yaml'), settings)
  const page = await blocksOf('docs/keys.md')
  for (const { code } of page.filter((block) => block.code.startsWith('$ timeball'))) {
    await runBlock(embedded, place, code)
  }
})
