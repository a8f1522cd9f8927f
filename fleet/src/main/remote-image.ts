/** An image in a registry: what is read of it, with the operator's login of Docker. */
import { createHash } from 'node:crypto'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ImageReference } from '../core/desired/image-reference.ts'
import { openSession, type RegistrySession, type SessionOptions } from '../probes/images/session.ts'
import type { RegistryFailure } from '../probes/registry-access.ts'
import { jsonOf, manifestTypes, proved, type Read } from '../probes/signatures/signature.ts'
import { dockerLogin } from './docker-login.ts'

export interface Repository {
  readonly session: RegistrySession
  readonly read: Read
}

export function openRepository(
  options: Pick<SessionOptions, 'reference' | 'plainHttp' | 'actions' | 'silenceMs' | 'signal'>,
  mostBlobBytes = maxBytes.blobs,
): Repository {
  const session = openSession({ ...options, login: ofDocker })
  return { session, read: proved(options.reference, readOf(session, mostBlobBytes)) }
}

const ofDocker: SessionOptions['login'] = (registry) => dockerLogin(registry, process.env)

/** An SBOM of Debian has a few MB. */
const maxBytes = { manifests: 4 * 1024 * 1024, referrers: 4 * 1024 * 1024, blobs: 32 * 1024 * 1024 }

function readOf(session: RegistrySession, mostBlobBytes: number): Read {
  return (kind, name) =>
    session.read({
      path: `${kind}/${name}`,
      headers: { accept: kind === 'blobs' ? '*/*' : manifestTypes },
      about: `${kind === 'blobs' ? 'blob' : 'manifest'} ${name}`,
      maxBytes: kind === 'blobs' ? mostBlobBytes : maxBytes[kind],
    })
}

export interface FoundManifest {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
}

/** Its digest is that of what was sent, whatever the registry says that it is. */
export async function findManifest(
  { registry, repository, tag, digest: named }: ImageReference,
  read: Read,
): Promise<Result<FoundManifest, RegistryFailure>> {
  const name = named ?? tag ?? 'latest'
  const manifest = await read('manifests', name)
  if (!manifest.ok) return manifest
  if (manifest.value === null) {
    const detail = `there is no ${registry}/${repository}${named === null ? ':' : '@'}${name}`
    return fail({ code: 'not-found', detail })
  }
  const digest = `sha256:${createHash('sha256').update(manifest.value).digest('hex')}`
  return ok({ digest, mediaType: typeOf(manifest.value), size: manifest.value.byteLength })
}

/** What it says itself; the oldest kind does not. */
function typeOf(manifest: Uint8Array): string {
  const said = jsonOf(manifest)
  const type =
    typeof said === 'object' && said !== null && 'mediaType' in said ? said.mediaType : null
  return typeof type === 'string' ? type : 'application/vnd.oci.image.manifest.v1+json'
}
