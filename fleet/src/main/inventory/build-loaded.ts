/** A loaded inventory and settings -> the fleet, with what only Ansible can evaluate, and trust. */
import type { FleetOptions } from '../../cli/context.ts'
import {
  draftFleet,
  draftProblems,
  roleGroups,
  type FleetDraft,
} from '../../core/fleet/build-fleet.ts'
import { deviceProblems } from '../../core/fleet/device-problems.ts'
import type { Place } from '../../core/fleet/check-quorum.ts'
import type { Fleet, LocalProgram, Warning } from '../../core/fleet/fleet.ts'
import { noteText } from '../../core/fleet/warnings.ts'
import type { Revoked } from '../../core/device/revoked.ts'
import type { Settings } from '../../core/settings/settings.ts'
import { positionOf, type Inventory } from '@timeball/inventory/inventory.ts'
import type { ResolveOptions } from '@timeball/inventory/resolve-vars.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { findProgram } from '../find-program.ts'
import { expandHome, privateKeyMistake } from '../key-files.ts'
import { sourcesOf, type Environment, type LoadedInventory } from './load-inventory.ts'

export interface Loaded extends LoadedInventory {
  readonly settings: Settings
  readonly place: Place
  readonly options: FleetOptions
  readonly environment: Environment
  readonly revoked: readonly Revoked[]
}

export interface Built {
  readonly fleet: Fleet
  readonly leftOut: ReadonlyMap<string, readonly Problem[]>
}

export async function buildLoaded(loaded: Loaded): Promise<Result<Built, readonly Problem[]>> {
  const { settings, inventory, decrypt, environment, place, revoked } = loaded
  const options: ResolveOptions = { environment, decrypt, known: () => undefined }
  const first = draftFleet(settings, inventory, { options, place, revoked })
  const evaluated = await evaluateRest(loaded, first, options)
  if (!evaluated.ok) return evaluated
  const { warnings } = evaluated.value
  const whole = evaluated.value.draft
  const isChosen = loaded.options.limit !== undefined
  const leftOut = isChosen ? whole.strangers : new Map<string, readonly Problem[]>()
  const draft = leftOut.size === 0 ? whole : evaluated.value.without(new Set(leftOut.keys()))
  const found = draftProblems(draft)
  const problems = draft.strangers.size === 0 ? found : [...found, whichAreDevices(loaded)]
  const local = await localPrograms(draft)
  if (!local.ok) return fail([...problems, ...local.failure])
  const untrusted = loaded.options.untrusted === true ? refuseAll(local.value) : []
  if (problems.length + untrusted.length > 0) return fail([...problems, ...untrusted])
  const fleet = withHome(draft.fleet)
  const keys = await keyFileWarnings(fleet, inventory)
  const more = [...warnings, ...local.value.map(told), ...keys]
  const judged = [...more, ...fleet.warnings].filter(({ device }) => !leftOut.has(device ?? ''))
  return ok({ fleet: { ...fleet, warnings: judged }, leftOut })
}

function whichAreDevices({ place, inventory }: Loaded): Problem {
  const groups = roleGroups.filter((name) => inventory.groups.has(name)).join(':')
  const what = 'devices: is not set, so every host of the inventory is taken for a time server'
  return {
    file: place(['devices']).file,
    line: null,
    column: null,
    what,
    fix: `name those that are: devices: ${groups}`,
  }
}

function withHome(fleet: Fleet): Fleet {
  const devices = fleet.devices.map((device) => {
    const { privateKeyFile: file } = device
    return { ...device, privateKeyFile: file === null ? null : expandHome(file) }
  })
  return { ...fleet, devices }
}

/** No mistake: whoever has no such key may plan all the same, and ssh may know another one. */
async function keyFileWarnings(fleet: Fleet, inventory: Inventory): Promise<readonly Warning[]> {
  const mistakes = new Map<string, Promise<string | null>>()
  const told = fleet.devices.map(async ({ name, privateKeyFile: file }): Promise<Warning[]> => {
    const variable = keyVariables.find((each) => positionOf(inventory, name, each) !== null)
    const at = variable === undefined ? null : positionOf(inventory, name, variable)
    if (file === null || variable === undefined || at === null) return []
    const found = mistakes.get(file) ?? privateKeyMistake(file)
    mistakes.set(file, found)
    const mistake = await found
    if (mistake === null) return []
    return [{ device: name, text: noteText({ ...at, what: `${variable}: ${mistake}`, fix: null }) }]
  })
  return (await Promise.all(told)).flat()
}

/** The first one wins. */
const keyVariables = ['ansible_ssh_private_key_file', 'ansible_private_key_file']

interface EvaluatedDraft {
  readonly draft: FleetDraft
  readonly warnings: readonly Warning[]
  /** The same without some hosts. */
  without(leftOut: ReadonlySet<string>): FleetDraft
}

/** What is not supported here is given to Ansible, if it may run and is there. */
async function evaluateRest(
  { settings, inventory, options: { untrusted, vaultPasswordFile }, options, ...rest }: Loaded,
  draft: FleetDraft,
  resolving: ResolveOptions,
): Promise<Result<EvaluatedDraft, readonly Problem[]>> {
  const { place, revoked } = rest
  const without =
    (resolveOptions: ResolveOptions): EvaluatedDraft['without'] =>
    (leftOut) =>
      draftFleet(settings, inventory, { options: resolveOptions, place, revoked, leftOut })
  const isPossible =
    draft.unsupported.size > 0 && untrusted !== true && findProgram(['ansible']) !== null
  if (!isPossible) return ok({ draft, warnings: [], without: without(resolving) })
  const wanted = new Map([...draft.unsupported].map(([host, found]) => [host, [...found.keys()]]))
  const { evaluateWithAnsible } = await import('./evaluate-with-ansible.ts')
  const sources = { sources: sourcesOf(options), passwordFiles: vaultPasswordFile ?? [] }
  const values = await evaluateWithAnsible(wanted, sources)
  if (!values.ok) return values
  const known: ResolveOptions['known'] = (host, name) => values.value.get(host)?.get(name)
  const warnings = [...draft.unsupported].flatMap(([device, found]) =>
    [...found.values()].map((problem) => ({
      device,
      text: `${noteText({ ...problem, fix: null })}; Ansible evaluated it`,
    })),
  )
  const again = draftFleet(settings, inventory, {
    options: { ...resolving, known },
    place,
    revoked,
  })
  return ok({ draft: again, warnings, without: without({ ...resolving, known }) })
}

/** What ssh is told to run, in arguments and in the files that they name. */
async function localPrograms(
  draft: FleetDraft,
): Promise<Result<readonly LocalProgram[], readonly Problem[]>> {
  if (draft.sshConfigs.length === 0) return ok(draft.programs)
  const { readText } = await import('@timeball/inventory/files/read-text.ts')
  const { readSshConfig } = await import('@timeball/inventory/connection/ssh-config.ts')
  const problems: Problem[] = []
  const programs: LocalProgram[] = [...draft.programs]
  const byPath = Map.groupBy(draft.sshConfigs, ({ path }) => path)
  for (const [path, uses] of byPath) {
    const text = readText(path)
    if (!text.ok) {
      problems.push(text.failure)
      continue
    }
    const config = readSshConfig(text.value)
    problems.push(...config.problems)
    for (const { what, file, line, column } of config.programs) {
      const at = { file, line: line ?? 1, column: column ?? 1 }
      programs.push(...uses.map(({ device }) => ({ device, what: `ssh obeys ${what}`, at })))
    }
  }
  return problems.length > 0 ? fail(problems) : ok(programs)
}

function told({ device, what, at }: LocalProgram): Warning {
  return { device, text: noteText({ ...at, what: `${what}, on this machine`, fix: null }) }
}

function refuseAll(programs: readonly LocalProgram[]): Problem[] {
  const problems = deviceProblems()
  const fix = 'With --untrusted nothing that the inventory names is run'
  for (const { device, what, at } of programs) {
    problems.add(device, { ...at, what: `${what}, on this machine`, fix })
  }
  return problems.list()
}
