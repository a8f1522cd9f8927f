/** Words as a shell reads them. */

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

function quote(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Each word as it is, also where there is only one. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ')
}

/**
 * One word is a line for the shell, with its pipes and variables; several are a program and its
 * arguments, and reach it exactly as they are.
 */
export function scriptOf(words: readonly string[]): string {
  const [only = ''] = words
  return words.length === 1 ? only : quoteAll(words)
}
