/**
 * Builds the time-server image with plain `docker build`, which every Docker has: one platform after
 * the other, each taken into the layout, and an index over them.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { KeptImage } from '../core/desired/kept-image.ts'
import type { BuildOrder } from '../ports/images.ts'
import { importArchive } from '../stores/images/import-archive.ts'
import { indexType, type Descriptor, type Layout } from '../stores/images/layout.ts'
import { writeContext } from './image-context.ts'
import { runTool } from './run-tool.ts'

/** A Pi's worth of packages under emulation, on a slow machine. */
const buildTimeoutMs = 60 * 60_000

export async function buildImage(
  order: BuildOrder,
  layout: Layout,
): Promise<Result<KeptImage, string>> {
  const docker = await dockerVersion()
  if (!docker.ok) return docker
  const folder = await mkdtemp(join(tmpdir(), 'timeball-image-'))
  try {
    const context = join(folder, 'context')
    const { version, base } = order
    const written = await writeContext(context, { version, base })
    if (!written.ok) return written
    const manifests: Descriptor[] = []
    for (const platform of order.platforms) {
      if (order.signal.aborted) return fail('interrupted')
      order.say(`building ${platform} with Docker ${docker.value}`)
      const on = base === null ? [] : ['--build-arg', `BASE=${base}`]
      const args = [...on, '--build-arg', `VERSION=${version}`, ...baseLabels(written.value.base)]
      const built = await buildOne({ platform, args, context, folder, layout })
      if (!built.ok) return fail(`${platform}: ${built.failure}`)
      manifests.push(built.value)
    }
    const index = { schemaVersion: 2, mediaType: indexType, manifests }
    const put = await layout.blobs.put(Buffer.from(JSON.stringify(index)))
    await layout.name(order.name, { mediaType: indexType, ...put }, Date.now())
    const kept = (await layout.list()).find(({ name }) => name === order.name)
    return kept === undefined ? fail(`${order.name} was not kept`) : ok(kept)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What it stands on, for `image inspect`: labels of the OCI's image specification (annotations.md). */
function baseLabels(base: string): readonly string[] {
  const [name = '', digest] = base.split('@')
  const labels = [`base.name=${name}`, ...(digest === undefined ? [] : [`base.digest=${digest}`])]
  return labels.flatMap((label) => ['--label', `org.opencontainers.image.${label}`])
}

interface OneBuild {
  readonly platform: string
  readonly args: readonly string[]
  readonly context: string
  readonly folder: string
  readonly layout: Layout
}

async function buildOne({
  platform,
  args,
  context,
  folder,
  layout,
}: OneBuild): Promise<Result<Descriptor, string>> {
  const tag = `timeball-build:${process.pid}-${platform.replaceAll(/[^a-z0-9]+/g, '-')}`
  const options = ['--quiet', '--force-rm', '--platform', platform, '--tag', tag]
  const built = await call('docker', ['build', ...options, ...args, context])
  if (!built.ok) return built
  try {
    const archive = join(folder, 'image.tar')
    const unpacked = await mkdtemp(join(folder, 'image-'))
    const saved = await call('docker', ['save', '--output', archive, tag])
    if (!saved.ok) return saved
    const opened = await call('tar', ['-xf', archive, '-C', unpacked])
    if (!opened.ok) return opened
    const image = await importArchive(unpacked, layout.blobs)
    if (!image.ok) return image
    const { os, architecture } = image.value.platform ?? { os: '', architecture: '' }
    if (`${os}/${architecture}` === platform) return image
    return fail(`Docker made an image for ${os}/${architecture}, from a base for that`)
  } finally {
    // Its layers stay, so that the next build is quick.
    await call('docker', ['rmi', '--no-prune', tag])
  }
}

async function dockerVersion(): Promise<Result<string, string>> {
  const asked = await call('docker', ['version', '--format', '{{.Server.Version}}'])
  if (asked.ok) return ok(printable(asked.value.split('\n')[0] ?? ''))
  return fail(`${asked.failure}
    Docker is needed on this machine to build: start it, or let DOCKER_HOST name one
    (DOCKER_HOST=ssh://pi@DEVICE is that of a Pi, whose own architecture needs no emulation)`)
}

async function call(program: string, args: readonly string[]): Promise<Result<string, string>> {
  const limits = { timeoutMs: buildTimeoutMs, environment: {} }
  const end = await runTool(tmpdir(), program, args, limits)
  if (end.kind === 'missing') return fail(`there is no ${program} on this machine`)
  if (end.code === 0) return ok(end.output)
  const last = end.output.split('\n').filter((line) => line.trim() !== '')
  return fail(
    last
      .slice(-8)
      .map((line) => printable(line))
      .join('\n    '),
  )
}
