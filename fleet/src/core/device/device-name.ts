/**
 * What is wrong with a host's name as the name of a device, else `null`. Ansible takes any text; a
 * device's name becomes a label, a value in `.env` and a word on command lines.
 */
export function deviceNameMistake(name: string): string | null {
  if (name === '') return 'is empty'
  if (name.length > 253) return 'is longer than 253 characters'
  if (name === '__proto__') return 'is reserved'
  if (name.startsWith('-')) return 'starts with a dash, which programs take for an option'
  if (name === '.' || name === '..') return 'is a path'
  if (!/^[\p{L}\p{M}\p{N}_.:%-]+$/u.test(name))
    return 'may only have letters, digits, dots, colons, dashes and underscores'
  return null
}
