/** The inventory's tree as `ansible-inventory` of ansible-core 2.14 draws it (cli/inventory.py). */
import type { Inventory } from './inventory.ts'

/** `ansible-inventory --graph GROUP`. An unknown group gives an empty text. */
export function formatGraph(inventory: Inventory, group = 'all'): string {
  const lines: string[] = []
  const draw = (name: string, depth: number): void => {
    const found = inventory.groups.get(name)
    if (found === undefined) return
    lines.push(graphLine(`@${name}:`, depth))
    for (const child of found.children) draw(child, depth + 1)
    if (name === 'all') return
    for (const host of found.hosts) lines.push(graphLine(host, depth + 1))
  }
  draw(group, 0)
  return lines.map((line) => `${line}\n`).join('')
}

function graphLine(name: string, depth: number): string {
  return depth === 0 ? name : `${'  |'.repeat(depth)}--${name}`
}
