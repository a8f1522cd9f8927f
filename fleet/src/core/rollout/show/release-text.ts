import type { Release } from '../plan.ts'
import { shortDigests, shortHex } from '../../short-digest.ts'

/** `time:2 (sha256:222222222222…)`; a configuration is named by its own digest. */
export function releaseText({ image, imageAsWritten, kind, digest }: Release): string {
  const short = shortDigests(image.split('@')[1] ?? '')
  const written = imageAsWritten.split('@')[0] ?? imageAsWritten
  const what = short === '' ? written : `${written} (${short})`
  return kind === 'image' ? what : `configuration ${shortHex(digest)} of ${what}`
}
