import { isPort } from '@timeball/lib/address.ts'
import type { Value } from './value.ts'

/** Login names as useradd(8) and directory services make them; never an option. */
export function isUserName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}\$?$/.test(text)
}

/** A TCP port as Ansible takes it: a number, or its digits as text. `null` when it is none. */
export function readPort(value: Value | undefined): number | null {
  const text = typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string' || !/^[0-9]{1,5}$/.test(text)) return null
  const port = Number(text)
  return isPort(port) ? port : null
}
