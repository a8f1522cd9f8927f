/** Says of a platform that was just built what it is made of, and from what. */
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ImageContents } from '../core/image/found-package.ts'
import {
  provenanceStatement,
  sbomStatement,
  type BuildSources,
  type BuiltPlatform,
} from '../core/image/statements.ts'
import type { BuildOrder } from '../ports/images.ts'
import { attest } from '../stores/images/attest.ts'
import type { Blobs } from '../stores/images/blobs.ts'
import type { Descriptor } from '../stores/images/layout.ts'
import { readContents } from '../stores/images/read-contents.ts'

/** The manifest that says it. An image that no dpkg has made gets no SBOM, and that is told. */
export async function attestBuild(
  image: Descriptor,
  {
    order,
    sources,
    blobs,
  }: {
    readonly order: BuildOrder
    readonly sources: BuildSources
    readonly blobs: Blobs
  },
): Promise<Descriptor> {
  const { digest } = image
  const platform = `${image.platform?.os ?? ''}/${image.platform?.architecture ?? ''}`
  const { name, version, tool, say } = order
  const built: BuiltPlatform = { name, version, platform, digest, tool }
  const contents = await contentsOf(digest, blobs)
  say(`${platform}: ${contents.ok ? told(contents.value) : `no SBOM: ${contents.failure}`}`)
  const statements = [
    ...(contents.ok ? [sbomStatement(built, contents.value)] : []),
    provenanceStatement(built, sources),
  ]
  return await attest(digest, statements, blobs)
}

async function contentsOf(digest: string, blobs: Blobs): Promise<Result<ImageContents, string>> {
  try {
    const contents = await readContents(digest, blobs)
    const isDebian = contents.packages.some(({ kind }) => kind === 'deb')
    return isDebian ? ok(contents) : fail('it has no /var/lib/dpkg/status')
  } catch (error) {
    return fail(printable(error instanceof Error ? error.message : String(error), 200))
  }
}

function told({ packages }: ImageContents): string {
  const count = (kind: string): number => packages.filter((each) => each.kind === kind).length
  const node = packages.find(({ kind }) => kind === 'node')?.version
  const debian = count('deb')
  const parts = [
    `${debian} ${debian === 1 ? 'package' : 'packages'} of Debian`,
    `${count('npm')} of npm`,
  ]
  return [...parts, node === undefined ? 'no Node in /usr/local' : `Node ${node}`].join(', ')
}
