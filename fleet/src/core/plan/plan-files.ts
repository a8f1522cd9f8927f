/** Files: what each should contain on this device, and how that differs from what is there. */
import {
  maskContent,
  revealContent,
  type Content,
  type DesiredState,
  type FileResource,
  type LineResource,
} from '../desired/resource.ts'
import { sha256Hex } from '../hash/sha256.ts'
import type { Change, PlannedFile } from './change.ts'
import { diffText } from './diff-text.ts'
import { withBootLines } from './boot-config.ts'
import type { Observed, ObservedFile } from './observed.ts'
import { maskedSecret, showSecretLines } from './secret-lines.ts'

/** A file resource, or the boot configuration with its lines in it. */
export interface FinalFile {
  readonly path: string
  readonly mode: string
  readonly content: Content
}

/**
 * All files that the device should have, in order. The boot configuration is among them when the
 * device has one; other machines have no such file, and none is made.
 */
export function finalFiles(state: DesiredState, observed: Observed): FinalFile[] {
  const lines = state.resources.filter(
    (resource): resource is LineResource => resource.kind === 'line',
  )
  const files = state.resources.filter(
    (resource): resource is FileResource => resource.kind === 'file',
  )
  const boot = observed.bootConfig
  if (lines.length === 0 || boot === null || boot.content === null) return files
  const content = [withBootLines(boot.content, lines)]
  return [{ path: boot.path, mode: boot.mode ?? '0644', content }, ...files]
}

/** Of each file that holds secrets, the lines with them; not of one whose secrets nobody could read. */
export function secretFiles(state: DesiredState): FinalFile[] {
  return secretHolders(state)
    .map(({ path, mode, content }) => ({ path, mode, content: secretLines(content) }))
    .filter(({ content }) => content.length > 0)
}

export function secretHolders({ resources }: DesiredState): FileResource[] {
  return resources.filter(
    (resource): resource is FileResource => resource.kind === 'file' && resource.view === 'env',
  )
}

function secretLines(content: Content): Content {
  return content.flatMap((part) => (typeof part === 'string' ? [] : [`${part.name}=`, part, '\n']))
}

/** What is planned for one file. */
interface FilePlan {
  readonly planned: PlannedFile
  /** `null`: it does not differ. */
  readonly change: Change | null
  /** Whether more differs than secrets and who may read it. */
  readonly changesSettings: boolean
}

/** How one file differs from what was seen of it. */
export function planFile(file: FinalFile, observed: Observed): FilePlan {
  const seen =
    file.path === observed.bootConfig?.path ? observed.bootConfig : observed.files.get(file.path)
  const isChanged = seen?.mode !== file.mode || !hasContent(seen, file, observed.nonce)
  const planned: PlannedFile = {
    path: file.path,
    mode: file.mode,
    before: seen?.digest ?? 'absent',
    isChanged,
  }
  return {
    planned,
    change: isChanged ? fileChange(file, seen, observed.nonce) : null,
    changesSettings: isChanged && hasOtherSettings(file, seen?.content ?? null, observed.nonce),
  }
}

function hasOtherSettings(file: FinalFile, seen: string | null, nonce: string): boolean {
  return seen === null || settingsIn(seen) !== settingsIn(maskedAsSeen(file.content, nonce))
}

/** The lines without a secret. */
function settingsIn(masked: string): string {
  return masked.replaceAll(/^.*=#[0-9a-f]{64}\n/gm, '')
}

function hasContent({ digest }: ObservedFile, file: FinalFile, nonce: string): boolean {
  return digest !== null && digest === sha256Hex(nonce + revealContent(file.content))
}

function fileChange(file: FinalFile, seen: ObservedFile | undefined, nonce: string): Change {
  const exists = seen !== undefined && seen.state !== 'absent'
  const mode =
    exists && seen.mode !== file.mode ? `mode ${seen.mode ?? '?'} becomes ${file.mode}` : null
  return {
    resource: `file:${file.path}`,
    action: exists ? 'update' : 'create',
    because: exists && seen.state !== 'file' ? `it is a ${seen.state}` : mode,
    diff: maskedDiff(file, seen, nonce),
  }
}

/**
 * The device masked each secret as `#` and sha256(nonce + value), so a secret that is unchanged can
 * be told from one that is not without ever coming back.
 */
function maskedAsSeen(content: Content, nonce: string): string {
  return maskContent(content, (secret) => `#${sha256Hex(nonce + secret.reveal())}`)
}

function maskedDiff(
  file: FinalFile,
  seen: ObservedFile | undefined,
  nonce: string,
): Change['diff'] {
  const before = seen?.content ?? null
  return before === null
    ? diffText(null, maskContent(file.content, maskedSecret))
    : showSecretLines(diffText(before, maskedAsSeen(file.content, nonce)))
}
