/** `timeball image push`, from a folder of a fleet to a registry. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startRegistry } from '../src/probes/images/test/writable-registry.ts'
import { keepImage } from '../src/stores/images/test/keep-image.ts'
import { one } from './fleet-files.ts'
import { runTimeball, type Ended } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-push-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), one)
const kept = await keepImage(join(folder, '.timeball/images'), 'localhost/time:1')

function push(words: string): Promise<Ended> {
  return runTimeball(`image push ${words}`, { cwd: folder, env: { HOME: folder } })
}

test('a kept image is pushed with the login of docker, and again without sending anything', async () => {
  await using registry = await startRegistry({ account: 'ops:s3cret' })
  const name = `${registry.host}/o/time:2`
  const words = `${name} --image localhost/time:1 --plain-http`
  const stranger = await push(words)
  assert.equal(stranger.exit, 4)
  assert.match(stranger.stderr, /localhost\/time:1 was not pushed: .*docker login 127/)

  mkdirSync(join(folder, '.docker'))
  const auths = { [registry.host]: { auth: btoa('ops:s3cret') } }
  writeFileSync(join(folder, '.docker/config.json'), JSON.stringify({ auths }))
  const pushed = await push(words)
  assert.equal(pushed.exit, 0, pushed.stderr)
  assert.ok(pushed.stdout.startsWith(`${name}  ${kept.digest}\n`), pushed.stdout)
  assert.match(pushed.stdout, /^Next: image: 127.*in fleet\.yaml/m)
  assert.match(pushed.stderr, /^timeball: 4 of 4 {2}sha256:\w{12}… .* sent$/m)
  assert.doesNotMatch(pushed.stdout + pushed.stderr, /s3cret/)

  const again = await push(`${words} --json`)
  const record: unknown = JSON.parse(again.stdout.split('\n')[1] ?? '')
  assert.partialDeepStrictEqual(record, {
    ...{ type: 'image_push', name, image: 'localhost/time:1', digest: kept.digest },
    ...{ sent: { blobs: 0, bytes: 0 }, there: { blobs: 4 } },
  })
})

test('an image that is not kept, and a name that is in no registry, are bad input', async () => {
  const missing = await push('127.0.0.1:9/time:1')
  assert.equal(missing.exit, 64)
  assert.match(missing.stderr, /has no localhost\/mcp-utc-time-server:0\.1\.0/)
  const local = await push('localhost/time:1')
  assert.equal(local.exit, 64)
  assert.match(local.stderr, /localhost\/ is in no registry/)
})
