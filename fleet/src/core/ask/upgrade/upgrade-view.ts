/** A plan of upgrades as people read it: devices of which the same is to be said are one paragraph. */
import { formatTable, type Column, type TableLayout } from '../../table.ts'
import { namesOf } from '../fold.ts'
import { needsReboot, type DeviceUpgrade, type PackageStep } from './read-upgrade.ts'

export interface NamedUpgrade {
  readonly device: string
  readonly upgrade: DeviceUpgrade
}

const columns: readonly Column<PackageStep>[] = [
  { title: '', align: 'left', shrink: false, cell: ({ name }) => `  ${name}` },
  { title: '', align: 'left', shrink: true, cell: ({ from }) => from ?? 'new' },
  { title: '', align: 'left', shrink: true, cell: ({ to }) => `→ ${to}` },
  {
    ...{ title: '', align: 'left', shrink: false },
    cell: ({ isSecurity, isOlder }) =>
      isOlder
        ? { text: 'older', tone: 'warn' }
        : { text: isSecurity ? 'security' : '', tone: null },
  },
]

/** `reboots`: whether a device is rebooted that needs it. */
export function upgradeLines(
  upgrades: readonly NamedUpgrade[],
  { reboots, ...layout }: TableLayout & { readonly reboots: boolean },
): readonly string[] {
  const alike = Map.groupBy(upgrades, ({ upgrade }) => JSON.stringify(upgrade))
  return [...alike.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { upgrade } = first
    const [, ...lines] = formatTable(upgrade.steps, columns, layout)
    return [
      `${namesOf(group.map(({ device }) => device))}: ${headingOf(upgrade, reboots)}`,
      ...lines,
      ...(upgrade.stale === null ? [] : [`  its lists are not fresh: ${upgrade.stale}`]),
    ]
  })
}

function headingOf(upgrade: DeviceUpgrade, reboots: boolean): string {
  const { steps, held } = upgrade
  const count = steps.length === 1 ? '1 package' : `${steps.length} packages`
  const parts = [
    steps.length === 0 ? 'nothing to upgrade' : count,
    ...(held === 0 ? [] : [`${held} stay as they are`]),
    ...(needsReboot(upgrade) ? [reboots ? 'then a reboot' : 'a reboot is needed'] : []),
  ]
  return parts.join(', ')
}
