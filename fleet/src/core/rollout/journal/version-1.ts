/**
 * Events without a version, as they were written before there was one: by other words, and in part
 * already by today's.
 */

type Stored = Readonly<Record<string, unknown>>

const types: ReadonlyMap<unknown, string> = new Map([
  ['going-back', 'rolling-back'],
  ['unclear', 'inconclusive'],
])

/** The same event in the words of version 2. */
export function fromVersion1(event: Stored): Stored {
  const type = types.get(event['type']) ?? event['type']
  switch (type) {
    case 'climbed':
      return { ...renamed(event, 'rung', 'gate'), type }
    case 'served':
      return { ...renamed(event, 'gapSeconds', 'downtimeSeconds'), type }
    case 'started':
      return {
        ...event,
        plan: inside(event['plan'], 'waves', wavesOf),
        settings: inside(event['settings'], 'gates', gatesOf),
      }
    default:
      return { ...event, type }
  }
}

function wavesOf(waves: unknown): unknown {
  if (!Array.isArray(waves)) return waves
  return waves.map((wave: unknown) =>
    inside(wave, 'kind', (kind) => (kind === 'kept' ? 'held-back' : kind)),
  )
}

function gatesOf(gates: unknown): unknown {
  return isStored(gates) ? renamed(gates, 'max_serving_gap', 'max_downtime') : gates
}

function renamed(record: Stored, from: string, to: string): Stored {
  if (!Object.hasOwn(record, from) || Object.hasOwn(record, to)) return record
  const { [from]: value, ...rest } = record
  return { ...rest, [to]: value }
}

function inside(record: unknown, key: string, change: (value: unknown) => unknown): unknown {
  return isStored(record) ? { ...record, [key]: change(record[key]) } : record
}

function isStored(value: unknown): value is Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
