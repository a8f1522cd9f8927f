/** The word that names the command: the first one that is not `-C DIR`. */
export function commandWord(argv: readonly string[]): string | undefined {
  const [first, , ...rest] = argv
  if (first === '-C' || first === '--directory') return commandWord(rest)
  if (first?.startsWith('-C') === true || first?.startsWith('--directory=') === true) {
    return commandWord(argv.slice(1))
  }
  return first
}
