/** The few kinds of thing a device is made of. */
import type { Secret } from '../secrets/secret.ts'

/** Text of a file, in pieces; secrets stay secrets until the bundle is made. */
export type Content = readonly (string | Secret)[]

export interface FileResource {
  readonly kind: 'file'
  readonly path: string
  /** Octal, such as `0644`. */
  readonly mode: string
  readonly content: Content
  /** `env`: values whose name looks like a secret are masked on the device before it reports. */
  readonly view: 'text' | 'env'
}

/** A line of the Pi's boot configuration. Lines that begin with `replaces` give way to it. */
export interface LineResource {
  readonly kind: 'line'
  readonly file: 'boot-config'
  readonly line: string
  readonly replaces: string
}

export type ServiceResource =
  | { readonly kind: 'service'; readonly name: string; readonly want: 'disabled' }
  | {
      readonly kind: 'service'
      readonly name: string
      readonly want: 'running'
      /** Restarted when one of these files changes. */
      readonly restartFor: readonly string[]
    }

export interface ComposeResource {
  readonly kind: 'compose'
  readonly directory: string
  readonly file: string
  readonly container: string
}

export interface PackageResource {
  readonly kind: 'package'
  readonly name: string
  /** Exactly this one; without it, whichever is there or apt prefers. */
  readonly version?: string
}

/** In the order in which a device gets them: the clock's hardware before the server that uses it. */
export type Resource =
  | PackageResource
  | { readonly kind: 'image'; readonly ref: string }
  | FileResource
  | LineResource
  | ServiceResource
  | ComposeResource

/** What a device should be; a pure function of fleet, release and secrets. */
export interface DesiredState {
  readonly device: string
  readonly resources: readonly Resource[]
}

/** The content as it is written on the device. Only bundles and digests need it. */
export function revealContent(content: Content): string {
  return content.map((part) => (typeof part === 'string' ? part : part.reveal())).join('')
}

/** The content with each secret replaced by `mask(secret)`. */
export function maskContent(content: Content, mask: (secret: Secret) => string): string {
  return content.map((part) => (typeof part === 'string' ? part : mask(part))).join('')
}
