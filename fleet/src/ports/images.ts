/** The images that are kept beside a fleet, and how they are made. */
import type { KeptImage } from '../core/desired/kept-image.ts'
import type { Result } from '@timeball/lib/result.ts'

export interface BuildOrder {
  /** With registry and tag. */
  readonly name: string
  /** What the image says that it is: a semantic version. */
  readonly version: string
  readonly platforms: readonly string[]
  /** An image of this machine's Docker to build on; `null`: Debian and Node, as they are pinned. */
  readonly base: string | null
  readonly signal: AbortSignal
  /** One line of progress. */
  readonly say: (line: string) => void
}

export interface Images {
  /** As it is shown. */
  readonly folder: string
  /** The newest first. */
  list(): Promise<readonly KeptImage[]>
  /** With the operator's own Docker. The failure is for people, and says what to do. */
  build(order: BuildOrder): Promise<Result<KeptImage, string>>
  /** Forgets all names but these, and what only they needed; returns what became free, in bytes. */
  prune(keep: ReadonlySet<string>): Promise<number>
}
