/** What the operator should know of a fleet and need not change. */
import type { Inventory } from '@timeball/inventory/inventory.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Device } from '../device/device.ts'
import { foldNames } from '../plan/names.ts'
import type { EngineName } from '../settings/adapter-names.ts'
import type { Warning } from './fleet.ts'

/** The warnings about the fleet and about the chosen devices; the same one is told once. */
export function showWarnings(warnings: readonly Warning[], chosen: ReadonlySet<string>): string[] {
  const byText = Map.groupBy(
    warnings.filter(({ device }) => device === null || chosen.has(device)),
    ({ text }) => text,
  )
  return [...byText].map(([text, told]) => {
    const names = told.flatMap(({ device }) => device ?? [])
    return names.length === 0 ? text : `${foldNames(names)}: ${text}`
  })
}

/** The public services that say so: Google, AWS (also at its link-local address) and Meta. */
const smearing = /(?:^|\.)(?:google|amazon|aws|facebook|meta)\.[a-z]+\.?$|^169\.254\.169\.123$/i

/** RFC 8633 section 3.2: four sources tolerate one falseticker; smearing sources must not be mixed. */
export function deviceWarnings(device: Device): Warning[] {
  const count = device.ntpServers.length
  const warnings: string[] = []
  if (device.role === 'stratum2' && count < 4) {
    const sources = count === 1 ? 'source gives' : 'sources give'
    warnings.push(`${count} ${sources} no majority over a falseticker; use 4 or more`)
  }
  if (device.role === 'stratum1' && !device.gps) {
    warnings.push('in the group stratum1, but gps_enabled is not set')
  }
  if (device.role === 'stratum2' && device.gps) {
    warnings.push(
      'has a receiver, but is not in the group stratum1: no relay follows it by default',
    )
  }
  const strangers = device.ntpServers.filter((name) => /^[A-Za-z][A-Za-z0-9_-]*$/.test(name))
  if (strangers.length > 0) {
    const are = strangers.length === 1 ? 'is no member' : 'are no members'
    warnings.push(`${strangers.join(', ')} ${are} of the fleet; left to DNS`)
  }
  const smeared = device.ntpServers.filter((name) => smearing.test(name))
  if (smeared.length > 0 && smeared.length < count) {
    warnings.push(`${smeared.join(', ')} smears leap seconds, the others do not`)
  }
  return warnings.map((text) => ({ device: device.name, text }))
}

/** What Ansible leaves unread, too, but without a word; and what only Ansible reads. */
export function inventoryWarnings(
  { notes, connectionNotes }: Inventory,
  engine: EngineName,
): Warning[] {
  const unread = engine === 'ansible' ? notes : [...notes, ...connectionNotes]
  return unread.map((note) => ({ device: null, text: noteText(note) }))
}

/** A problem as one line. */
export function noteText({ file, line, column, what, fix }: Problem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  return fix === null ? `${place}: ${what}` : `${place}: ${what} (${fix})`
}
