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

function scanWords(text: string): Scan {
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  let mistake: string | null = null
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i)
    if (character === '\\' && quote !== "'") {
      const next = text[++i]
      if (next === undefined) mistake = 'ends with a backslash'
      word = (word ?? '') + unescape(next ?? '', quote)
    } else if (quote !== null) {
      if (character === quote) quote = null
      else word = (word ?? '') + character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/[ \t\r\n]/.test(character)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + character
  }
  if (quote !== null) mistake = 'has a quote that is not closed'
  return { words: word === null ? words : [...words, word], mistake }
}

/** Inside double quotes a backslash is itself, except before a quote or another one. */
function unescape(next: string, quote: '"' | "'" | null): string {
  return quote === '"' && next !== '"' && next !== '\\' ? `\\${next}` : next
}
