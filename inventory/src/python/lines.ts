export interface Line {
  readonly number: number
  /** Without blanks around it. */
  readonly text: string
  /** Where `text` begins, from 0. */
  readonly indent: number
}

// oxlint-disable-next-line no-control-regex -- Python ends lines there, too
const lineBreak = /\r\n|[\n-\r\u001C-\u001E\u0085\u2028\u2029]/

/** The lines of Python's `str.splitlines()`, stripped. */
export function readLines(text: string): readonly Line[] {
  return text.split(lineBreak).map((line, index) => {
    const indent = line.length - line.trimStart().length
    return { number: index + 1, text: line.trim(), indent }
  })
}
