/** The last member of a backup: what is in it, what was left out, and how to get that back. */
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { sha256Hex } from '../hash/sha256.ts'

export const manifestPath = 'timeball-manifest.json'

const fileSchema = z.strictObject({
  path: z.string(),
  mode: z.int(),
  user: z.int(),
  group: z.int(),
  size_bytes: z.int(),
  modified_unix_seconds: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const schema = z.strictObject({
  version: z.literal(1),
  /** A device, or `controller`. */
  subject: z.string(),
  taken_at_unix_ms: z.int(),
  timeball: z.string(),
  files: z.array(fileSchema),
  left_out: z.array(z.strictObject({ what: z.string(), how_back: z.string() })),
})

/** With the digest of itself. */
const sealedSchema = z.looseObject({ manifest_sha256: z.string() })

export type Manifest = z.output<typeof schema>
export type ManifestFile = Manifest['files'][number]
export type LeftOut = Manifest['left_out'][number]

export function formatManifest(manifest: Manifest): string {
  const sealed = { ...manifest, manifest_sha256: sha256Hex(JSON.stringify(manifest)) }
  return `${JSON.stringify(sealed, null, 1)}\n`
}

/** The failure is a phrase. */
export function parseManifest(text: string): Result<Manifest, string> {
  try {
    const { manifest_sha256: digest, ...manifest } = sealedSchema.parse(JSON.parse(text))
    if (sha256Hex(JSON.stringify(manifest)) !== digest) return fail('is not what it was')
    const parsed = schema.safeParse(manifest)
    return parsed.success ? ok(parsed.data) : fail('is no manifest of a backup')
  } catch (error) {
    if (error instanceof z.ZodError) return fail('is no manifest of a backup')
    return fail('is no JSON')
  }
}

export interface FileChange {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed' | 'mode'
}

/** From an older backup to a newer one, in the order of paths. */
export function diffManifests(before: Manifest, after: Manifest): readonly FileChange[] {
  const old = new Map(before.files.map((file) => [file.path, file]))
  const now = new Map(after.files.map((file) => [file.path, file]))
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((path) => {
    const change = changeOf(old.get(path), now.get(path))
    return change === null ? [] : [{ path, change }]
  })
}

function changeOf(
  before: ManifestFile | undefined,
  after: ManifestFile | undefined,
): FileChange['change'] | null {
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  if (before.sha256 !== after.sha256) return 'changed'
  return before.mode === after.mode && before.user === after.user && before.group === after.group
    ? null
    : 'mode'
}
