/** `timeball image sign`, with a key of cosign and an image in a registry. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startRegistry } from '../src/probes/images/test/writable-registry.ts'
import { keepImage } from '../src/stores/images/test/keep-image.ts'
import { one } from './fleet-files.ts'
import { runTimeball, type Ended } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-sign-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), one)
const { digest } = await keepImage(
  join(folder, '.timeball/images'),
  'localhost/mcp-utc-time-server:0.1.0',
)
const keys = join(import.meta.dirname, '../src/probes/signatures/test/cosign-3')
const key = join(keys, 'signing.key')

function timeball(words: string, password = ''): Promise<Ended> {
  const env = { HOME: folder, COSIGN_PASSWORD: password }
  return runTimeball(`image ${words}`, { cwd: folder, env })
}

test('an image that was pushed is signed, and the keys of the fleet prove it', async () => {
  await using registry = await startRegistry()
  const name = `${registry.host}/o/time:1`
  writeFileSync(
    join(folder, 'fleet.yaml'),
    `image: { ref: "${name}", plain_http: true, signature_keys: ["${keys}/signing.pub"] }\n`,
  )
  const pushed = await timeball(`push ${name} --image localhost/mcp-utc-time-server:0.1.0`)
  assert.equal(pushed.exit, 0, pushed.stderr)
  assert.equal((await timeball('verify --only signature')).exit, 5)
  const shut = await timeball(`sign ${name} --key ${key}`, 'x')
  assert.equal(shut.exit, 1)
  assert.match(shut.stderr, /signing\.key does not open with the password in COSIGN_PASSWORD$/m)
  const signed = await timeball(`sign ${name} --key ${key}`, 'geheim')
  assert.equal(signed.exit, 0, signed.stderr)
  assert.ok(signed.stdout.startsWith(`${name}  ${digest}\nSigned.\n`), signed.stdout)
  const again = await timeball(`sign ${name} --key ${key} --json`, 'geheim')
  assert.partialDeepStrictEqual(JSON.parse(again.stdout.split('\n')[1] ?? ''), {
    ...{ type: 'image_signature', image: name, digest, state: 'there' },
  })
  const proved = await timeball('verify --only signature')
  assert.equal(proved.exit, 0, proved.stdout)
  assert.match(proved.stdout, /^signature +✓ kept +by .*signing\.pub$/m)
})

test('an image that is in no registry, and a key that is not there, are said', async () => {
  assert.equal((await timeball(`sign localhost/time:1 --key ${key}`)).exit, 64)
  const missing = await timeball('sign 127.0.0.1:9/time:1 --key none.key')
  assert.equal(missing.exit, 1)
  assert.match(missing.stderr, /the key none\.key cannot be read/)
  assert.equal((await timeball('sign 127.0.0.1:9/time:1')).exit, 64)
})
