import { ok } from '@timeball/lib/result.ts'
import type { Value } from '../../value.ts'
import { itemOf } from '../access.ts'
import type { Operand, Outcome, Surroundings } from '../operand.ts'

/** Jinja's attribute getter: `a.b.0` looks up one part after the other. */
export function attributeOfItem(item: Operand, attribute: Value, around: Surroundings): Outcome {
  const parts = typeof attribute === 'string' ? attribute.split('.') : [attribute]
  let found: Outcome = ok(item)
  for (const part of parts) {
    if (!found.ok) return found
    const key = typeof part === 'string' && /^[0-9]+$/.test(part) ? BigInt(part) : part
    found = itemOf(found.value, key, around)
  }
  return found
}
