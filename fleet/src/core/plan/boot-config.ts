/** Lines of `config.txt` on a Raspberry Pi (config.txt, "Conditional filters"). */
import type { LineResource } from '../desired/resource.ts'

/**
 * The file with all wanted lines in it. A line that is there already, outside a conditional section
 * such as `[pi4]`, is left where it is; one that sets the same thing is replaced; new ones go to the
 * end, below `[all]` when the file ends inside a conditional section. A file that needs nothing is
 * not touched at all, since touching it would ask for a reboot.
 */
export function withBootLines(text: string, wanted: readonly LineResource[]): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const missing = new Map(wanted.map((resource) => [resource.line, resource]))
  let section = 'all'
  const kept = lines.filter((line) => {
    const header = /^\s*\[([^\]]*)\]/.exec(line)?.[1]
    if (header !== undefined) section = header.trim().toLowerCase()
    if (section !== 'all') return true
    const bare = line.trim()
    const owner = wanted.find((resource) => bare.startsWith(resource.replaces))
    if (owner === undefined) return true
    return owner.line === bare && missing.delete(owner.line)
  })
  if (missing.size === 0 && kept.length === lines.length) return text
  const filter = section === 'all' || missing.size === 0 ? [] : ['[all]']
  const result = [...kept, ...filter, ...missing.keys()]
  return result.length === 0 ? '' : `${result.join('\n')}\n`
}
