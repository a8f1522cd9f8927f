import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldNames } from './names.ts'

const cases = [
  { names: [], shown: '' },
  { names: ['pi'], shown: 'pi' },
  { names: ['pi-1'], shown: 'pi-1' },
  { names: ['pi-ntp-01', 'pi-ntp-02'], shown: 'pi-ntp-[01-02]' },
  { names: ['pi-3', 'pi-1', 'pi-2', 'x'], shown: 'pi-[1-3], x' },
  { names: ['pi-1', 'pi-2', 'pi-5'], shown: 'pi-[1-2,5]' },
  { names: ['pi-08', 'pi-09', 'pi-10', 'pi-11'], shown: 'pi-[08-11]' },
  { names: ['pi-9', 'pi-10'], shown: 'pi-[9-10]' },
  { names: ['pi-1', 'pi-01'], shown: 'pi-01, pi-1' },
  { names: ['pi-1', 'pi-1'], shown: 'pi-1' },
  { names: ['a1.example', 'a2.example', 'b1.example'], shown: 'a[1-2].example, b1.example' },
  { names: ['rack1-pi2', 'rack1-pi3', 'rack2-pi2'], shown: 'rack1-pi[2-3], rack2-pi2' },
  {
    names: ['serial-12345678901', 'serial-12345678902'],
    shown: 'serial-12345678901, serial-12345678902',
  },
]
for (const { names, shown } of cases) {
  test(`${names.join(' ') || 'no names'} are shown as "${shown}"`, () => {
    assert.equal(foldNames(names), shown)
  })
}

/** What the brackets stand for. */
function expand(folded: string): string[] {
  return folded.split(/, /).flatMap((part) => {
    const [, prefix = '', spans, suffix = ''] = /^(.*)\[(.*)\](.*)$/.exec(part) ?? []
    if (spans === undefined) return part === '' ? [] : [part]
    return spans.split(',').flatMap((span) => {
      const [from = '', to = from] = span.split('-')
      const count = Number(to) - Number(from) + 1
      return Array.from({ length: count }, (_, index) => {
        const number = String(Number(from) + index).padStart(from.length, '0')
        return `${prefix}${number}${suffix}`
      })
    })
  })
}

test('what is folded expands to the same names, and nothing else', () => {
  const name = fc
    .tuple(
      fc.constantFrom('pi', 'pi-', 'a.', ''),
      fc.oneof(fc.nat(120).map(String), fc.constantFrom('', '01', '02', '09', '007', '0', '00')),
      fc.constantFrom('', '-x', '.lan'),
    )
    .map((parts) => parts.join(''))
    .filter((text) => text !== '')
  fc.assert(
    fc.property(fc.array(name), (names) => {
      assert.deepEqual(expand(foldNames(names)).toSorted(), [...new Set(names)].toSorted())
    }),
    { numRuns: 2000 },
  )
})
