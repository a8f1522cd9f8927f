/** What is kept has no secrets: a rollback brings those of today. */
import type { Machine } from './machine.ts'
import { fieldsOf, type Order } from './read-bundle.ts'

/** Without those of the request the device's own of now count. `null`: nobody knows them. */
export function withSecretsOf(kept: Order, request: Order, { files: now }: Machine): Order | null {
  const sent = new Map(
    fieldsOf(request, 'secrets').map((fields) => [fields[0], request.files[Number(fields[1])]]),
  )
  const holders = new Set(fieldsOf(kept, 'secrets').map(([path]) => path))
  const files = [...kept.files]
  for (const [index, , , , path = ''] of fieldsOf(kept, 'file')) {
    const at = Number(index)
    const text = files[at] ?? ''
    const isBlank = holders.has(path) && secretsIn(text) !== null
    if (!isBlank && !sent.has(path)) continue
    const secrets = sent.get(path) ?? secretsIn(now.get(path)?.content ?? '')
    if (secrets === null) return null
    files[at] = fill(text, secrets)
  }
  return { ...kept, files }
}

function secretsIn(text: string): string | null {
  return linesOf(text).filter(isSecret).join('') || null
}

function fill(text: string, secrets: string): string {
  const lines = linesOf(text)
  const first = lines.findIndex(isSecret)
  const before = first === -1 ? lines : lines.slice(0, first)
  const after = first === -1 ? [] : lines.slice(first).filter((line) => !isSecret(line))
  return [...before, secrets, ...after].join('')
}

/** Each with its line feed. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/)
}

function isSecret(line: string): boolean {
  const [name = ''] = line.split('=', 1)
  return line.includes('=') && /key|secret|token|password/i.test(name)
}
