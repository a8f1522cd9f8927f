/** Fleets of many shapes, without the text of an inventory. */
import fc from 'fast-check'
import { deviceOf, fleetOf, settingsOf } from '../../../../../test/make-fleet.ts'
import type { Device, Role } from '../../../device/device.ts'
import type { Fleet } from '../../../fleet/fleet.ts'

interface Shape {
  readonly name: string
  readonly role: Role
  readonly site: string | null
  /** Names. */
  readonly follows: readonly string[]
}

const model = deviceOf(fleetOf(), 'pi-ntp-01')

export function fleetOfShapes(shapes: readonly Shape[], settingsText = ''): Fleet {
  const devices = shapes.map(({ name, role, site, follows }): Device => ({
    ...model,
    name,
    role,
    site,
    address: `${name}.example`,
    ntpServers: follows.map((source) => `${source}.example`),
  }))
  return { name: 'fleet', settings: settingsOf(settingsText), devices, revoked: [], warnings: [] }
}

/** Every follower follows every source. */
export function starFleet(
  { sources, followers, sites = 1 }: { sources: number; followers: number; sites?: number },
  settingsText = '',
): Fleet {
  const shapes = (role: Role, prefix: string, count: number): Shape[] =>
    Array.from({ length: count }, (_, index) => {
      const site = sites === 1 ? null : `site-${index % sites}`
      return { name: `${prefix}-${index}`, role, site, follows: [] }
    })
  const upper = shapes('stratum1', 'gps', sources)
  const follows = upper.map(({ name }) => name)
  const lower = shapes('stratum2', 'ntp', followers).map((shape) => ({ ...shape, follows }))
  return fleetOfShapes([...upper, ...lower], settingsText)
}

/** Any role and site. Without circles devices follow some of those before them in the fleet. */
export function randomFleets(circles: 'none' | 'any' = 'none'): fc.Arbitrary<Fleet> {
  const device = fc.record({
    role: fc.constantFrom<Role>('stratum1', 'stratum2'),
    site: fc.constantFrom(null, 'berlin', 'graz', 'oslo'),
    follows: fc.array(fc.nat(20), { maxLength: 4 }),
  })
  const canary = fc.record({
    per: fc.constantFrom('role', 'site', 'fleet'),
    count: fc.nat(3),
    keep: fc.nat(2),
  })
  return fc.tuple(fc.array(device, { minLength: 1, maxLength: 20 }), canary).map(([rows, chosen]) =>
    fleetOfShapes(
      rows.map(({ role, site, follows }, index) => {
        const bound = circles === 'any' ? rows.length : index
        const sources = new Set(bound === 0 ? [] : follows.map((each) => `pi-${each % bound}`))
        return { name: `pi-${index}`, role, site, follows: [...sources] }
      }),
      `rollout: { canary: { per: ${chosen.per}, count: ${chosen.count} }, diversity: { keep_previous: ${chosen.keep} } }\n`,
    ),
  )
}
