import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { importArchive } from './import-archive.ts'
import { indexType, openLayout, type Descriptor, type Layout } from './layout.ts'
import { serveLayout } from './serve-layout.ts'

const folder = await mkdtemp(join(tmpdir(), 'timeball-layout-'))
after(() => rm(folder, { recursive: true, force: true }))
const layout = openLayout(join(folder, 'images'))
const layerText = 'the files of a layer\n'.repeat(1_000)
const layerDigest = `sha256:${createHash('sha256').update(layerText).digest('hex')}`

/** What `docker save` writes, with one layer. */
async function archive(name: string, architecture: string): Promise<string> {
  const saved = join(folder, name)
  await mkdir(join(saved, 'blobs'), { recursive: true })
  const rootfs = { type: 'layers', diff_ids: [layerDigest] }
  const config = { architecture, os: 'linux', name, rootfs }
  await writeFile(join(saved, 'blobs/config'), JSON.stringify(config))
  await writeFile(join(saved, 'blobs/layer'), layerText)
  const manifest = [{ Config: 'blobs/config', RepoTags: null, Layers: ['blobs/layer'] }]
  await writeFile(join(saved, 'manifest.json'), JSON.stringify(manifest))
  return saved
}

async function keep(into: Layout, name: string, created: number): Promise<Descriptor> {
  const images: Descriptor[] = []
  for (const architecture of ['arm64', 'amd64']) {
    const path = await archive(`${name}-${architecture}`, architecture)
    const image = await importArchive(path, into)
    assert.ok(image.ok, image.ok ? '' : image.failure)
    images.push(image.value)
  }
  const index = { schemaVersion: 2, mediaType: indexType, manifests: images }
  const put = await into.blobs.put(Buffer.from(JSON.stringify(index)))
  await into.name(`localhost/time:${name}`, { mediaType: indexType, ...put }, created)
  return { mediaType: indexType, ...put }
}

const one = await keep(layout, 'one', 1_000)
const two = await keep(layout, 'two', 2_000)

test('every byte of content is asked for before it is sent', async () => {
  const taken: number[] = []
  const served = await serveLayout(layout, (bytes) => {
    taken.push(bytes)
    return Promise.resolve()
  })
  try {
    const { body } = await ask(served.socket, `/v2/time/manifests/${one.digest}`)
    assert.deepEqual(taken, [body.length])
  } finally {
    await served.close()
  }
})

test('images are listed with what a device could have to fetch; equal layers count once', async () => {
  const listed = await layout.list()
  const platforms = ['linux/arm64', 'linux/amd64']
  assert.deepEqual(
    listed.map(({ name, digest, platforms: all }) => ({ name, digest, platforms: all })),
    [
      { name: 'localhost/time:two', digest: two.digest, platforms },
      { name: 'localhost/time:one', digest: one.digest, platforms },
    ],
  )
  assert.ok(listed.every(({ sizeBytes }) => sizeBytes < layerText.length))
})

/** An image that Docker made of the same layers, at some second. */
async function madeAgain(second: string): Promise<string> {
  const path = await archive(`steady-${second}`, 'arm64')
  const created = `2026-01-02T03:05:${second}Z`
  const history = [
    { created: '2026-01-02T03:04:05Z', created_by: 'COPY' },
    { created, empty_layer: true },
  ]
  const rootfs = { type: 'layers', diff_ids: [] }
  const config = { architecture: 'arm64', os: 'linux', created, history, container: second, rootfs }
  await writeFile(join(path, 'blobs/config'), JSON.stringify(config))
  const image = await importArchive(path, layout)
  return image.ok ? image.value.digest : image.failure
}

test('what Docker makes of the same layers another time is the same image', async () => {
  const [one, another] = [await madeAgain('01'), await madeAgain('02')]
  assert.equal(one, another)
})

test('a layer that another image has is not compressed again', async () => {
  const path = await archive('again', 'arm64')
  const [digest] = (await layout.layers()).keys()
  assert.equal(digest, layerDigest)
  await rm(join(path, 'blobs/layer'))
  const image = await importArchive(path, layout)
  assert.ok(image.ok, image.ok ? '' : image.failure)
})

test('an archive that is none of docker save is refused', async () => {
  await mkdir(join(folder, 'empty'))
  const refused = await importArchive(join(folder, 'empty'), layout)
  assert.deepEqual(refused, {
    ok: false,
    failure: 'docker save wrote no manifest.json of one image',
  })
})

interface Reply {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

function ask(
  socketPath: string,
  path: string,
  more: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const asked = request({ socketPath, path, ...more }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () =>
      resolve({
        status: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(chunks),
      }),
    )
  })
  asked.on('error', reject)
  asked.end()
  return promise
}

test('a layout is served as a registry: by digest, in ranges, and for reading only', async () => {
  const served = await serveLayout(layout)
  try {
    assert.equal((await ask(served.socket, '/v2/')).status, 200)
    const index = await ask(served.socket, `/v2/time/manifests/${one.digest}`)
    assert.equal(index.headers['content-type'], indexType)
    assert.equal(index.headers['docker-content-digest'], one.digest)
    const hash = createHash('sha256').update(index.body).digest('hex')
    assert.equal(`sha256:${hash}`, one.digest)

    const [image = { digest: '' }] = JSON.parse(index.body.toString()).manifests
    const manifest = await ask(served.socket, `/v2/time/manifests/${image.digest}`)
    const [layer = { digest: '', size: 0 }] = JSON.parse(manifest.body.toString()).layers
    const whole = await ask(served.socket, `/v2/time/blobs/${layer.digest}`)
    assert.equal(gunzipSync(whole.body).toString(), layerText)
    const rest = await ask(served.socket, `/v2/time/blobs/${layer.digest}`, {
      headers: { range: 'bytes=10-' },
    })
    assert.equal(rest.status, 206)
    assert.equal(rest.headers['content-range'], `bytes 10-${layer.size - 1}/${layer.size}`)
    assert.deepEqual(rest.body, whole.body.subarray(10))
    const beyond = { range: `bytes=${layer.size}-` }
    const none = await ask(served.socket, `/v2/time/blobs/${layer.digest}`, { headers: beyond })
    assert.equal(none.status, 416)
    const head = await ask(served.socket, `/v2/time/blobs/${layer.digest}`, { method: 'HEAD' })
    assert.equal(head.headers['content-length'], String(layer.size))

    for (const path of [
      '/v2/time/manifests/latest',
      `/v2/time/manifests/${layer.digest}`,
      `/v2/time/blobs/sha256:${'0'.repeat(64)}`,
      '/v2/time/blobs/sha256:../../index.json',
      '/v2/_catalog',
    ]) {
      assert.equal((await ask(served.socket, path)).status, 404, path)
    }
    const written = await ask(served.socket, '/v2/time/blobs/uploads/', { method: 'POST' })
    assert.equal(written.status, 405)
  } finally {
    await served.close()
  }
})

test('pruning forgets names, and removes only what no other image needs', async () => {
  const layers = (await layout.list())[0]?.sizeBytes ?? 0
  const freed = await layout.prune(new Set(['localhost/time:two']))
  assert.ok(freed > 0 && freed < layers * 2)
  assert.equal(await layout.find('localhost/time:one'), null)
  assert.equal(await layout.blobs.has(one.digest), false)
  assert.equal((await layout.list())[0]?.digest, two.digest)
  assert.equal(await layout.prune(new Set(['localhost/time:two'])), 0)
})
