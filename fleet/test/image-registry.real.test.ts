/**
 * `timeball image push`, `sign`, `verify` and `pull` with Debian's docker-registry, which keeps no
 * list of who refers to a manifest.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
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

async function image(
  fleet: string,
  words: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { HOME: folder, COSIGN_PASSWORD: 'geheim', ...environment }
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

test('through a mirror it is proved and kept, with its signature', async () => {
  const name = `${registry.host}/o/mirrored:1`
  const labels = { 'org.opencontainers.image.version': '1.0.0', 'io.timeball.device-contract': '1' }
  const kept = await keepImage(join(folder, 'maker/.timeball/images'), 'localhost/time:2', labels)
  await image('maker', `push ${name} --image time:2 --plain-http`)
  await image('maker', `sign ${name} --key ${keys}/signing.key --plain-http`)
  const mirror = await startDebianRegistry({ mirrorOf: `http://${registry.host}` })
  try {
    const there = `${mirror.host}/o/mirrored:1`
    const proofs = '--only version,contract,signature'
    await image('user', `verify ${there} --key ${keys}/signing.pub --plain-http ${proofs}`)
    const pulled = await image('user', `pull ${there} --plain-http`)
    assert.ok(pulled.startsWith(`${there}  ${kept.digest}\n`), pulled)
  } finally {
    await mirror.stop()
  }
})

test('a registry with a certificate of an own authority takes an image from who knows that', async () => {
  makeCertificate()
  const tls = { certificate: join(folder, 'tls.pem'), key: join(folder, 'tls.key') }
  const secure = await startDebianRegistry({ tls })
  try {
    const kept = await keepImage(join(folder, 'maker/.timeball/images'), 'localhost/time:3')
    const name = `${secure.host}/o/time:3`
    await assert.rejects(image('maker', `push ${name} --image time:3`), /NODE_EXTRA_CA_CERTS/)
    const trust = { NODE_EXTRA_CA_CERTS: tls.certificate }
    const pushed = await image('maker', `push ${name} --image time:3`, trust)
    assert.ok(pushed.startsWith(`${name}  ${kept.digest}\n`), pushed)
    await image('maker', `sign ${name} --key ${keys}/signing.key`, trust)
    await image('user', `pull ${name}`, trust)
  } finally {
    await secure.stop()
  }
})

/** Makes `tls.pem` and `tls.key` for 127.0.0.1. */
function makeCertificate(): void {
  const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const subject = ['-subj', '/CN=lab', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.pem')]
  execFileSync('openssl', [...how, ...subject, ...files], { stdio: 'ignore' })
}
