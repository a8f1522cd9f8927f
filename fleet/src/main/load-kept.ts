/** Gives Docker an image that is kept beside the fleet, as `docker save` would have written it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import { manifestSchema, type Layout } from '../stores/images/layout.ts'
import { call, timed } from './docker-call.ts'
import { runTool } from './run-tool.ts'

export interface KeptForTrial {
  readonly layout: Layout
  readonly digest: string
}

const loadTimeoutMs = 10 * 60_000

/** For the machine of Docker; afterwards it is called `tag`. */
export async function loadKept(
  { layout, digest }: KeptForTrial,
  tag: string,
): Promise<Result<null, string>> {
  const platform = await call('version', '--format', '{{.Server.Os}}/{{.Server.Arch}}')
  if (!platform.ok) return fail(`Docker is needed on this machine: ${platform.failure}`)
  const manifest = await manifestFor(layout, digest, platform.value)
  if (!manifest.ok) return manifest
  const { config, layers } = manifest.value
  const path = (of: string): string => relative(layout.folder, layout.blobs.path(of))
  const [Config, ...Layers] = [config, ...layers].map((of) => path(of))
  const folder = await mkdtemp(join(tmpdir(), 'timeball-image-load-'))
  try {
    const list = join(folder, 'manifest.json')
    await writeFile(list, JSON.stringify([{ Config, RepoTags: [tag], Layers }]))
    const archive = join(folder, 'image.tar')
    const parts = ['-C', folder, 'manifest.json', '-C', layout.folder, Config ?? '', ...Layers]
    const limits = { timeoutMs: loadTimeoutMs, environment: {} }
    const packed = await runTool(folder, 'tar', ['-cf', archive, ...parts], limits)
    if (packed.kind === 'missing' || packed.code !== 0) return fail('tar does not pack the image')
    const loaded = await timed(loadTimeoutMs)('load', '--quiet', '--input', archive)
    return loaded.ok ? ok(null) : loaded
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Contents {
  readonly config: string
  readonly layers: readonly string[]
}

async function manifestFor(
  { blobs }: Layout,
  digest: string,
  platform: string,
): Promise<Result<Contents, string>> {
  const read = async (of: string): Promise<z.output<typeof manifestSchema>> =>
    manifestSchema.parse(JSON.parse((await blobs.read(of)).toString()))
  const { manifests } = await read(digest)
  const names = manifests.map((each) =>
    each.platform === undefined ? '' : `${each.platform.os}/${each.platform.architecture}`,
  )
  const found = manifests[names.indexOf(platform)]
  if (found === undefined) {
    return fail(
      `it is kept for ${names.join(', ')}, and this Docker runs ${printable(platform)}: let DOCKER_HOST name one of a Pi`,
    )
  }
  const { config, layers } = await read(found.digest)
  return config === undefined
    ? fail(`${found.digest} is no image`)
    : ok({ config: config.digest, layers: layers.map((layer) => layer.digest) })
}
