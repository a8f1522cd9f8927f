/** Keeps an image of two platforms, as `image build` does. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importArchive } from '../import-archive.ts'
import { indexType, openLayout, type Descriptor } from '../layout.ts'

export async function keepImage(
  folder: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<Descriptor> {
  const layout = openLayout(folder)
  const manifests: Descriptor[] = []
  for (const architecture of ['arm64', 'amd64']) {
    const saved = await mkdtemp(join(tmpdir(), 'tb-saved-'))
    await mkdir(join(saved, 'blobs'))
    const config = { architecture, os: 'linux', config: { Labels: labels } }
    await writeFile(join(saved, 'blobs/config'), JSON.stringify(config))
    await writeFile(join(saved, 'blobs/layer'), `files for ${architecture}\n`.repeat(1_000))
    const manifest = [{ Config: 'blobs/config', RepoTags: null, Layers: ['blobs/layer'] }]
    await writeFile(join(saved, 'manifest.json'), JSON.stringify(manifest))
    const image = await importArchive(saved, layout)
    assert.ok(image.ok, image.ok ? '' : image.failure)
    manifests.push(image.value)
    await rm(saved, { recursive: true })
  }
  const index = { schemaVersion: 2, mediaType: indexType, manifests }
  const put = await layout.blobs.put(Buffer.from(JSON.stringify(index)))
  const kept = { mediaType: indexType, ...put }
  await layout.name(name, kept, 1_000)
  return kept
}
