/** `timeball inventory`: Ansible's own JSON, so that Ansible can use the fleet as its inventory. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import {
  formatGraph,
  formatHost,
  formatList,
  hasSecrets,
} from '@timeball/inventory/format-inventory.ts'
import { importHostsTxt } from '../core/fleet/hosts-txt.ts'
import { nearest } from '@timeball/lib/nearest.ts'
import { ok } from '@timeball/lib/result.ts'
import type { Context, FleetOptions } from './context.ts'
import { refuse, usageProblem } from './problems.ts'

export interface InventoryOptions extends FleetOptions {
  readonly list?: boolean
  readonly graph?: boolean
  readonly host?: string
  /** A `hosts.txt` of lines `hostname,ip,stratum,gps,pps`. */
  readonly import?: string
}

export async function inventoryCommand(
  context: Context,
  options: InventoryOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const views = ['list', 'graph', 'host', 'import'] as const
  const asked = views.filter((view) => options[view] !== undefined)
  if (asked.length > 1) {
    const what = `${asked.map((view) => `--${view}`).join(' and ')} do not go together`
    return refuse(terminal, [usageProblem(what, 'ask for one of them')])
  }
  if (options.import !== undefined) return await importHosts(context, options.import)
  const inventory = await context.loadInventory(options)
  if (!inventory.ok) return refuse(terminal, inventory.failure)
  const seal = hasSecrets(inventory.value) ? await context.vaultSealer(options) : ok(null)
  if (!seal.ok) return refuse(terminal, seal.failure)
  if (options.host !== undefined) {
    if (!inventory.value.hosts.has(options.host)) {
      const near = nearest(options.host, inventory.value.hosts.keys())
      const fix = near === null ? null : `did you mean ${near}?`
      return refuse(terminal, [usageProblem(`no host ${options.host}`, fix)])
    }
    terminal.out(formatHost(inventory.value, options.host, seal.value).trimEnd())
  } else if (options.graph === true) {
    terminal.out(formatGraph(inventory.value).trimEnd())
  } else {
    terminal.out(formatList(inventory.value, seal.value).trimEnd())
  }
  return exitCodes.done
}

async function importHosts(context: Context, path: string): Promise<ExitCode> {
  const { terminal } = context
  const text = await context.readText(path)
  if (!text.ok) return refuse(terminal, [text.failure])
  const imported = importHostsTxt({ path, text: text.value })
  if (!imported.ok) return refuse(terminal, imported.failure)
  terminal.out(imported.value.trimEnd())
  return exitCodes.done
}
