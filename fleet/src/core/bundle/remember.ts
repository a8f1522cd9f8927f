/** What a look is remembered under on the device: docs/device-protocol.md, "Quick looks". */
import { sha256Hex } from '../hash/sha256.ts'

/** Of the lines that every manifest begins with. */
export const headLines = 5

interface Keyed {
  /** Before the archive: what the remote command may answer without unpacking it. */
  readonly line: string
  readonly manifest: readonly string[]
}

/**
 * The key of a look is that of the program and of all that it is asked: the answer to another question,
 * or of another version, is never taken. Without `remember` or `remember-anew` as its last line a
 * manifest stays as it is.
 */
export function withKey(programDigest: string, manifest: readonly string[]): Keyed {
  const asked = manifest.at(-1) ?? ''
  if (asked !== 'remember' && asked !== 'remember-anew') return { line: 'bundle', manifest }
  const watched = manifest.slice(headLines, -1)
  const key = sha256Hex([programDigest, ...watched].join('\n'))
  const nonce = manifest.find((line) => line.startsWith('nonce '))?.slice('nonce '.length) ?? ''
  return {
    line: asked === 'remember' ? `look ${nonce} ${key}` : 'bundle',
    manifest: [...manifest.slice(0, -1), `remember ${key}`],
  }
}
