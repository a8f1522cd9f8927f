/** The images that are kept beside a fleet, and how they are made. */
import type { ImageFacts } from '../core/desired/image-facts.ts'
import type { ImageReference } from '../core/desired/image-reference.ts'
import type { Device } from '../core/device/device.ts'
import type { SignerSettings } from '../core/desired/settings.ts'
import type { SignerIdentity } from '../core/desired/signer-identity.ts'
import type { KeptImage } from '../core/desired/kept-image.ts'
import type { Result } from '@timeball/lib/result.ts'

export interface BuildOrder {
  /** With registry and tag. */
  readonly name: string
  /** What the image says that it is: a semantic version. */
  readonly version: string
  /** The version of this program. */
  readonly tool: string
  readonly platforms: readonly string[]
  /** Whose Docker builds; `null`: that of this machine. */
  readonly on: Device | null
  /** An image of that Docker to build on; `null`: Debian and Node, as they are pinned. */
  readonly base: string | null
  readonly signal: AbortSignal
  /** One line of progress. */
  readonly say: (line: string) => void
}

export interface PushOrder {
  /** Of a kept image. */
  readonly name: string
  /** Registry and tag are given. */
  readonly to: ImageReference
  /** Without TLS. */
  readonly plainHttp: boolean
  readonly signal: AbortSignal
  /** One line of progress. */
  readonly say: (line: string) => void
  /** Told as a part is sent, often. */
  readonly onSent: (bytes: number, ofBytes: number) => void
}

export interface PushedImage {
  readonly digest: string
  readonly sent: Amount
  /** What the registry had already. */
  readonly there: Amount
}

export interface Amount {
  readonly blobs: number
  readonly bytes: number
}

export interface DescribeOrder {
  /** Of a kept image, or with a registry. */
  readonly ref: string
  readonly plainHttp: boolean
  readonly signers: SignerSettings
  readonly signal: AbortSignal
}

export interface DescribedImage {
  /** With registry and tag or digest. */
  readonly name: string
  readonly place: 'kept' | 'registry'
  readonly facts: ImageFacts
}

export interface PullOrder {
  /** In a registry. */
  readonly reference: ImageReference
  readonly plainHttp: boolean
  readonly signal: AbortSignal
  /** One line of progress. */
  readonly say: (line: string) => void
}

export interface SignOrder {
  /** In a registry. */
  readonly reference: ImageReference
  readonly plainHttp: boolean
  readonly by: SignWith
  readonly signal: AbortSignal
}

/** A private key, or the identity of a CI, which Fulcio and Rekor attest. */
export type SignWith =
  | { readonly kind: 'key'; readonly file: string }
  | { readonly kind: 'keyless'; readonly fulcioUrl: string; readonly rekorUrl: string }

export interface SignedImage {
  readonly digest: string
  /** `there`: this key has signed it before. */
  readonly state: 'signed' | 'there'
  /** PEM; without a key of the operator one that nobody has any more. */
  readonly publicKey: string
  /** `null`: a key signed. */
  readonly identity: SignerIdentity | null
}

/** For people; `isDenied`: who asks may not, or is not known. */
export interface RegistryRefusal {
  readonly isDenied: boolean
  readonly detail: string
}

export interface Images {
  /** As it is shown. */
  readonly folder: string
  /** The newest first. */
  list(): Promise<readonly KeptImage[]>
  /** With the operator's own Docker. The failure is for people, and says what to do. */
  build(order: BuildOrder): Promise<Result<KeptImage, string>>
  /** Into a registry, with the operator's login of Docker; what is there is not sent. */
  push(order: PushOrder): Promise<Result<PushedImage, RegistryRefusal>>
  /** From a registry, with the operator's login of Docker, under its own name. */
  pull(order: PullOrder): Promise<Result<KeptImage, RegistryRefusal>>
  /** As cosign does; what was written is read back. */
  sign(order: SignOrder): Promise<Result<SignedImage, RegistryRefusal>>
  /** Nothing is run, and nothing pulled. */
  describe(order: DescribeOrder): Promise<Result<DescribedImage, RegistryRefusal>>
  /** Forgets all names but these, and what only they needed; returns what became free, in bytes. */
  prune(keep: ReadonlySet<string>): Promise<number>
}
