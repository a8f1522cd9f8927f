import type { Inventory } from './inventory.ts'
import { isAddress } from '@timeball/lib/address.ts'
import { isUserName, readPort } from './names.ts'
import { splitWords } from './python/words.ts'
import { type Value, type Variable, type Variables, isEncrypted } from './value.ts'
import type { Problems } from './yaml/source.ts'

/**
 * Checks the variables that say how to reach a host, wherever they are written. Values with a
 * template are checked when they are resolved (`connection.ts`).
 */
export function checkConnections(inventory: Inventory, problems: Problems): void {
  // One variable of a range belongs to many hosts, but its mistake is told once.
  const seen = new Set<Variable>()
  const check = (variables: Variables): void => {
    for (const [name, rule] of connectionRules) {
      const variable = variables.get(name)
      if (variable === undefined || seen.has(variable)) continue
      seen.add(variable)
      const mistake = rule(variable.value)
      if (mistake !== null) problems.add(variable.at, `${name} ${mistake.what}`, mistake.fix)
    }
  }
  for (const group of inventory.groups.values()) check(group.variables)
  for (const host of inventory.hosts.values()) check(host.variables)
  for (const { groups, hosts } of inventory.variableFiles) {
    for (const variables of [...groups.values(), ...hosts.values()]) check(variables)
  }
}

interface Mistake {
  readonly what: string
  readonly fix: string
}

type Rule = (value: Value) => Mistake | null

/** The rule of each variable that Ansible uses to connect, old spellings included. */
export const connectionRules: ReadonlyMap<string, Rule> = new Map([
  ['ansible_host', unlessTemplate(addressMistake)],
  ['ansible_ssh_host', unlessTemplate(addressMistake)],
  ['ansible_port', unlessTemplate(portMistake)],
  ['ansible_ssh_port', unlessTemplate(portMistake)],
  ['ansible_user', unlessTemplate(userMistake)],
  ['ansible_ssh_user', unlessTemplate(userMistake)],
  ['ansible_ssh_private_key_file', unlessTemplate(textMistake)],
  ['ansible_private_key_file', unlessTemplate(textMistake)],
  ['ansible_ssh_common_args', unlessTemplate(wordsMistake)],
])

function unlessTemplate(rule: Rule): Rule {
  return (value) =>
    isEncrypted(value) || (typeof value === 'string' && /\{[{%#]/.test(value)) ? null : rule(value)
}

function addressMistake(value: Value): Mistake | null {
  if (typeof value !== 'string')
    return { what: 'is not text', fix: 'Quote the address: "192.168.1.101"' }
  if (isAddress(value)) return null
  return { what: `is not an address: "${value}"`, fix: 'Write an IP address or a host name' }
}

function portMistake(value: Value): Mistake | null {
  return readPort(value) === null
    ? { what: 'is not a port', fix: 'Write a number from 1 to 65535' }
    : null
}

function userMistake(value: Value): Mistake | null {
  if (typeof value === 'string' && isUserName(value)) return null
  return {
    what: 'is not a login name',
    fix: 'Letters, digits, dot, dash and underscore; not a dash first',
  }
}

function textMistake(value: Value): Mistake | null {
  if (typeof value !== 'string') return { what: 'is not text', fix: 'Quote it' }
  return hasControl(value) ? { what: 'contains a control character', fix: 'Remove it' } : null
}

function wordsMistake(value: Value): Mistake | null {
  const mistake = typeof value === 'string' ? splitWords(value, 'no-comments').mistake : null
  return mistake === null ? textMistake(value) : { what: mistake, fix: 'Close the quotes' }
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text)
}
