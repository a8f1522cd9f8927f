/** What an image is made of, wherever it is kept. */

export interface ImageManifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface ImageBlob {
  readonly digest: string
  readonly sizeBytes: number
  /** From its beginning, as often as it is asked for. */
  open(): AsyncIterable<Uint8Array>
}

export interface ImageParts {
  /** Those that another one names stand before it; the last is the image. */
  readonly manifests: readonly ImageManifest[]
  /** Each once. */
  readonly blobs: readonly ImageBlob[]
}
