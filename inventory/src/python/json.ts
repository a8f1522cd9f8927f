/** `json.dumps(value, indent=4, ensure_ascii=False)`, with the keys sorted if Python can sort them. */
import { type Key, type Value, isTagged, isValueMap, itemsOf } from '../value.ts'
import { compareText } from './compare.ts'
import { pythonFloat } from './float.ts'

/** As `ansible-inventory` does it: keys that cannot be sorted leave the whole document unsorted. */
export function formatJson(value: Value): string {
  return dump(value, 0, isSortable(value) ? 'sorted' : 'as-written')
}

type Order = 'sorted' | 'as-written'

function dump(value: Value, level: number, order: Order): string {
  const items = itemsOf(value)
  if (items !== null) {
    const parts = items.map((item) => dump(item, level + 1, order))
    return enclose('[', parts, ']', level)
  }
  if (isValueMap(value)) {
    const entries = order === 'sorted' ? [...value].toSorted(compareEntries) : [...value]
    const parts = entries.map(
      ([key, item]) => `${JSON.stringify(keyText(key))}: ${dump(item, level + 1, order)}`,
    )
    return enclose('{', parts, '}', level)
  }
  return typeof value === 'string' ? JSON.stringify(value) : dumpTagged(value, level)
}

function dumpTagged(value: Value, level: number): string {
  if (typeof value === 'bigint' || typeof value === 'number') return numberText(value)
  if (!isTagged(value)) return JSON.stringify(value)
  switch (value.kind) {
    case 'vault':
    case 'unsafe': {
      const part = `"__ansible_${value.kind}": ${JSON.stringify(value.text)}`
      return enclose('{', [part], '}', level)
    }
    case 'date':
    case 'datetime':
      return JSON.stringify(value.iso)
    case 'tuple':
      return dump(value.items, level, 'as-written')
  }
}

function enclose(open: string, parts: readonly string[], close: string, level: number): string {
  if (parts.length === 0) return open + close
  const indent = '    '.repeat(level)
  return `${open}\n${parts.map((part) => `${indent}    ${part}`).join(',\n')}\n${indent}${close}`
}

export function keyText(key: Key): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  return typeof key === 'object' ? key.iso : numberText(key)
}

export function numberText(value: bigint | number): string {
  if (typeof value === 'bigint') return String(value)
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return pythonFloat(value)
}

function compareEntries([a]: readonly [Key, Value], [b]: readonly [Key, Value]): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return Number(a) < Number(b) ? -1 : Number(a) > Number(b) ? 1 : 0
}

/** Whether each mapping has keys of one kind: texts, or numbers, or a single one. */
function isSortable(value: Value): boolean {
  const items = itemsOf(value)
  if (items !== null) return items.every(isSortable)
  if (!isValueMap(value)) return true
  const kinds = new Set([...value.keys()].map(kindOf))
  const isOneKind = value.size < 2 || (kinds.size === 1 && !kinds.has('other'))
  return isOneKind && [...value.values()].every(isSortable)
}

function kindOf(key: Key): 'text' | 'number' | 'other' {
  if (typeof key === 'string') return 'text'
  return key === null || typeof key === 'object' ? 'other' : 'number'
}
