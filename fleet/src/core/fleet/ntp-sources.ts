/** `ntp_servers` in the forms that inventories have it in: names, lines of ntp.conf, mappings. */
import { pythonText } from '@timeball/inventory/python/format.ts'
import {
  isValueMap,
  itemsOf,
  textOf,
  type Value,
  type ValueMap,
} from '@timeball/inventory/value.ts'
import type { VariableReader } from './variables.ts'

/** The names or addresses, as they are written. */
export function sourceNames(reader: VariableReader): readonly string[] {
  const value = reader.find('ntp_servers')?.value ?? null
  if (value === null) return []
  const text = textOf(value)
  const items = text === null ? itemsOf(value) : text.split(',')
  const refuse = (what: string): void => {
    reader.refuse('ntp_servers', what, 'give Timeball a list of its own: timeball_ntp_servers')
  }
  if (items === null) {
    refuse('is neither a list nor a text with commas')
    return []
  }
  return items.flatMap((item) => nameOf(item, refuse) ?? [])
}

/** Every source is asked quickly at first, so this is no option to be refused. */
const known = 'iburst'
const kinds = new Set(['server', 'pool', 'peer'])

/** `null`: there is none, or it was refused. */
function nameOf(item: Value, refuse: (what: string) => void): string | null {
  if (isValueMap(item)) return nameOfMapping(item, refuse)
  const text = textOf(item)
  if (text === null) {
    refuse(`has ${pythonText(item).slice(0, 60)}, which is no name of a server`)
    return null
  }
  const words = text.split(/\s+/).filter((word) => word !== '')
  const [name, ...options] = words.length > 1 && kinds.has(words[0] ?? '') ? words.slice(1) : words
  const strange = options.find((option) => option !== known)
  if (strange === undefined) return name ?? null
  refuse(`has "${strange}" after ${name}, which is not supported`)
  return null
}

const nameKeys = ['hostname', 'host', 'server', 'address', 'name', 'addr']

/** As of linux-system-roles: `{hostname: …, iburst: yes, pool: yes}`. */
function nameOfMapping(item: ValueMap, refuse: (what: string) => void): string | null {
  const key = nameKeys.find((each) => item.has(each))
  const name = key === undefined ? null : textOf(item.get(key))
  if (name === null) {
    refuse(`has a mapping without ${nameKeys.slice(0, 4).join(', ')}`)
    return null
  }
  for (const [option, value] of item) {
    const isKnown = option === key || ((option === known || option === 'pool') && value === true)
    const isOff = value === false || value === null
    if (!isKnown && !isOff)
      refuse(`has the option ${pythonText(option)} for ${name}, which is not supported`)
  }
  return name.trim()
}
