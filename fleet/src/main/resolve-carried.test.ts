import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openLayout } from '../stores/images/layout.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { resolveCarried, type Prove } from './resolve-carried.ts'

const folder = await mkdtemp(join(tmpdir(), 'timeball-carried-'))
after(() => rm(folder, { recursive: true, force: true }))
const layout = openLayout(folder)
const blob = await layout.blobs.put(Buffer.from('{}'))
for (const name of ['localhost/time:1', 'registry.example/team/time:2']) {
  await layout.name(name, { mediaType: 'application/octet-stream', ...blob }, 0)
}

const local = await layout.blobs.put(Buffer.from('{"schemaVersion":2}'))
await layout.name('localhost/own:1', { mediaType: 'application/octet-stream', ...local }, 0)

async function resolve(ref: string, prove: Prove | null = null): Promise<string | null> {
  const found = await resolveCarried(ref, prove, layout)
  if (found === null) return null
  return found.ok ? found.value : found.failure.detail
}

test('a name of the layout is its digest, whatever registry it was built for', async () => {
  const image = `localhost/time@${blob.digest}`
  assert.equal(await resolve('localhost/time:1'), image)
  assert.equal(await resolve(image), image)
  assert.equal(await resolve('registry.example/team/time:2'), image)
})

test('what is in a registry is not looked for here', async () => {
  assert.equal(await resolve('registry.example/team/time:3'), null)
  assert.equal(await resolve(`registry.example/team/time@${blob.digest}`), null)
})

test('an image that is nowhere is refused with what makes it', async () => {
  assert.match((await resolve('localhost/time:9')) ?? '', /is not in /)
})

test('a digest is not looked for, since devices may have what is not kept here any more', async () => {
  const pruned = `localhost/time@sha256:${'0'.repeat(64)}`
  assert.equal(await resolve(pruned), pruned)
})

const unsigned: Prove = () => Promise.resolve(fail({ code: 'image-failed', detail: 'not signed' }))
const never: Prove = () => assert.fail('nobody can be asked')

test('where signatures are wanted, that registry is asked whose name the image has', async () => {
  const asked: string[] = []
  const signed: Prove = (image) => {
    asked.push(image)
    return Promise.resolve(ok(image))
  }
  const image = `localhost/time@${blob.digest}`
  for (const ref of ['registry.example/team/time:2', 'localhost/time:1', image]) {
    assert.equal(await resolve(ref, signed), image)
  }
  assert.deepEqual(asked, Array(3).fill(`registry.example/team/time@${blob.digest}`))
  assert.equal(await resolve(image, unsigned), 'not signed')
})

test('where signatures are wanted, an image that is in no registry is not carried', async () => {
  assert.match((await resolve('localhost/own:1', never)) ?? '', /^signature_keys are asked of a/)
})
