/** The parts of `systemctl` and `systemd-run` that Timeball uses. */
import { readFile, rm, symlink, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readArguments } from './arguments.ts'
import type { Answer, Call } from './calls.ts'
import type { Machine, Unit } from './machine.ts'

const unitFolder = '/etc/systemd/system'
const wantedFolder = `${unitFolder}/multi-user.target.wants`

/** What is there before the first apply. */
export function freshUnits(): Map<string, Unit> {
  return new Map([
    ['ssh.service', { active: 'active', enabled: 'enabled' }],
    ['docker.service', { active: 'active', enabled: 'enabled' }],
    ['systemd-timesyncd.service', { active: 'active', enabled: 'enabled' }],
  ])
}

export async function systemctl(machine: Machine, { argv }: Call): Promise<Answer> {
  const { words, flags, values } = readArguments(argv, { withValue: ['-p', '--property'] })
  const [action = '', ...names] = words
  const units = names.map((name) => (/\.\w+$/.test(name) ? name : `${name}.service`))
  const properties = (values.get('-p') ?? values.get('--property') ?? 'Id').split(',')
  switch (action) {
    case 'show':
      return show(machine, units, properties, flags.has('--value'))
    case 'is-active':
      return state(await Promise.all(units.map((name) => isActive(machine, name))), 'active', 3)
    case 'is-enabled':
      return state(await Promise.all(units.map((name) => isEnabled(machine, name))), 'enabled', 1)
    case 'is-system-running':
      return { status: 0, stdout: 'running\n' }
    case 'daemon-reload':
    case 'reset-failed':
      return { status: 0 }
    case 'reboot':
      machine.reboot()
      return { status: 0 }
    default:
      return change(machine, { action, units, now: flags.has('--now') })
  }
}

async function show(
  machine: Machine,
  units: readonly string[],
  properties: readonly string[],
  onlyValues: boolean,
): Promise<Answer> {
  const blocks = await Promise.all(
    units.map(async (name) => {
      const unit = await findUnit(machine, name)
      const values: Record<string, string> = {
        Id: name,
        LoadState: unit === null ? 'not-found' : 'loaded',
        ActiveState: await isActive(machine, name),
        SubState: (await isActive(machine, name)) === 'active' ? 'running' : 'dead',
        UnitFileState: unit === null ? '' : unit.enabled,
      }
      return properties
        .map((property) => `${onlyValues ? '' : `${property}=`}${values[property] ?? ''}\n`)
        .join('')
    }),
  )
  return { status: 0, stdout: blocks.join('\n') }
}

function state(words: readonly string[], good: string, bad: number): Answer {
  const status = words.includes(good) ? 0 : bad
  return { status, stdout: words.map((word) => `${word}\n`).join('') }
}

async function isActive(machine: Machine, name: string): Promise<string> {
  const [stem, suffix] = splitUnit(name)
  if (machine.timers.has(stem) && suffix === 'timer') return 'active'
  return (await findUnit(machine, name))?.active ?? 'inactive'
}

async function isEnabled(machine: Machine, name: string): Promise<string> {
  return (await findUnit(machine, name))?.enabled ?? 'not-found'
}

/** A unit of a package, or a file that Timeball has written. */
async function findUnit(machine: Machine, name: string): Promise<Unit | null> {
  const known = machine.units.get(name)
  if (known !== undefined) return known
  if ((await readUnitFile(machine, name)) === null) return null
  const unit: Unit = { active: 'inactive', enabled: 'disabled' }
  machine.units.set(name, unit)
  return unit
}

async function readUnitFile(machine: Machine, name: string): Promise<string | null> {
  try {
    return await readFile(join(machine.root, unitFolder, name), 'utf8')
  } catch {
    return null
  }
}

interface Change {
  readonly action: string
  readonly units: readonly string[]
  readonly now: boolean
}

async function change(machine: Machine, { action, units, now }: Change): Promise<Answer> {
  for (const name of units) {
    const [stem, suffix] = splitUnit(name)
    const timer = machine.timers.get(stem)
    if (timer !== undefined && action === 'stop') {
      if (suffix === 'timer') {
        clearTimeout(timer)
        machine.timers.delete(stem)
      }
      continue
    }
    const unit = await findUnit(machine, name)
    if (unit === null && action === 'stop') {
      return { status: 5, stderr: `Failed to stop ${name}: Unit ${name} not loaded.\n` }
    }
    if (unit === null) return { status: 5, stderr: `Unit ${name} not found.\n` }
    if (!(await changeUnit(machine, { action, name, unit, now }))) {
      return { status: 1, stderr: `systemctl: '${action}' is not simulated\n` }
    }
  }
  return { status: 0 }
}

interface UnitChange {
  readonly action: string
  readonly name: string
  readonly unit: Unit
  readonly now: boolean
}

async function changeUnit(
  machine: Machine,
  { action, name, unit, now }: UnitChange,
): Promise<boolean> {
  const link = join(machine.root, wantedFolder, name)
  if (action === 'enable') {
    unit.enabled = 'enabled'
    await mkdir(join(machine.root, wantedFolder), { recursive: true })
    await rm(link, { force: true })
    await symlink(`../${name}`, link)
    if (now) unit.active = 'active'
    return true
  }
  if (action === 'disable' || action === 'mask') {
    unit.enabled = 'disabled'
    await rm(link, { force: true })
    if (now) unit.active = 'inactive'
    return true
  }
  if (['start', 'restart', 'try-restart', 'reload-or-restart'].includes(action)) {
    unit.active = 'active'
    return true
  }
  if (action === 'stop') unit.active = 'inactive'
  return action === 'stop'
}

const runOptions = [
  '--unit',
  '-u',
  '--on-active',
  '--on-unit-inactive',
  '--description',
  '--property',
  '-p',
  '--slice',
]

/**
 * `systemd-run --on-active=SECONDS --unit=NAME … COMMAND…`, with `--on-unit-inactive=SECONDS` again and
 * again until it is stopped; a timer ends with this process.
 */
export function systemdRun(machine: Machine, { argv }: Call): Answer {
  const { words, values } = readArguments(argv, { withValue: runOptions, stopAtWord: true })
  const [unit] = splitUnit(values.get('--unit') ?? values.get('-u') ?? 'run-embedded')
  const delay = values.get('--on-active')
  if (delay === undefined) {
    void machine.run(words)
    return { status: 0, stderr: `Running as unit: ${unit}.service\n` }
  }
  if (machine.timers.has(unit)) {
    const stderr = `Failed to start transient timer unit: Unit ${unit}.timer was already loaded.\n`
    return { status: 1, stderr }
  }
  const again = values.get('--on-unit-inactive')
  const arm = (ms: number): void => {
    const timer = setTimeout(() => void fire(timer), ms)
    machine.timers.set(unit, timer)
  }
  const fire = async (timer: NodeJS.Timeout): Promise<void> => {
    if (again === undefined) machine.timers.delete(unit)
    await machine.run(words)
    if (again !== undefined && machine.timers.get(unit) === timer) arm(spanMs(again))
  }
  arm(spanMs(delay))
  return { status: 0, stderr: `Running timer as unit: ${unit}.timer\n` }
}

/** systemd.time(7): a number without a unit is seconds. */
function spanMs(text: string): number {
  const [, number = '0', unit = 's'] = /^(\d+(?:\.\d+)?) *(ms|s|sec|min|m|h)?$/.exec(text) ?? []
  const factors: Readonly<Record<string, number>> = { ms: 1, min: 60_000, m: 60_000, h: 3_600_000 }
  return Number(number) * (factors[unit] ?? 1000)
}

function splitUnit(name: string): [string, string | undefined] {
  const match = /^(.+)\.(service|timer|target|socket)$/.exec(name)
  return [match?.[1] ?? name, match?.[2]]
}

/** Commands of the enabled units that Timeball has written: what runs at boot. */
export async function bootCommands(machine: Machine): Promise<string[]> {
  const commands: string[] = []
  for (const [name, unit] of machine.units) {
    const file = unit.enabled === 'enabled' ? await readUnitFile(machine, name) : null
    for (const match of file?.matchAll(/^ExecStart=[-@:+!]*(.+)$/gm) ?? []) {
      // A unit names the device's own paths; the programs among them are this machine's.
      commands.push((match[1] ?? '').replaceAll(/ (\/(?:var|opt|etc)\/)/g, ` ${machine.root}$1`))
    }
  }
  return commands
}
