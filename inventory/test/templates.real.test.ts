/**
 * Templates come to what Ansible's own Templar makes of them, by kind and byte: the two are compared
 * by Python's repr(). What is not supported here is left to Ansible and counts as no difference.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { pythonRepr } from '../src/python/format.ts'
import { noOptions, resolveVars } from '../src/resolve-vars.ts'
import { ansible } from './ansible.ts'
import { loadInventory } from './load-inventory.ts'

const { run } = ansible()

/** What the templates speak of. */
const world = `all:
  vars:
    domain: example.org
    port: 3000
    ratio: 1.0
    small: 0.25
    big: 1.0e+20
    zero: -0.0
    truth: yes
    lie: no
    nothing: ~
    empty: ""
    day: 2026-11-23
    moment: 2026-11-23 12:30:45
    zoned: 2001-12-14t21:59:43.10-05:00
    huge: 66666666666666666666
    words: "one two,three"
    listed: "[1, 'a']"
    list: [a, "{{ port }}", 2.5, {k: "{{ domain }}"}]
    numbers: [3, 1, 2, 1]
    names: [b, A, c, a]
    map: {inner: {leaf: "{{ truth }}", items_: 3}, list: [x, y], keys: 1, 5: five}
    people: [{name: ann, on: yes, age: 3}, {name: bob, age: 2}]
    whole: "{{ port }}"
    native: "{{ list | to_json }}"
    dated: [2024-01-01, 2024-01-01 10:00:00]
    tags: !unsafe "{{ not_a_template }}"
  children:
    stratum1: {hosts: {pi-gps-01: {ansible_host: 192.0.2.1, rack: 1}, pi-gps-02: {ansible_host: 192.0.2.2}}}
    stratum2: {hosts: {pi-01.example.org: {ansible_host: "10.0.0.{{ 7 }}"}}}
`

const host = 'pi-01.example.org'

/** One a line; what has line breaks is written as JSON. */
const fixed = readFileSync(`${import.meta.dirname}/templates.txt`, 'utf8')
  .split('\n')
  .slice(0, -1)
  .map((line): string => (line.startsWith('"') ? String(JSON.parse(line)) : line))

/** A grammar of expressions over the world, for those that nobody thought of. */
const expression = fc.letrec<{ any: string; atom: string }>((tie) => ({
  atom: fc.constantFrom(
    ...['port', 'ratio', 'truth', 'nothing', 'empty', 'domain', 'list', 'numbers', 'names', 'map'],
    ...['people', 'day', 'none_such', 'words', '1', '2.5', "'x'", '""', '[]', '{}', 'none', 'true'],
  ),
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('atom'),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom(
          '+',
          '-',
          '*',
          '/',
          '//',
          '%',
          '~',
          '==',
          '!=',
          '<',
          '>=',
          'in',
          'and',
          'or',
        ),
        tie('any'),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom(
          ...[
            'default(1)',
            'default("d", true)',
            'string',
            'length',
            'first',
            'last',
            'join("-")',
            'list',
          ],
          ...[
            'sort',
            'unique',
            'upper',
            'int',
            'float',
            'bool',
            'min',
            'max',
            'sum',
            'flatten',
            'reverse',
          ],
          ...[
            'dict2items',
            'trim',
            'abs',
            'to_json',
            'ternary(1, 2)',
            'replace("x", "y")',
            'count',
          ],
        ),
      )
      .map(([of, filter]) => `(${of} | ${filter})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('defined', 'none', 'string', 'number', 'mapping', 'not defined'),
      )
      .map(([of, name]) => `(${of} is ${name})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('.name', '[0]', '[-1]', '[1:]', "['inner']", '.list', '.items()'),
      )
      .map((parts) => parts.join('')),
    fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} if ${b} else ${c})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `[${a}, ${b}]`),
    fc.tuple(tie('any')).map(([a]) => `(not ${a})`),
  ),
})).any

const seed = Number(process.env['TIMEBALL_SEED'] ?? 20_261_128)
const count = Number(process.env['TIMEBALL_RUNS'] ?? 1000)
const random = fc
  .sample(fc.tuple(fc.constantFrom('', '', 'x'), expression), { seed, numRuns: count })
  .map(([before, each]) => `${before}{{ ${each} }}`)

const environment = { TB_TEST: 'from there', TB_LIST: '["a", 1]' }

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'timeball-templates-'))
})
after(async () => await rm(directory, { recursive: true }))

for (const [name, templates] of [
  ['that inventories have', fixed],
  [`made at random with seed ${seed}`, random],
] as const) {
  test(`templates ${name} come to what Ansible makes of them`, async (context) => {
    const path = join(directory, `${templates.length}.yml`)
    const names = templates.map((_, index) => `t${index}`)
    const lines = templates.map((text, index) => `    t${index}: ${JSON.stringify(text)}\n`)
    await writeFile(path, world.replace('  vars:\n', `  vars:\n${lines.join('')}`))
    const args = ['-i', path, '--', host, ...names]
    const { stdout, stderr, code } = await run({ program: 'resolve', args, environment })
    assert.equal(code, 0, stderr)
    const theirs: unknown = JSON.parse(stdout)
    assert.ok(Array.isArray(theirs))
    const inventory = await loadInventory([path])
    const resolved = resolveVars(inventory, host, names, { ...noOptions, environment })
    const differences = templates.flatMap((template, index) => {
      const found = resolved.values.get(`t${index}`)
      const mine = found === undefined ? null : pythonRepr(found.value)
      const isRefused =
        mine === null && (templates === random || resolved.unsupported.has(`t${index}`))
      // Jinja folds constants while it compiles, and Ansible takes what fails there for text.
      const isUncompiled = theirs[index] === pythonRepr(template)
      if (isRefused || isUncompiled || mine === theirs[index]) return []
      return [`${template}\n  mine:   ${mine}\n  theirs: ${String(theirs[index])}`]
    })
    assert.deepEqual(differences, [])
    const supported = resolved.values.size
    const evaluated = theirs.filter((each) => each !== null).length
    context.diagnostic(`of ${evaluated} that Ansible evaluates ${supported} are evaluated here`)
    assert.ok(supported > evaluated * 0.85, `only ${supported} of ${evaluated}`)
  })
}
