/** `timeball image sign --keyless`, with a Fulcio and a Rekor on loopback, and who is trusted then. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startRegistry } from '../src/probes/images/test/writable-registry.ts'
import { startSigstore, tokenOf } from '../src/probes/signatures/test/sigstore.ts'
import { keepImage } from '../src/stores/images/test/keep-image.ts'
import { one } from './fleet-files.ts'
import { runTimeball, type Ended } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-keyless-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), one)
const local = 'localhost/mcp-utc-time-server:0.1.0'
await keepImage(join(folder, '.timeball/images'), local)

const issuer = 'https://token.actions.githubusercontent.com'
const workflow = 'https://github.com/o/r/.github/workflows/release.yml@refs/tags/v0.1.0'

function timeball(words: string, token = ''): Promise<Ended> {
  const env = { HOME: folder, ...(token === '' ? {} : { SIGSTORE_ID_TOKEN: token }) }
  return runTimeball(`image ${words}`, { cwd: folder, env })
}

test('the identity of a workflow signs, and the fleet that names it takes the image', async () => {
  await using registry = await startRegistry()
  await using sigstore = await startSigstore()
  await using stranger = await startSigstore()
  const name = `${registry.host}/o/time:1`
  writeFileSync(join(folder, 'root.json'), sigstore.root)
  writeFileSync(join(folder, 'other.json'), stranger.root)
  const settings = (identity: string, root = 'root.json'): void => {
    const identities = `[{ issuer: "${issuer}", identity: "${identity}" }]`
    const rest = `signature_identities: ${identities}, trusted_root: ${root}`
    const image = `{ ref: "${name}", plain_http: true, ${rest} }`
    writeFileSync(join(folder, 'fleet.yaml'), `image: ${image}\n`)
  }
  settings('https://github.com/o/r/*@refs/tags/v*')
  const pushed = await timeball(`push ${name} --image ${local}`)
  assert.equal(pushed.exit, 0, pushed.stderr)
  assert.equal((await timeball('verify --only signature')).exit, 5)

  const sign = `sign ${name} --keyless --fulcio-url ${sigstore.url} --rekor-url ${sigstore.url}`
  const nobody = await timeball(sign)
  assert.equal(nobody.exit, 4)
  assert.match(nobody.stderr, /nobody says who signs: a workflow of GitHub needs `id-token: write`/)
  const secret = 'a-token-that-nobody-may-see'
  const odd = await timeball(sign, secret)
  assert.equal(odd.exit, 4)
  assert.doesNotMatch(odd.stderr + odd.stdout, new RegExp(secret))
  const signed = await timeball(sign, tokenOf(issuer, workflow))
  assert.equal(signed.exit, 0, signed.stderr)
  assert.ok(signed.stdout.includes(`Signed by ${workflow} (${issuer}).`), signed.stdout)

  const proved = await timeball('verify --only signature')
  assert.equal(proved.exit, 0, proved.stdout)
  assert.match(proved.stdout, /^signature +✓ kept +by https:\/\/github\.com\/o\/r\/.*@refs\/tags/m)
  settings('https://github.com/o/r/*@refs/heads/*')
  const other = await timeball('verify --only signature')
  assert.equal(other.exit, 5)
  assert.match(other.stdout, /is by a trusted identity|key or identity; signed by/)
  settings(workflow, 'other.json')
  assert.equal((await timeball('verify --only signature')).exit, 5)
  const words = `--identity ${workflow} --issuer ${issuer} --trusted-root root.json`
  assert.equal((await timeball(`verify ${name} --only signature ${words}`)).exit, 0)
})

test('who is to sign is said once, and identities need a root', async () => {
  rmSync(join(folder, 'fleet.yaml'), { force: true })
  assert.equal((await timeball('sign 127.0.0.1:9/time:1')).exit, 64)
  assert.equal((await timeball('sign 127.0.0.1:9/time:1 --keyless --key k')).exit, 64)
  assert.equal((await timeball('verify --identity me')).exit, 64)
  const identities = `[{ issuer: "${issuer}", identity: "*" }]`
  writeFileSync(
    join(folder, 'fleet.yaml'),
    `image: { ref: t:1, signature_identities: ${identities} }\n`,
  )
  const refused = await timeball('verify')
  assert.equal(refused.exit, 64)
  assert.match(refused.stderr, /fleet\.yaml:1:\d+: .*image\.trusted_root is needed to check them/)
})
