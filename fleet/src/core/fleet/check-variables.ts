/** Variables of a device that nobody reads, although somebody may have meant them to be. */
import { variablesOf, type Inventory } from '@timeball/inventory/inventory.ts'
import type { Resolved } from '@timeball/inventory/resolve-vars.ts'
import type { Position } from '@timeball/inventory/value.ts'
import { nearestWithin } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { ansibleJudge } from './ansible-variables.ts'
import type { EngineName } from '../settings/adapter-names.ts'
import type { Warning } from './fleet.ts'
import { ownNames, ownPrefix } from './own-variables.ts'
import { noteText } from './warnings.ts'

export interface Checked {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Warning[]
}

/** Checks one device after the other. */
export function variableChecker(
  inventory: Inventory,
  engine: EngineName,
): (device: string, resolved: ReadonlyMap<string, Resolved>) => Checked {
  const judge = ansibleJudge(engine)
  const meant = nearestOwn()
  return (device, resolved) => {
    const problems: Problem[] = []
    const warnings: Warning[] = []
    const warn = (at: Position, what: string): void => {
      warnings.push({ device, text: noteText({ ...at, what, fix: null }) })
    }
    for (const [name, { at }] of variablesOf(inventory, device)) {
      if (typeof name !== 'string') continue
      if (name.startsWith('ansible_')) {
        const verdict = judge(name, resolved.get(name)?.value ?? null)
        if (verdict.kind === 'unused') warn(at, `${name} ${verdict.what}`)
        if (verdict.kind === 'refused') {
          problems.push({ ...at, what: `${name} ${verdict.what}`, fix: verdict.fix })
        }
        continue
      }
      const near = meant(name)
      if (near === null) continue
      if (name.startsWith(ownPrefix)) {
        problems.push({ ...at, what: `there is no variable ${name}`, fix: near })
      } else warn(at, `${name} is not read; ${near}`)
    }
    warnings.push(...foreignPort(device, resolved))
    return { problems, warnings }
  }
}

/** A question after the name that was probably meant; `null` when there is none. */
function nearestOwn(): (name: string) => string | null {
  const own = new Set(ownNames)
  const known = new Map<string, string | null>()
  return (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const near = own.has(name) ? null : nearestWithin(name, ownNames, name.length < 8 ? 1 : 2)
    const isOurs = name.startsWith(ownPrefix) && !own.has(name)
    const unknown = isOurs
      ? `known are ${ownNames.filter((each) => each.startsWith(ownPrefix)).join(', ')}`
      : null
    const said = near === null ? unknown : `did you mean ${near}?`
    known.set(name, said)
    return said
  }
}

/** Roles of web servers have a variable of this name, too. */
function foreignPort(device: string, resolved: ReadonlyMap<string, Resolved>): Warning[] {
  const port = resolved.get('http_port')
  const isMeant = resolved.has(`${ownPrefix}http_port`) || port?.value === 3000n
  if (port === undefined || isMeant) return []
  const what = `http_port is taken for that of the time server; if it is another role's, set ${ownPrefix}http_port`
  return [{ device, text: noteText({ ...port.at, what, fix: null }) }]
}
