/** `timeball image pull`, from a private registry to the folder of another fleet. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startRegistry } from '../src/probes/images/test/writable-registry.ts'
import { keepImage } from '../src/stores/images/test/keep-image.ts'
import { one } from './fleet-files.ts'
import { runTimeball, type Ended } from './run-program.ts'

const home = mkdtempSync(join(tmpdir(), 'tb-pull-'))
after(() => rmSync(home, { recursive: true, force: true }))
for (const fleet of ['maker', 'user', 'other']) {
  mkdirSync(join(home, fleet))
  writeFileSync(join(home, fleet, 'inventory.yml'), one)
}
const kept = await keepImage(join(home, 'maker/.timeball/images'), 'localhost/time:1')

function timeball(fleet: string, words: string): Promise<Ended> {
  return runTimeball(words, {
    cwd: join(home, fleet),
    env: { HOME: home, API_KEY_1: 'some-key-1' },
  })
}

test('what a private registry has is kept with its digest, and plans carry it from here', async () => {
  await using registry = await startRegistry({ account: 'ops:s3cret' })
  const name = `${registry.host}/o/time:2`
  const stranger = await timeball('user', `image pull ${name} --plain-http`)
  assert.equal(stranger.exit, 4)
  assert.match(stranger.stderr, /was not kept: .*docker login 127/)

  mkdirSync(join(home, '.docker'))
  const auths = { [registry.host]: { auth: btoa('ops:s3cret') } }
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ auths }))
  const pushed = await timeball('maker', `image push ${name} --image localhost/time:1 --plain-http`)
  assert.equal(pushed.exit, 0, pushed.stderr)
  const settings = `image: { ref: "${name}", plain_http: true }\n`
  writeFileSync(join(home, 'user/fleet.yaml'), settings)
  const pulled = await timeball('user', 'image pull')
  assert.equal(pulled.exit, 0, pulled.stderr)
  assert.ok(pulled.stdout.startsWith(`${name}  ${kept.digest}\n`), pulled.stdout)
  assert.match(pulled.stdout, /^linux\/arm64, linux\/amd64; /m)
  assert.match(pulled.stderr, / fetched$/m)
  const again = await timeball('user', 'image pull')
  assert.doesNotMatch(again.stderr, / fetched$/m)
  const listed = await timeball('user', 'image list --json')
  assert.partialDeepStrictEqual(JSON.parse(listed.stdout.split('\n')[1] ?? ''), {
    ...{ name, digest: kept.digest, platforms: ['linux/arm64', 'linux/amd64'] },
  })
  assert.match((await timeball('user', 'image inspect')).stdout, /^Kept beside the fleet\.$/m)
})

test('an image of which a part is another, or is missing, is not kept under its name', async () => {
  await using registry = await startRegistry()
  const name = `${registry.host}/o/time:2`
  await timeball('maker', `image push ${name} --image localhost/time:1 --plain-http`)
  const [digest = ''] = registry.blobs.keys()
  for (const [bytes, said] of [
    [Buffer.from('other'), /its digest is another/],
    [null, /the registry has no sha256:/],
  ] as const) {
    if (bytes === null) registry.blobs.delete(digest)
    else registry.blobs.set(digest, bytes)
    const pulled = await timeball('other', `image pull ${name} --plain-http`)
    assert.equal(pulled.exit, 1)
    assert.match(pulled.stderr, said)
    assert.ok(!(await timeball('other', 'image list')).stdout.includes(name))
  }
})

test('what is in no registry, or has only a digest, is bad input', async () => {
  assert.equal((await timeball('user', 'image pull localhost/time:1')).exit, 64)
  const digest = await timeball('user', `image pull 127.0.0.1:9/time@${kept.digest}`)
  assert.equal(digest.exit, 64)
  assert.match(digest.stderr, /a name with a tag is wanted/)
})
