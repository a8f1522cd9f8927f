/** What is said of an image that is built here, as in-toto statements about one of its platforms. */
import type { ImageContents } from './found-package.ts'
import { spdxDocument } from './spdx-document.ts'

/** The sources of an image, by digest: the same ones are said in the same words. */
export interface BuildSources {
  /** Names of the images that it stands on, perhaps with digests. */
  readonly images: readonly string[]
  /** What Docker was given. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
}

export interface BuiltPlatform {
  /** With registry and tag. */
  readonly name: string
  readonly version: string
  /** Such as `linux/arm64`. */
  readonly platform: string
  /** `sha256:…` of its manifest. */
  readonly digest: string
  /** The version of Timeball that built it. */
  readonly tool: string
}

/** in-toto's attestation framework, v1. */
export interface InTotoStatement {
  readonly predicateType: string
  readonly text: string
}

export function sbomStatement(image: BuiltPlatform, contents: ImageContents): InTotoStatement {
  return statement('https://spdx.dev/Document', image, spdxDocument(image, contents))
}

/** Where it is said what is built how, and by whom: by whoever types the command. */
const builtHere =
  'https://github.com/timeball/timeball/blob/main/docs/images.md#what-an-image-says-of-itself'

/**
 * SLSA provenance v1 (slsa.dev/spec/v1.0/provenance), without times and without the version of
 * Docker: an image that is built again from the same sources keeps its digest.
 */
export function provenanceStatement(image: BuiltPlatform, sources: BuildSources): InTotoStatement {
  const { platform, version, tool } = image
  const dependencies = [
    ...sources.images.map((name) => imageDependency(name)),
    ...sources.files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
  ]
  return statement('https://slsa.dev/provenance/v1', image, {
    buildDefinition: {
      buildType: builtHere,
      externalParameters: { platform, version },
      resolvedDependencies: dependencies,
    },
    runDetails: { builder: { id: builtHere, version: { timeball: tool } } },
  })
}

/** As BuildKit calls the images that it built on: by their package URL. */
function imageDependency(reference: string): {
  readonly uri: string
  readonly digest?: { readonly sha256: string }
} {
  const [named = '', digest] = reference.split('@sha256:')
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  const tag = hasTag ? `@${encodeURIComponent(named.slice(colon + 1))}` : ''
  const uri = `pkg:docker/${hasTag ? named.slice(0, colon) : named}${tag}`
  if (digest === undefined) return { uri }
  return { uri: `${uri}?digest=sha256:${digest}`, digest: { sha256: digest } }
}

function statement(
  predicateType: string,
  { name, digest }: BuiltPlatform,
  predicate: unknown,
): InTotoStatement {
  const subject = [{ name, digest: { sha256: digest.slice('sha256:'.length) } }]
  const content = { _type: 'https://in-toto.io/Statement/v1', predicateType, subject, predicate }
  return { predicateType, text: JSON.stringify(content) }
}
