/** Words as a shell reads them. */

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

function quote(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/**
 * One word is a line for the shell, with its pipes and variables; several are a program and its
 * arguments, and reach it exactly as they are.
 */
export function scriptOf(words: readonly string[]): string {
  const [only = ''] = words
  return words.length === 1 ? only : words.map(quote).join(' ')
}
