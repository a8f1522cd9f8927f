/**
 * Asks a registry which digest a tag has now (OCI distribution specification 1.1, "Pulling
 * manifests"), so that a rollout moves one fixed image however often the tag moves under it.
 */
import { createHash } from 'node:crypto'
import { parseImageReference, type ImageReference } from '../core/desired/image-reference.ts'
import { fail, ok, type Result } from '../core/result.ts'
import { connectionErrorCode } from './connection-error.ts'
import { readBounded } from './read-bounded.ts'
import { authorize, registryOrigin } from './registry-token.ts'
import type { RegistryAccess, RegistryFailure } from './registry-access.ts'

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const maxManifestBytes = 4 * 1024 * 1024

/**
 * The digest (`sha256:…`) of an image. A name that has a digest is answered without asking; one
 * without a tag means `latest`. The digest is that of the index, so it serves every architecture.
 */
export async function resolveDigest(
  text: string,
  access: RegistryAccess,
): Promise<Result<string, RegistryFailure>> {
  const parsed = parseImageReference(text)
  if (!parsed.ok) return fail({ code: 'bad-reference', detail: parsed.failure })
  const reference = parsed.value
  if (reference.digest !== null) return ok(reference.digest)

  const limit = AbortSignal.timeout(access.timeoutMs)
  const signal = AbortSignal.any([access.signal, limit])
  try {
    return await askRegistry(reference, { ...access, signal })
  } catch (error) {
    if (access.signal.aborted) return fail({ code: 'aborted', detail: 'aborted' })
    const code = limit.aborted
      ? `no answer within ${access.timeoutMs} ms`
      : connectionErrorCode(error)
    return fail({ code: 'unreachable', detail: `${reference.registry}: ${code}` })
  }
}

async function askRegistry(
  reference: ImageReference,
  access: RegistryAccess,
): Promise<Result<string, RegistryFailure>> {
  const anonymous = await requestManifest('HEAD', { reference, access, authorization: null })
  if (anonymous.status !== 401) {
    return readDigest(anonymous, { reference, access, authorization: null })
  }
  const challenge = anonymous.headers.get('www-authenticate') ?? ''
  const authorization = await authorize(challenge, reference, access)
  if (!authorization.ok) return authorization
  const question = { reference, access, authorization: authorization.value }
  return readDigest(await requestManifest('HEAD', question), question)
}

interface ManifestQuestion {
  readonly reference: ImageReference
  readonly access: RegistryAccess
  /** Value of the Authorization header; `null` is anonymous. */
  readonly authorization: string | null
}

function requestManifest(method: 'HEAD' | 'GET', question: ManifestQuestion): Promise<Response> {
  const { reference, access, authorization } = question
  const path = `/v2/${reference.repository}/manifests/${reference.tag ?? 'latest'}`
  return fetch(registryOrigin(reference, access) + path, {
    method,
    signal: access.signal,
    headers: {
      accept: manifestTypes,
      ...(authorization === null ? {} : { authorization }),
    },
  })
}

/** The digest header is optional in the specification: without it the manifest itself is hashed. */
async function readDigest(
  response: Response,
  question: ManifestQuestion,
): Promise<Result<string, RegistryFailure>> {
  const refusal = refusalOf(response, question.reference)
  if (refusal !== null) return fail(refusal)
  const digest = response.headers.get('docker-content-digest')
  if (digest !== null && digestPattern.test(digest)) return ok(digest)

  const manifest = await requestManifest('GET', question)
  const refusedNow = refusalOf(manifest, question.reference)
  if (refusedNow !== null) {
    await manifest.body?.cancel()
    return fail(refusedNow)
  }
  const bytes = await readBounded(manifest, maxManifestBytes)
  if (bytes === null) return fail({ code: 'protocol', detail: 'the manifest is too large' })
  return ok(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
}

const digestPattern = /^sha256:[0-9a-f]{64}$/

function refusalOf({ status }: Response, reference: ImageReference): RegistryFailure | null {
  const name = `${reference.registry}/${reference.repository}:${reference.tag ?? 'latest'}`
  if (status === 200) return null
  if (status === 401 || status === 403) {
    return { code: 'unauthorized', detail: `${reference.registry} refuses access to ${name}` }
  }
  if (status === 404) return { code: 'not-found', detail: `there is no ${name}` }
  if (status === 429) {
    return { code: 'rate-limited', detail: `${reference.registry} asks us to wait` }
  }
  return { code: 'protocol', detail: `${reference.registry} answered HTTP ${status}` }
}
