import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Member } from '../plan.ts'
import { membersOf } from './members.ts'
import { orderDevices } from './order-devices.ts'
import { spreadSites } from './spread-sites.ts'
import { fleetOfShapes, starFleet } from './test/random-fleet.ts'

function namesOf(members: readonly Member[]): string[] {
  return members.map(({ device }) => device)
}

function shape(name: string, follows: readonly string[], site: string | null = null) {
  const role = name.startsWith('gps') ? 'stratum1' : 'stratum2'
  return { name, role, site, follows } as const
}

function ordered(follows: Readonly<Record<string, readonly string[]>>): string[] {
  const shapes = Object.entries(follows).map(([name, sources]) => shape(name, sources))
  return namesOf(orderDevices(membersOf(fleetOfShapes(shapes).devices)))
}

test('who follows is known by name, and strangers are told apart', () => {
  const fleet = fleetOfShapes([shape('gps', ['other']), shape('ntp', ['gps', 'ntp', 'pool'])])
  assert.deepEqual(
    membersOf(fleet.devices).map(({ upstreams, hasOutsideSources }) => ({
      upstreams,
      hasOutsideSources,
    })),
    [
      { upstreams: [], hasOutsideSources: true },
      { upstreams: ['gps'], hasOutsideSources: true },
    ],
  )
})

test('a chain moves from its end, and stratum 1 after all of stratum 2', () => {
  assert.deepEqual(ordered({ gps: [], alone: [], one: ['gps'], two: ['one'], 'gps-2': [] }), [
    'alone',
    'two',
    'one',
    'gps',
    'gps-2',
  ])
})

test('servers that follow each other have no order, and a circle is entered on it', () => {
  assert.deepEqual(ordered({ 'gps-1': ['gps-2'], 'gps-2': ['gps-1'] }), ['gps-1', 'gps-2'])
  assert.deepEqual(ordered({ gps: ['b'], b: ['c'], c: ['gps'], end: ['gps'] }), [
    'end',
    'b',
    'c',
    'gps',
  ])
})

test('who is followed by a circle comes after it', () => {
  const order = ordered({ source: [], a: ['b', 'source'], b: ['c', 'source'], c: ['a', 'source'] })
  assert.deepEqual(order, ['a', 'b', 'c', 'source'])
})

test('whatever follows whom, each device has one place', () => {
  const links = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 40 })
  fc.assert(
    fc.property(links, (pairs) => {
      const names = Array.from({ length: 10 }, (_, index) =>
        index < 3 ? `gps${index}` : `n${index}`,
      )
      const shapes = names.map((name, index) =>
        shape(
          name,
          pairs.flatMap(([from, to]) => (from === index ? (names[to] ?? []) : [])),
        ),
      )
      const order = namesOf(orderDevices(membersOf(fleetOfShapes(shapes).devices)))
      assert.deepEqual(order.toSorted(), names.toSorted())
    }),
  )
})

test('a ring of ten thousand devices is ordered', () => {
  const count = 10_000
  const shapes = Array.from({ length: count }, (_, i) => shape(`n${i}`, [`n${(i + 1) % count}`]))
  assert.equal(new Set(orderDevices(membersOf(fleetOfShapes(shapes).devices))).size, count)
})

test('neighbours of one site are apart wherever the numbers allow it', () => {
  const sites = fc.array(fc.nat(5), { maxLength: 40 })
  fc.assert(
    fc.property(sites, (chosen) => {
      const shapes = chosen.map((site, index) => shape(`n${index}`, [], `site-${site}`))
      const spread = spreadSites(membersOf(fleetOfShapes(shapes).devices), undefined)
      assert.equal(new Set(spread).size, chosen.length)
      const most = Math.max(
        0,
        ...Map.groupBy(chosen, (site) => site)
          .values()
          .map((g) => g.length),
      )
      const together = spread.filter(({ site }, index) => spread[index - 1]?.site === site).length
      assert.equal(together, Math.max(0, most - (chosen.length - most) - 1))
    }),
  )
})

test('a level begins at another site than the one before it ended', () => {
  const shapes = [
    shape('gps-1', [], 'a'),
    shape('gps-2', [], 'b'),
    shape('ntp', ['gps-1', 'gps-2'], 'a'),
  ]
  assert.deepEqual(namesOf(orderDevices(membersOf(fleetOfShapes(shapes).devices))), [
    'ntp',
    'gps-2',
    'gps-1',
  ])
})

test('each site in turn, however many there are', () => {
  const order = orderDevices(membersOf(starFleet({ sources: 0, followers: 12, sites: 4 }).devices))
  const turns = [0, 4, 8].map(
    (from) => new Set(order.slice(from, from + 4).map(({ site }) => site)),
  )
  assert.deepEqual(
    turns.map(({ size }) => size),
    [4, 4, 4],
  )
})
