/** The one short form of digests: `sha256:` and twelve digits, which is what tells releases apart. */

const digits = 12

/** Every digest in a text, cut: `time@sha256:222222222222…`. */
export function shortDigests(text: string): string {
  return text.replaceAll(/(sha256[:-][0-9a-f]{12})[0-9a-f]{52}/g, '$1…')
}

/** Of a bare hexadecimal digest, as commands take it. */
export function shortHex(digest: string): string {
  return digest.slice(0, digits)
}
