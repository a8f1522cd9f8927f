/** What an image is made of, as it says itself. Texts are checked: they are names and versions. */

export interface FoundPackage {
  readonly kind: 'deb' | 'npm' | 'node'
  readonly name: string
  readonly version: string
  /** Of Debian's packages: that of the package, or `all`. */
  readonly architecture: string | null
  /** Of Debian's packages: the source package, where it has another name. */
  readonly source: string | null
  /** As its author declares it; `null`: nobody said. */
  readonly license: string | null
}

export interface ImageContents {
  /** `2026-01-02T03:04:05Z`, as SPDX has it; `null`: the image does not say. */
  readonly created: string | null
  /** Such as `debian-13`; `null`: the image does not say. */
  readonly distribution: string | null
  readonly packages: readonly FoundPackage[]
}
