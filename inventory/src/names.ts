/** Names and addresses that come from files, checked before anything is done with them. */
import { isPort } from '@timeball/lib/address.ts'

/** What is wrong with a host's or group's name, else `null`. */
export function nameMistake(name: string): string | null {
  if (name === '') return 'is empty'
  if (name.length > 253) return 'is longer than 253 characters'
  if (name === '__proto__') return 'is reserved'
  if (name.startsWith('-')) return 'starts with a dash, which programs take for an option'
  if (name === '.' || name === '..') return 'is a path'
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    return 'may only have letters, digits, dots, dashes and underscores'
  return null
}

/** Login names as useradd(8) and directory services make them; never an option. */
export function isUserName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._@\\-]{0,63}\$?$/.test(text)
}

/** A TCP port as Ansible takes it: a number, or its digits as text. `null` when it is none. */
export function readPort(value: unknown): number | null {
  const isDigits = typeof value === 'string' && /^[0-9]{1,5}$/.test(value)
  const port = isDigits ? Number(value) : value
  if (typeof port !== 'number') return null
  return isPort(port) ? port : null
}
