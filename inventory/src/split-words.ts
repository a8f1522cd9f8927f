/**
 * The words of a line as Python's `shlex.split` makes them, which is how Ansible splits
 * `ansible_ssh_common_args`: blanks separate, quotes join, a backslash takes the next character.
 * A quote that is not closed ends with the line; `quotingMistake` finds those.
 */
export function splitWords(text: string): readonly string[] {
  return scanWords(text).words
}

/** What is wrong with the quotes of a line, else `null`. */
export function quotingMistake(text: string): string | null {
  return scanWords(text).mistake
}

interface Scan {
  readonly words: readonly string[]
  readonly mistake: string | null
}

/** One piece of a word: quoted, escaped, plain, or the blanks between words. */
const piece = /"((?:[^"\\]|\\[^])*)("?)|'([^']*)('?)|\\([^]?)|([^\s"'\\]+)|\s+/g

function scanWords(text: string): Scan {
  const words: string[] = []
  let word: string | null = null
  let mistake: string | null = null
  for (const match of text.matchAll(piece)) {
    const [whole] = match
    if (/^\s/.test(whole)) {
      if (word !== null) words.push(word)
      word = null
      continue
    }
    mistake ??= pieceMistake(match)
    word = (word ?? '') + pieceText(match)
  }
  return { words: word === null ? words : [...words, word], mistake }
}

function pieceText([, double, , single, , escaped, plain]: RegExpExecArray): string {
  // Inside double quotes a backslash is itself, except before a quote or another one.
  return double?.replace(/\\(["\\])/g, '$1') ?? single ?? escaped ?? plain ?? ''
}

function pieceMistake([, , doubleEnd, , singleEnd, escaped]: RegExpExecArray): string | null {
  if (doubleEnd === '' || singleEnd === '') return 'has a quote that is not closed'
  return escaped === '' ? 'ends with a backslash' : null
}
