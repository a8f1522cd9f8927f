/** Escape sequences, controls, and the characters that hide or reorder text (UTR #36). */
const unprintable =
  // oxlint-disable-next-line no-control-regex -- removing controls is the point
  /\u001B\[[0-?]*[ -/]*[@-~]|[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFD]+/gu

/** Foreign text as one short line that is safe on a terminal; at most `limit` characters. */
export function printable(text: string, limit = 300): string {
  const line = text.replace(unprintable, ' ').replace(/\s+/gu, ' ').trim()
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`
}
