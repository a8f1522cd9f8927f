/** Escape sequences, controls, and the characters that hide or reorder text (UTR #36). */
const unprintable =
  // oxlint-disable-next-line no-control-regex -- removing controls is the point
  /\u001B\[[0-?]*[ -/]*[@-~]|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFD]+/gu

/**
 * Foreign text as one short line that is safe on a terminal; at most `limit` characters. The work
 * is bounded, too: what lies far behind the limit is not looked at.
 */
export function printable(text: string, limit = 300): string {
  const line = text
    .slice(0, limit * 4)
    .replace(unprintable, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  const characters = Array.from(line)
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`
}
