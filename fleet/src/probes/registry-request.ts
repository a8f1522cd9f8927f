/** One question to a registry: anonymously first, then with what its challenge asks for. */
import type { ImageReference } from '../core/desired/image-reference.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { askHttp, type HttpAnswer } from './ask-http.ts'
import { connectionErrorText } from './connection-error.ts'
import { waitOf, type RegistryAccess, type RegistryFailure } from './registry-access.ts'
import { authorize, registryOrigin } from './registry-token.ts'

export interface RegistryQuestion {
  readonly reference: ImageReference
  readonly kind: 'manifests' | 'blobs' | 'referrers'
  /** Tag or digest. */
  readonly name: string
  /** Media types. */
  readonly accept: string
}

/** An answer with status 200; its body is for the caller to read or to cancel. */
export async function requestRegistry(
  question: RegistryQuestion,
  access: RegistryAccess,
): Promise<Result<HttpAnswer, RegistryFailure>> {
  const anonymous = await send(question, access, null)
  if (anonymous.status !== 401) return accepted(anonymous, question)
  await anonymous.body?.cancel()
  const challenge = anonymous.headers.get('www-authenticate') ?? ''
  const authorization = await authorize(challenge, question.reference, access)
  if (!authorization.ok) return authorization
  return accepted(await send(question, access, authorization.value), question)
}

/** Redirects are followed: blobs, and images of some registries, lie elsewhere. */
async function send(
  { reference, kind, name, accept }: RegistryQuestion,
  access: RegistryAccess,
  authorization: string | null,
): Promise<HttpAnswer> {
  const path = `/v2/${reference.repository}/${kind}/${name}`
  const url = new URL(`${registryOrigin(reference, access)}${path}`)
  const headers = { accept, ...(authorization === null ? {} : { authorization }) }
  const question = { method: 'GET', headers, signal: access.signal } as const
  const answer = await askHttp(url, question)
  if (answer.status < 300 || answer.status > 399) return answer
  await answer.body?.cancel()
  return fetch(url, question)
}

async function accepted(
  response: HttpAnswer,
  question: RegistryQuestion,
): Promise<Result<HttpAnswer, RegistryFailure>> {
  const refusal = refusalOf(response, question)
  if (refusal === null) return ok(response)
  await response.body?.cancel()
  return fail(refusal)
}

function refusalOf(
  { status, headers }: HttpAnswer,
  question: RegistryQuestion,
): RegistryFailure | null {
  const { reference, name } = question
  const full = `${reference.registry}/${reference.repository}:${name}`
  if (status === 200) return null
  if (status === 401 || status === 403) {
    return { code: 'unauthorized', detail: `${reference.registry} refuses access to ${full}` }
  }
  if (status === 404) return { code: 'not-found', detail: `there is no ${full}` }
  if (status === 429) {
    return { code: 'rate-limited', detail: `${reference.registry} ${waitOf(headers)}` }
  }
  return { code: 'protocol', detail: `${reference.registry} answered HTTP ${status}` }
}

/** Runs `work` within the time that `access` gives; a connection that fails is `unreachable`. */
export async function withinTime<T>(
  { registry }: ImageReference,
  access: RegistryAccess,
  work: (access: RegistryAccess) => Promise<Result<T, RegistryFailure>>,
): Promise<Result<T, RegistryFailure>> {
  const limit = AbortSignal.timeout(access.timeoutMs)
  try {
    return await work({ ...access, signal: AbortSignal.any([access.signal, limit]) })
  } catch (error) {
    if (access.signal.aborted) return fail({ code: 'aborted', detail: 'aborted' })
    const code = limit.aborted
      ? `no answer within ${access.timeoutMs} ms`
      : connectionErrorText(error)
    return fail({ code: 'unreachable', detail: `${registry}: ${code}` })
  }
}
