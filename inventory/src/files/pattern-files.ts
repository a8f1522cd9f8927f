import { readText } from './read-text.ts'

/**
 * The contents of the files of a `--limit` with `@FILE`. Names that are no readable file are left
 * out: they may be lists, and `selectHosts` reports those that are neither.
 */
export function readPatternFiles(names: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const name of names) {
    const file = readText(name)
    if (file.ok) files.set(name, file.value.text)
  }
  return files
}
