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
import type { Device } from '../core/device/device.ts'
import type { SshPlace } from '../engines/ssh/ssh-options.ts'
import type { BuildOrder } from '../ports/images.ts'
import { importArchive } from '../stores/images/import-archive.ts'
import { indexType, type Descriptor, type Layout } from '../stores/images/layout.ts'
import { attestBuild } from './attest-build.ts'
import { deviceDocker, localDocker, tool, type BuildDocker } from './build-docker.ts'
import { writeContext } from './image-context.ts'

export async function buildImage(
  order: BuildOrder,
  layout: Layout,
  place: SshPlace,
): Promise<Result<KeptImage, string>> {
  const { on: device } = order
  const docker = device === null ? ok(localDocker) : deviceDocker(device, place, order.signal)
  if (!docker.ok) return docker
  const version = await dockerVersion(docker.value, device)
  if (!version.ok) return version
  const where = device === null ? '' : ` on ${device.name}`
  const folder = await mkdtemp(join(tmpdir(), 'timeball-image-'))
  try {
    const context = join(folder, 'context')
    const { base } = order
    const written = await writeContext(context, { version: order.version, base })
    if (!written.ok) return written
    const images: Descriptor[] = []
    for (const platform of order.platforms) {
      if (order.signal.aborted) return fail('interrupted')
      order.say(`building ${platform}${where} with Docker ${version.value}`)
      const on = base === null ? [] : ['--build-arg', `BASE=${base}`]
      const args = [
        ...on,
        '--build-arg',
        `VERSION=${order.version}`,
        ...baseLabels(written.value.base),
      ]
      const built = await buildOne({
        docker: docker.value,
        platform,
        args,
        context,
        folder,
        layout,
      })
      if (!built.ok) return fail(`${platform}: ${built.failure}`)
      images.push(built.value)
    }
    const attesting = { order, sources: written.value.sources, blobs: layout.blobs }
    const said: Descriptor[] = []
    for (const image of images) said.push(await attestBuild(image, attesting))
    const manifests = [...images, ...said]
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
  readonly docker: BuildDocker
  readonly platform: string
  readonly args: readonly string[]
  readonly context: string
  readonly folder: string
  readonly layout: Layout
}

async function buildOne({
  docker,
  platform,
  args,
  context,
  folder,
  layout,
}: OneBuild): Promise<Result<Descriptor, string>> {
  const tag = `timeball-build:${process.pid}-${platform.replaceAll(/[^a-z0-9]+/g, '-')}`
  const options = ['--quiet', '--force-rm', '--platform', platform, '--tag', tag]
  const built = await docker.build([...options, ...args], context)
  if (!built.ok) return built
  try {
    const archive = join(folder, 'image.tar')
    const unpacked = await mkdtemp(join(folder, 'image-'))
    const saved = await docker.save(tag, archive)
    if (!saved.ok) return saved
    const opened = await tool('tar', ['-xf', archive, '-C', unpacked])
    if (!opened.ok) return opened
    const image = await importArchive(unpacked, layout)
    if (!image.ok) return image
    const { os, architecture } = image.value.platform ?? { os: '', architecture: '' }
    if (`${os}/${architecture}` === platform) return image
    return fail(`Docker made an image for ${os}/${architecture}, from a base for that`)
  } finally {
    await docker.forget(tag)
  }
}

async function dockerVersion(
  docker: BuildDocker,
  device: Device | null,
): Promise<Result<string, string>> {
  const asked = await docker.version()
  if (asked.ok) return ok(printable(asked.value.split('\n')[0] ?? ''))
  if (device !== null) {
    const none = `    A device gets Docker with its first apply. Now: timeball run ${device.name} --sudo --timeout 900 -- apt-get install -y docker.io`
    const hint = /not found/.test(asked.failure) ? `\n${none}` : ''
    return fail(`${device.name}: ${asked.failure}${hint}`)
  }
  return fail(`${asked.failure}
    Docker is needed to build: start it here, or let a device build with its own (--on DEVICE)`)
}
