/**
 * Names of container images, as Docker and containerd read them (github.com/distribution/reference,
 * whose grammar and defaults are followed).
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'

/** An image name with every default written out. */
export interface ImageReference {
  /** Host with optional port, in lower case; `docker.io` when none was given. */
  readonly registry: string
  /** Such as `library/debian`. */
  readonly repository: string
  readonly tag: string | null
  /** `sha256:` and 64 lower-case hex digits. */
  readonly digest: string | null
}

const domainPart =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?::[0-9]{1,5})?$|^\[[0-9A-Fa-f:]+\](?::[0-9]{1,5})?$/
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestPattern = /^sha256:[0-9a-f]{64}$/

/** Reads a name. Neither tag nor digest are made up: both are `null` when they are not there. */
export function parseImageReference(text: string): Result<ImageReference, string> {
  if (text.length > 512) return fail('an image name has at most 512 characters')
  const at = text.indexOf('@')
  const digest = at < 0 ? null : text.slice(at + 1)
  if (digest !== null && !digestPattern.test(digest)) {
    return fail('a digest is sha256: and 64 lower-case hexadecimal digits')
  }
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at))
  if (tag !== null && !tagPattern.test(tag)) return fail(`'${tag}' is not a tag`)
  const { registry, path } = splitRegistry(name)
  if (!domainPart.test(registry)) return fail(`'${registry}' is not a registry`)
  if (path === '') return fail('the name of the image is missing')
  if (!path.split('/').every((part) => pathPart.test(part))) {
    return fail(`'${path}' is not an image name: lower-case letters, digits and . _ - are wanted`)
  }
  return ok({
    registry: registry.toLowerCase(),
    repository: officialPath(registry, path),
    tag,
    digest,
  })
}

/** `registry/repository[:tag][@digest]`, which parses to the same reference again. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === null ? '' : `:${reference.tag}`
  const digest = reference.digest === null ? '' : `@${reference.digest}`
  return `${reference.registry}/${reference.repository}${tag}${digest}`
}

/** A colon before the last slash belongs to the registry's port. */
function splitTag(text: string): { readonly name: string; readonly tag: string | null } {
  const colon = text.lastIndexOf(':')
  if (colon < 0 || text.includes('/', colon)) return { name: text, tag: null }
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

/** The first part is a registry when it could not be a folder: it has a dot or a port. */
function splitRegistry(name: string): { readonly registry: string; readonly path: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isRegistry = /[.:]/.test(first) || first === 'localhost'
  if (slash < 0 || !isRegistry) return { registry: dockerHub, path: name }
  const registry = first.toLowerCase() === 'index.docker.io' ? dockerHub : first
  return { registry, path: name.slice(slash + 1) }
}

const dockerHub = 'docker.io'

function officialPath(registry: string, path: string): string {
  return registry.toLowerCase() === dockerHub && !path.includes('/') ? `library/${path}` : path
}
