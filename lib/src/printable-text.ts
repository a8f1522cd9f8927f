/**
 * Escape sequences (ECMA-48: CSI, and OSC, DCS and the like with their text), then controls but for
 * the line break, and the characters that hide or reorder text (UTR #36).
 */
const unprintable =
  // oxlint-disable-next-line no-control-regex -- removing controls is the point
  /\u001B\[[0-?]*[ -/]*[@-~]|\u001B[\]PX^_][^\u0007\u001B\n]*(?:\u0007|\u001B\\)?|\u001B[ -/]*[0-~]?|(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Foreign text of many lines that is safe on a terminal: its lines, and nothing that moves the cursor,
 * colours, or answers. A line that was drawn over with a carriage return is as it was last. Tabs are
 * blanks up to the next of every eight columns.
 */
export function printableText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => expandTabs(lastDrawn(line)).replace(unprintable, ''))
    .join('\n')
}

function lastDrawn(line: string): string {
  return line.split('\r').findLast((part) => part !== '') ?? ''
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line
  let shown = ''
  for (const [index, part] of line.split('\t').entries()) {
    if (index > 0) shown += ' '.repeat(8 - (shown.length % 8))
    shown += part
  }
  return shown
}
