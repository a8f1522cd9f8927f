import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pathOf, routeFinder } from './paths.ts'

const find = routeFinder(
  new Map([
    ['/health', 'health'],
    ['/api/time', 'time'],
    ['/api/time/timezone/{tz}', 'zone'],
  ]),
  'none',
)

for (const [target, route, name] of [
  ['/health', 'health', '/health'],
  ['/health?verbose', 'health', '/health'],
  ['/health#x', 'health', '/health'],
  ['http://192.0.2.1:3000/health', 'health', '/health'],
  ['HTTPS://pi.example/health?x=http://y/', 'health', '/health'],
  ['/api/time/timezone/Europe/Berlin', 'zone', '/api/time/timezone/{tz}'],
  ['/api/time/timezone', 'none', 'other'],
  ['http://192.0.2.1', 'none', 'other'],
  ['/health/', 'none', 'other'],
  ['//health', 'none', 'other'],
  ['*', 'none', 'other'],
  ['', 'none', 'other'],
] as const) {
  test(`${target || 'nothing'} is ${route}`, () => {
    assert.deepEqual(find(target), { name, route })
  })
}

test('a path has neither query nor server in it, whatever was asked', () => {
  fc.assert(fc.property(fc.string(), (target) => !pathOf(target).includes('?')))
  assert.equal(pathOf('http://192.0.2.1?x'), '/')
})
