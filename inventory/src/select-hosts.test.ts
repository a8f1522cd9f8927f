import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inventoryOf } from '../test/inventory-of.ts'
import { type SelectContext, filesOfPattern, selectHosts } from './select-hosts.ts'
import { globMatcher } from './select/glob.ts'
import { regexMatcher } from './select/regex.ts'

const inventory = inventoryOf(
  'all:\n  children:\n    stratum1: {hosts: {"pi-gps-[01:03]": }}\n    stratum2: {hosts: {"pi-ntp-[01:04]": }}\n' +
    '    north: {hosts: {pi-gps-01: , pi-ntp-01: , pi-ntp-02: }}\n    empty:\n',
)
const all = [...inventory.hosts.keys()]
const context: SelectContext = {
  files: new Map([['retry.txt', '# the last run\npi-ntp-04\n\npi-gps-01\n']]),
  lists: new Map([
    ['failed', ['pi-gps-02', 'pi-ntp-01']],
    ['changed', []],
    ['gone', ['pi-old-01']],
  ]),
  labels: new Map([
    [
      'site',
      new Map([
        ['ams', ['pi-gps-01', 'pi-ntp-01']],
        ['fra', ['pi-gps-02']],
      ]),
    ],
    ['rack', new Map()],
  ]),
}

function select(pattern: string): readonly string[] {
  const result = selectHosts(inventory, pattern, context)
  return result.ok
    ? result.value
    : result.failure.map(({ what, fix }) => (fix === null ? what : `${what} (${fix})`))
}

test('lists and files choose the hosts that they name', () => {
  assert.deepEqual(select('@failed'), ['pi-gps-02', 'pi-ntp-01'])
  assert.deepEqual(select('stratum1:!@failed'), ['pi-gps-01', 'pi-gps-03'])
  assert.deepEqual(select('@failed:&stratum2'), ['pi-ntp-01'])
  assert.deepEqual(select('@retry.txt'), ['pi-ntp-04', 'pi-gps-01'])
  assert.deepEqual(filesOfPattern('a:!@failed:@x/y.txt'), ['failed', 'x/y.txt'])
  assert.deepEqual(filesOfPattern('a,!@failed,@x/y.txt'), ['failed', 'x/y.txt'])
})

test('LABEL=VALUE is what has that value', () => {
  assert.deepEqual(select('site=ams'), ['pi-gps-01', 'pi-ntp-01'])
  assert.deepEqual(select('all:!site=ams:&north'), ['pi-ntp-02'])
  assert.deepEqual(select('site=asm'), ['nothing has site=asm (Did you mean ams?)'])
  assert.deepEqual(select('site=x1'), ['nothing has site=x1 (Known here: ams, fra)'])
  assert.deepEqual(select('sight=ams'), ['there is no label "sight" (Known here: site, rack)'])
})

test('what matches nothing is an error with the nearest names', () => {
  assert.match(
    select('pi-gsp-01').join(),
    /no host or group matches "pi-gsp-01" \(Did you mean pi-gps-01/,
  )
  assert.match(select('@faild').join(), /no file or list "faild" \(Did you mean @failed\?\)/)
  assert.match(select('@changed').join(), /@changed names no host/)
  assert.match(select('@gone').join(), /no host or group matches "pi-old-01"/)
  assert.match(select('empty').join(), /no host is left by the pattern/)
  assert.match(select('pi-gps-[02:05]').join(), /no host is named "pi-gps-04"/)
  assert.match(select('  ').join(), /the pattern is empty/)
  assert.match(select('~pi-(').join(), /a \( that is not closed/)
})

const term = fc.constantFrom(
  'all',
  'stratum1',
  'stratum2',
  'north',
  'pi-gps-*',
  '*-01',
  '~.*ntp.*',
  'pi-ntp-03',
  'stratum2[0:1]',
  '@failed',
)

function setOf(pattern: string): Set<string> {
  const result = selectHosts(inventory, pattern, context)
  return new Set(result.ok ? result.value : [])
}

test('patterns are sets: comma is union, & intersection, ! difference', () => {
  fc.assert(
    fc.property(term, term, term, (a, b, c) => {
      assert.deepEqual(setOf(`${a},${b}`), setOf(a).union(setOf(b)))
      assert.deepEqual(setOf(`${a},&${b}`), setOf(a).intersection(setOf(b)))
      assert.deepEqual(setOf(`${a},!${b}`), setOf(a).difference(setOf(b)))
      assert.deepEqual(setOf(`!${b},${a}`), setOf(`${a},!${b}`))
      assert.deepEqual(setOf(`${a},!${b},!${c}`), setOf(`${a},!${c}`).difference(setOf(b)))
      assert.deepEqual(setOf(`!${a}`), new Set(all).difference(setOf(a)))
    }),
  )
})

test('no pattern makes the selection throw, and a selection has known hosts, each once', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc
          .array(fc.constantFrom(...Array.from('all:,!&~[]()*+?|^$\\{}0123-@=pi.')), {
            maxLength: 30,
          })
          .map((each) => each.join('')),
      ),
      (pattern) => {
        const result = selectHosts(inventory, pattern, context)
        if (!result.ok) return assert.ok(result.failure.length > 0)
        assert.ok(
          result.value.length > 0 && result.value.every((host) => inventory.hosts.has(host)),
        )
        return assert.equal(new Set(result.value).size, result.value.length)
      },
    ),
    { numRuns: 3000 },
  )
})

test('hostile globs and expressions end at once', () => {
  const text = 'a'.repeat(250)
  assert.equal(globMatcher(`${'*a'.repeat(100)}b`)(text), false)
  for (const pattern of ['(a+)+b', '(a|a)*b', '(a*)*b', 'a{0,300}a{0,300}b', '((a?)*)*b']) {
    const matcher = regexMatcher(pattern)
    assert.ok(matcher.ok, pattern)
    assert.equal(matcher.value(text), false)
  }
  assert.equal(regexMatcher('((((a{300}){300}){300}){300})').ok, false)
})

test('expressions match as those of JavaScript do, from the start', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    '(a|b)',
    '(ab)',
    '(|a)',
    '\\w',
    '$',
    '^',
  )
  const repeated = fc
    .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,}'))
    .map(([part, times]) => (part === '$' || part === '^' ? part : part + times))
  const pattern = fc.array(repeated, { maxLength: 5 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      pattern,
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }),
      (source, letters) => {
        const matcher = regexMatcher(source)
        assert.ok(matcher.ok)
        assert.equal(
          matcher.value(letters.join('')),
          new RegExp(`^(?:${source})`).test(letters.join('')),
        )
      },
    ),
    { numRuns: 2000 },
  )
})
