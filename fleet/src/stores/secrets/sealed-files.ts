/** A file with secrets that are encrypted one by one, on the disk. */
import { existsSync, statSync } from 'node:fs'
import { readFile } from '@timeball/lib/files.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import { parseSealedFile, type SealedFile, type Sealing } from '../../core/secrets/sealed-file.ts'
import type { SecretFailure } from '../../ports/secret-store.ts'
import { replaceFile } from './replace-file.ts'

export interface OpenedFile extends SealedFile {
  readonly path: string
  /** Of the file. */
  readonly text: string
}

/** The new text of the file. */
export type EditFile = (file: OpenedFile) => Promise<Result<string, SecretFailure>>

/** A file that is not there yet is an empty one. */
export async function readSealed(
  path: string,
  sealing: Sealing,
): Promise<Result<OpenedFile, SecretFailure>> {
  try {
    const text = existsSync(path) ? await readFile(path, 'utf8') : ''
    const file = parseSealedFile(path, text, sealing)
    if (file.ok) return ok({ ...file.value, path, text })
    const said = file.failure.map((problem) => formatProblem({ ...problem, fix: null }))
    const fixes = new Set(file.failure.flatMap(({ fix }) => fix ?? []))
    return unavailable(said.join('; '), fixes.size === 0 ? null : [...fixes].join('; '))
  } catch (error) {
    return unavailable(systemReason(error, path), null)
  }
}

/** Reads the file, and again when it is another one: a controller runs for months. */
export function sealedReader(
  path: string,
  sealing: Sealing,
): () => Promise<Result<OpenedFile, SecretFailure>> {
  let known: { readonly stamp: string; readonly file: ReturnType<typeof readSealed> } | null = null
  return () => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    const stamp = found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`
    if (known?.stamp !== stamp) known = { stamp, file: readSealed(path, sealing) }
    return known.file
  }
}

/** What is edited is what is in the file by now, however long ago it was read. */
export async function changeSealed(
  path: string,
  sealing: Sealing,
  edit: EditFile,
): Promise<Result<null, SecretFailure>> {
  const now = await readSealed(path, sealing)
  if (!now.ok) return now
  const text = await edit(now.value)
  if (!text.ok) return text
  try {
    await replaceFile(path, text.value, now.value.text)
    return ok(null)
  } catch (error) {
    return unavailable(`not written: ${systemReason(error, path)}`, null)
  }
}

export function unavailable(detail: string, hint: string | null): Result<never, SecretFailure> {
  return fail({ code: 'unavailable', detail, hint })
}
