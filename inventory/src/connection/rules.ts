/** What the variables with which Ansible connects may hold, old spellings included. */
import { isAddress } from '@timeball/lib/address.ts'
import { isUserName, readPort } from '../names.ts'
import { splitWords } from '../python/words.ts'
import type { Value } from '../value.ts'

export interface Mistake {
  readonly what: string
  readonly fix: string
}

/** `show` makes a value fit for a message; a secret one it hides. */
type Rule = (value: Value, show: (text: string) => string) => Mistake | null

export const connectionRules: ReadonlyMap<string, Rule> = new Map([
  ['ansible_host', addressMistake],
  ['ansible_ssh_host', addressMistake],
  ['ansible_port', portMistake],
  ['ansible_ssh_port', portMistake],
  ['ansible_user', userMistake],
  ['ansible_ssh_user', userMistake],
  ['ansible_ssh_private_key_file', textMistake],
  ['ansible_private_key_file', textMistake],
  ['ansible_ssh_args', wordsMistake],
  ['ansible_ssh_common_args', wordsMistake],
  ['ansible_ssh_extra_args', wordsMistake],
])

function addressMistake(value: Value, show: (text: string) => string): Mistake | null {
  if (typeof value !== 'string')
    return { what: 'is not text', fix: 'Quote the address: "192.168.1.101"' }
  if (isAddress(value)) return null
  return { what: `is not an address: ${show(value)}`, fix: 'Write an IP address or a host name' }
}

function portMistake(value: Value): Mistake | null {
  return readPort(value) === null
    ? { what: 'is not a port', fix: 'Write a number from 1 to 65535' }
    : null
}

function userMistake(value: Value, show: (text: string) => string): Mistake | null {
  if (typeof value === 'string' && isUserName(value)) return null
  const what = typeof value === 'string' ? `is not a login name: ${show(value)}` : 'is not text'
  const isDomain = typeof value === 'string' && value.includes('\\')
  const fix = isDomain
    ? 'Write the user of a domain as user@domain'
    : 'Letters, digits and _ . + - @; not a dash first'
  return { what, fix }
}

function textMistake(value: Value): Mistake | null {
  if (typeof value !== 'string') return { what: 'is not text', fix: 'Quote it' }
  return /\p{Cc}/u.test(value) ? { what: 'contains a control character', fix: 'Remove it' } : null
}

function wordsMistake(value: Value): Mistake | null {
  const mistake = typeof value === 'string' ? splitWords(value, 'no-comments').mistake : null
  return mistake === null ? textMistake(value) : { what: mistake, fix: 'Close the quotes' }
}
