import type { Release } from '../plan.ts'

/** `time:2 (sha256:222222222222…)`; a configuration is named by its own digest. */
export function releaseText({ image, imageAsWritten, kind, digest }: Release): string {
  const short = image.split('@')[1]?.slice(0, 'sha256:'.length + 12) ?? ''
  const written = imageAsWritten.split('@')[0] ?? imageAsWritten
  const what = short === '' ? written : `${written} (${short}…)`
  return kind === 'image' ? what : `configuration ${digest.slice(0, 12)} of ${what}`
}

/** The digest cut to what tells releases apart. */
export function shortImage(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+/, '$1…')
}
