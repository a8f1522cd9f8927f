/**
 * Images that come from no registry: they are kept beside the fleet, and devices fetch them through
 * their SSH connection. `localhost/…` is their name, as podman calls what was built on the machine.
 */
import { formatImageReference, parseImageReference } from './image-reference.ts'

/** A registry that is none. */
export const carriedRegistry = 'localhost'

/** As people name images: one without a slash is ours, and one of Docker Hub is `docker.io/…`. */
export function withRegistry(name: string): string {
  return name === '' || name.includes('/') ? name : `${carriedRegistry}/${name}`
}

/** Whether devices get this image from us and not from a registry. */
export function isCarried(image: string): boolean {
  return image.startsWith(`${carriedRegistry}/`)
}

/**
 * What Docker on a device calls an image. It keeps a digest only with the registry that the image
 * came from, so one that came from none has its digest as its tag: `localhost/time:sha256-…`.
 */
export function nameOnDevice(image: string): string {
  const parsed = parseImageReference(image)
  if (!isCarried(image) || !parsed.ok || parsed.value.digest === null) return image
  const tag = parsed.value.digest.replace(':', '-')
  return formatImageReference({ ...parsed.value, tag, digest: null })
}

/** The image that a device calls so. */
export function imageOfName(name: string): string {
  return isCarried(name) ? name.replace(/:sha256-(?=[0-9a-f]{64}$)/, '@sha256:') : name
}
