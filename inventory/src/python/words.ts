/**
 * The words of a line as Python's `shlex.split` makes them: blanks separate, quotes join, a
 * backslash takes the next character.
 */
export interface Words {
  readonly words: readonly Word[]
  /** What is wrong with the quotes, else `null`. */
  readonly mistake: string | null
}

export interface Word {
  readonly text: string
  /** Where it begins in the line, from 0. */
  readonly at: number
}

/** One piece of a word: quoted, escaped, plain, or the blanks between words. */
const piece = /"((?:[^"\\]|\\[^])*)("?)|'([^']*)('?)|\\([^]?)|([^ \t\r\n"'\\#]+|#)|[ \t\r\n]+/g

/** `comments`: a `#` outside of quotes ends the line, in the middle of a word as well. */
export function splitWords(text: string, comments: 'comments' | 'no-comments'): Words {
  const words: Word[] = []
  let word: Word | undefined
  for (const match of text.matchAll(piece)) {
    const [whole] = match
    if (whole === '#' && comments === 'comments') break
    if (/^[ \t\r\n]/.test(whole)) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    const mistake = pieceMistake(match)
    if (mistake !== null) return { words, mistake }
    word = { text: (word?.text ?? '') + pieceText(match), at: word?.at ?? match.index }
  }
  return { words: word === undefined ? words : [...words, word], mistake: null }
}

function pieceText([, double, , single, , escaped, plain]: RegExpExecArray): string {
  // Inside double quotes a backslash is itself, except before a quote or another one.
  return double?.replace(/\\(["\\])/g, '$1') ?? single ?? escaped ?? plain ?? ''
}

function pieceMistake([, , doubleEnd, , singleEnd, escaped]: RegExpExecArray): string | null {
  if (doubleEnd === '' || singleEnd === '') return 'has a quote that is not closed'
  return escaped === '' ? 'ends with a backslash' : null
}
