import { type Decrypt, isVaultText } from '../encrypted-text.ts'
import { type Problems, type SourceFile, hidingQuotes } from '../yaml/source.ts'

/** A file whose text can be read: it never was encrypted, or is decrypted now. */
export interface ClearFile {
  readonly file: SourceFile
  readonly isSecret: boolean
  /** Where its problems go; those of a secret file do not quote it. */
  readonly problems: Problems
}

/** `null`, and a problem, when the file cannot be decrypted. */
export function clearFile(
  file: SourceFile,
  { problems, decrypt }: { readonly problems: Problems; readonly decrypt: Decrypt },
): ClearFile | null {
  if (!isVaultText(file.text)) return { file, isSecret: false, problems }
  const clear = decrypt(file.text)
  if (clear.ok) {
    const { path } = file
    return { file: { path, text: clear.value }, isSecret: true, problems: hidingQuotes(problems) }
  }
  const at = { file: file.path, line: 1, column: 1 }
  problems.add(
    at,
    `the file ${clear.failure}`,
    'Name the file with the password: --vault-password-file',
  )
  return null
}
