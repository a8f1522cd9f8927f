/** `json.dumps(value)` with its defaults: one line, and only ASCII. */
import { type Value, isTagged, isValueMap, itemsOf } from '../value.ts'
import { pythonText } from './format.ts'
import { keyText, numberText } from './json.ts'

export function formatJsonLine(value: Value): string {
  const items = itemsOf(value)
  if (items !== null) return `[${items.map(formatJsonLine).join(', ')}]`
  if (isValueMap(value)) {
    const entries = [...value].map(
      ([key, item]) => `${quoted(keyText(key))}: ${formatJsonLine(item)}`,
    )
    return `{${entries.join(', ')}}`
  }
  if (typeof value === 'bigint' || typeof value === 'number') return numberText(value)
  if (isTagged(value)) return quoted('iso' in value ? value.iso : pythonText(value))
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value)
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007F-\uFFFF]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
