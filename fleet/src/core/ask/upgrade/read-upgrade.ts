/** What a device answers to the scripts of `upgrade`. */
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Failure } from '../../failure.ts'

export interface PackageStep {
  readonly name: string
  /** `null`: it is not there yet. */
  readonly from: string | null
  readonly to: string
  readonly isSecurity: boolean
  /** `to` is the older version. */
  readonly isOlder: boolean
}

export interface DeviceUpgrade {
  readonly steps: readonly PackageStep[]
  /** Packages that have a newer version and stay as they are. */
  readonly held: number
  /** It has to be rebooted for what is installed already. */
  readonly rebootRequired: boolean
  /** Why its lists are not fresh, printable; `null`: they are. */
  readonly stale: string | null
}

/** `Inst NAME [FROM] (TO ORIGIN, ORIGIN [ARCHITECTURE])`, as apt-get -s has it; words go to a shell again. */
const line =
  /^Inst ([a-z0-9][a-z0-9+.:-]{0,200}) (?:\[([A-Za-z0-9.+:~-]{1,200})\] )?\(([A-Za-z0-9.+:~-]{1,200}) ([^)]{0,1000})\)/

/** No device has more, and a plan of it has an end. */
const mostSteps = 5_000

export function readUpgradePlan(output: string): Result<DeviceUpgrade, Failure> {
  const said = readSaid(output)
  const trouble = troubleIn(said)
  if (trouble !== null) return fail(trouble)
  if (said.one('end') !== 'planned') {
    return fail({ code: 'protocol', detail: 'it does not say what would be upgraded' })
  }
  const older = new Set(said.all('older'))
  const steps = output.split('\n').flatMap((text): PackageStep[] => {
    const [, name, from = null, to, origins = ''] = line.exec(text) ?? []
    if (name === undefined || to === undefined) return []
    const isSecurity = /security/i.test(origins)
    return [{ name, from, to, isSecurity, isOlder: older.has(name) }]
  })
  if (steps.length > mostSteps) return fail({ code: 'output-too-large', detail: '' })
  return ok({
    steps: steps.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    held: Number(said.one('held') ?? 0),
    rebootRequired: said.one('reboot_required') !== null,
    stale: said.one('lists'),
  })
}

/** Of a run that ended well: whether the device asks for a reboot. */
export function readUpgradeEnd(output: string): Result<{ rebootRequired: boolean }, Failure> {
  const said = readSaid(output)
  if (said.one('exit') === '75') {
    return fail({ code: 'locked', detail: 'another operation holds the device' })
  }
  if (said.one('cut') !== null) {
    return fail({ code: 'upgrade-failed', detail: 'apt was cut short, by a power cut perhaps' })
  }
  const trouble = troubleIn(said)
  if (trouble !== null) return fail(trouble)
  const exit = said.one('exit')
  if (said.one('end') !== 'done' || exit === null) {
    return fail({ code: 'protocol', detail: 'it does not say how the upgrade ended' })
  }
  if (exit === '0') return ok({ rebootRequired: said.one('reboot_required') !== null })
  return fail({ code: 'upgrade-failed', detail: said.one('errors') || `apt-get: exit ${exit}` })
}

/**
 * What takes effect with a boot only: the kernel, the firmware, and libraries that every running
 * program keeps in memory.
 */
export function needsReboot({ steps, rebootRequired }: DeviceUpgrade): boolean {
  return rebootRequired || steps.some(({ name }) => bootNames.test(name))
}

const bootNames =
  /^(?:linux-image-|raspberrypi-kernel|raspberrypi-bootloader|raspi-firmware|rpi-eeprom|libc6(?::|$)|dbus(?::|$))/

/** `NAME=VERSION` of each. */
export function wordsOf(steps: readonly PackageStep[]): readonly string[] {
  return steps.map(({ name, to }) => `${name}=${to}`)
}

interface Said {
  one(key: string): string | null
  all(key: string): readonly string[]
}

function readSaid(output: string): Said {
  const pairs = output.split('\n').flatMap((text): (readonly [string, string])[] => {
    const [, key, value = ''] = /^([a-z_]{1,20})=(.*)$/.exec(text) ?? []
    return key === undefined ? [] : [[key, printable(value, 1000).trim()]]
  })
  const all = (key: string): string[] => pairs.flatMap(([own, value]) => (own === key ? value : []))
  return { all, one: (key) => all(key)[0] ?? null }
}

function troubleIn(said: Said): Failure | null {
  const half = said.one('half')
  if (half !== null) {
    return { code: 'upgrade-failed', detail: `an installation was cut short: ${half}` }
  }
  const trouble = said.one('trouble')
  if (trouble === null) return null
  const code = /could not get lock|unable to (?:acquire|lock)/i.test(trouble)
    ? 'apt-busy'
    : 'upgrade-failed'
  return { code, detail: trouble || 'apt-get does not say why' }
}
