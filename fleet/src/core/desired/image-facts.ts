/** What is known of an image before anybody runs it. Texts are printable. */
import type { Result } from '@timeball/lib/result.ts'

export interface PlatformFacts {
  /** Such as `linux/arm64`. */
  readonly platform: string
  readonly digest: string
  /** Of what a device without any of it fetches, compressed. */
  readonly sizeBytes: number
  readonly labels: ReadonlyMap<string, string>
}

/** What somebody says of an image: what it is made of, or how. */
export interface Statement {
  /** As in-toto has it, such as `https://spdx.dev/Document`. */
  readonly predicateType: string
  /** Digests of what it is about: the image, or one of its platforms. */
  readonly about: readonly string[]
  /** In the image, whose digest holds it; or beside it, where others can put something, too. */
  readonly place: 'inside' | 'beside'
  /** The file of the key that signed it, or the identity; `null`: none of those that are known. */
  readonly signedBy: string | null
}

export interface ImageFacts {
  readonly digest: string
  /** Of all platforms, each part once. */
  readonly sizeBytes: number
  readonly platforms: readonly PlatformFacts[]
  readonly statements: readonly Statement[]
  /** By whomever. */
  readonly signatures: number
  /** The file of the key, or the identity; the failure says why none; `null`: no keys are known. */
  readonly signedBy: Result<string, string> | null
}

export const versionLabel = 'org.opencontainers.image.version'
export const contractLabel = 'io.timeball.device-contract'
const baseNameLabel = 'org.opencontainers.image.base.name'
const baseDigestLabel = 'org.opencontainers.image.base.digest'

/** The value that all platforms have; `null`: none, or several. */
export function commonLabel({ platforms }: ImageFacts, name: string): string | null {
  const values = new Set(platforms.map(({ labels }) => labels.get(name) ?? null))
  return values.size === 1 ? ([...values][0] ?? null) : null
}

/** What it was built on, as its labels say. */
export function baseOf(facts: ImageFacts): string | null {
  const name = commonLabel(facts, baseNameLabel)
  const digest = commonLabel(facts, baseDigestLabel)
  if (name === null || name.includes('@') || digest === null) return name
  return `${name}@${digest}`
}

export type StatementKind = 'sbom' | 'provenance'

const predicates = {
  sbom: /^https:\/\/(?:spdx\.dev\/Document|cyclonedx\.org\/bom)/,
  provenance: /^https:\/\/slsa\.dev\/provenance\//,
} as const satisfies Record<StatementKind, RegExp>

/** The platforms of which there is such a statement. */
export function platformsWith(facts: ImageFacts, kind: StatementKind): readonly string[] {
  const stated = new Set(
    facts.statements
      .filter(({ predicateType }) => predicates[kind].test(predicateType))
      .flatMap(({ about }) => about),
  )
  const isWhole = stated.has(facts.digest)
  return facts.platforms
    .filter(({ digest }) => isWhole || stated.has(digest))
    .map(({ platform }) => platform)
}

export const imageProofs = [
  'platforms',
  'version',
  'contract',
  'signature',
  'sbom',
  'provenance',
] as const
export type ImageProof = (typeof imageProofs)[number]

export interface ProofFinding {
  readonly proof: ImageProof
  readonly state: 'kept' | 'broken' | 'unknown'
  /** A printable phrase. */
  readonly text: string
}

/** One for each proof, in their order. */
export function proveImage(facts: ImageFacts): readonly ProofFinding[] {
  return imageProofs.map((proof) => ({ proof, ...judges[proof](facts) }))
}

type Judgement = Omit<ProofFinding, 'proof'>

const kept = (text: string): Judgement => ({ state: 'kept', text })
const broken = (text: string): Judgement => ({ state: 'broken', text })

/** What a Pi has. */
const ofPi = 'linux/arm64'
const contractVersion = '1'

const judges = {
  platforms({ platforms }) {
    const names = platforms.map(({ platform }) => platform)
    const all = names.join(', ')
    return names.includes(ofPi) ? kept(all) : broken(`it is for ${all || 'none'}; a Pi is ${ofPi}`)
  },
  version(facts) {
    const version = commonLabel(facts, versionLabel)
    return version === null ? broken(`its platforms have no one ${versionLabel}`) : kept(version)
  },
  contract(facts) {
    const version = commonLabel(facts, contractLabel)
    if (version === null) return broken(`it has no label ${contractLabel}`)
    const isOurs = version === contractVersion
    return isOurs ? kept(version) : broken(`it keeps ${version}, and ${contractVersion} is wanted`)
  },
  signature({ signedBy }) {
    if (signedBy === null) {
      return {
        state: 'unknown',
        text: 'fleet.yaml names neither image.signature_keys nor signature_identities',
      }
    }
    return signedBy.ok ? kept(`by ${signedBy.value}`) : broken(signedBy.failure)
  },
  sbom: (facts) => statementJudgement(facts, 'sbom'),
  provenance: (facts) => statementJudgement(facts, 'provenance'),
} as const satisfies Record<ImageProof, (facts: ImageFacts) => Judgement>

/** What lies beside an image proves as much as its signature; what is inside, as that of the image. */
function statementJudgement(facts: ImageFacts, kind: StatementKind): Judgement {
  const isTrusted = ({ place, signedBy }: Statement): boolean =>
    place === 'inside' || signedBy !== null || facts.signedBy === null
  const trusted = { ...facts, statements: facts.statements.filter(isTrusted) }
  const found = platformsWith(trusted, kind)
  const missing = facts.platforms
    .map(({ platform }) => platform)
    .filter((platform) => !found.includes(platform))
  if (missing.length === 0) return kept(`for ${found.join(', ')}`)
  const isStranger = platformsWith(facts, kind).length > found.length
  const text = `none for ${missing.join(', ')}`
  return broken(isStranger ? `${text} that a known key has signed` : text)
}
