/**
 * `timeball image push`, `sign`, `verify` and `pull` with Debian's docker-registry, which keeps no
 * list of who refers to a manifest.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startDebianRegistry, type DebianRegistry } from '../src/probes/test/debian-registry.ts'
import { keepImage } from '../src/stores/images/test/keep-image.ts'
import { one } from './fleet-files.ts'
import { runTimeball } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-registry-'))
const keys = join(import.meta.dirname, '../src/probes/signatures/test/cosign-3')
let registry: DebianRegistry

before(async () => {
  registry = await startDebianRegistry()
  for (const fleet of ['maker', 'user']) {
    mkdirSync(join(folder, fleet))
    writeFileSync(join(folder, fleet, 'inventory.yml'), one)
  }
})

after(async () => {
  await registry.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function image(fleet: string, words: string): Promise<string> {
  const env = { HOME: folder, COSIGN_PASSWORD: 'geheim' }
  const ended = await runTimeball(`image ${words}`, { cwd: join(folder, fleet), env })
  assert.equal(ended.exit, 0, `${words}\n${ended.stdout}${ended.stderr}`)
  return ended.stdout
}

test('an image goes there, is signed, proved, and comes back with the same digest', async () => {
  const labels = { 'org.opencontainers.image.version': '1.0.0', 'io.timeball.device-contract': '1' }
  const kept = await keepImage(join(folder, 'maker/.timeball/images'), 'localhost/time:1', labels)
  const name = `${registry.host}/o/time:1`
  const pushed = await image('maker', `push ${name} --image localhost/time:1 --plain-http`)
  assert.ok(pushed.startsWith(`${name}  ${kept.digest}\n`), pushed)
  await image('maker', `sign ${name} --key ${keys}/signing.key --plain-http`)
  const proofs = '--only platforms,version,contract,signature'
  await image('user', `verify ${name} --key ${keys}/signing.pub --plain-http ${proofs}`)
  const pulled = await image('user', `pull ${name} --plain-http`)
  assert.ok(pulled.startsWith(`${name}  ${kept.digest}\n`), pulled)
})
