/** Whatever people are told to type exists: commands and options in messages, help and documents. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseSync, Visitor } from 'oxc-parser'
import { runProgram } from '../src/cli/program.ts'
import type { Terminal } from '../src/cli/terminal.ts'

const root = join(import.meta.dirname, '../..')
const groups = [
  'backup',
  'rollout',
  'monitoring',
  'device',
  'image',
  'secrets',
  'keys',
  'access',
  'gps',
  'export',
  'state',
  'schedules',
  'token',
  'audit',
] as const

function never(): never {
  assert.fail('help opens nothing')
}

async function helpOf(...words: readonly string[]): Promise<string> {
  const lines: string[] = []
  const terminal: Terminal = {
    out: (line) => void lines.push(line),
    say: (line) => void lines.push(line),
    outStyled() {},
    progress() {},
    clear() {},
    hide() {},
    confirm: () => Promise.resolve(null),
    askHidden: () => Promise.resolve(null),
    readHidden: () => Promise.resolve(null),
    color: false,
    width: null,
    isInteractive: false,
  }
  const shell = { version: '0', terminal, environment: {}, enterFolder: never, open: never }
  await runProgram([...words, '--help'], shell, { demo: never, lab: never })
  return lines.join('\n')
}

/** In whatever groups they stand; below them are examples, which begin with the program's name. */
function commandsIn(help: string): string[] {
  return [...help.matchAll(/^ {2}(?!timeball)([a-z]+)/gm)].map(([, name = '']) => name)
}

/** The help of each command, by its words: `health`, `rollout`, `rollout resume`. */
async function commandTree(): Promise<ReadonlyMap<string, string>> {
  const tree = new Map<string, string>()
  const top = await helpOf()
  for (const name of commandsIn(top)) tree.set(name, await helpOf(name))
  for (const group of groups) {
    for (const name of commandsIn(tree.get(group) ?? '')) {
      tree.set(`${group} ${name}`, await helpOf(group, name))
    }
  }
  return tree.set('', top)
}

const tree = await commandTree()

/** Not the account of this name, nor the label of a key. */
const mention =
  /(?<!\w|\w\/|account )timeball (?!salt 1)([a-z]+)(?: (?!says\b)([a-z]+))?([^`\n"']*)/g

/** What is wrong with each `timeball …` in a text. */
function mistakesIn(text: string): string[] {
  return [...text.matchAll(mention)].flatMap(([whole, first = '', second = '', rest = '']) => {
    if (!tree.has(first)) return [whole]
    const isGroup = groups.some((group) => group === first)
    if (isGroup && second !== '' && !tree.has(`${first} ${second}`)) return [whole]
    const help = tree.get(isGroup && second !== '' ? `${first} ${second}` : first) ?? ''
    const own = rest.split(/[;|:)]|timeball/)[0] ?? ''
    const options = [...own.matchAll(/(?<= )--[a-z][a-z-]*/g)].map(([option]) => option)
    return options
      .filter((option) => !help.includes(option) && option !== '--directory')
      .map((option) => `${whole}: ${option}`)
  })
}

function textsOf(path: string): string[] {
  const source = readFileSync(path, 'utf8')
  const texts: string[] = []
  new Visitor({
    Literal(node) {
      if (typeof node.value === 'string') texts.push(node.value)
    },
    TemplateElement: ({ value }) => void texts.push(value.cooked ?? value.raw),
  }).visit(parseSync(path, source).program)
  return texts
}

/** Code of a Markdown page: blocks and spans. */
function codeIn(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```\w*\n([^]*?)^```/gm)].map(([, code = '']) => code)
  const prose = markdown.replaceAll(/^```\w*\n[^]*?^```/gm, '')
  return [...blocks, ...[...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)]
}

function wrongIn(paths: readonly string[], texts: (path: string) => string[]): string[] {
  assert.ok(paths.length > 0)
  return paths.flatMap((path) =>
    texts(join(root, path)).flatMap((text) => mistakesIn(text).map((what) => `${path}: ${what}`)),
  )
}

test('every hint in the source names a command that exists, with options that it has', () => {
  const paths = globSync('{fleet,inventory,lab,lib}/**/*.ts', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**', '**/.cache/**', '**/*.test.ts', '**/test/**'],
  })
  assert.deepEqual(wrongIn(paths, textsOf), [])
})

test('so do the pages', () => {
  const paths = globSync('{*.md,docs/**/*.md,lab/*.md,time-server/*.md}', { cwd: root })
  assert.deepEqual(
    wrongIn(paths, (path) => codeIn(readFileSync(path, 'utf8'))),
    [],
  )
})

test('and the help of each command', () => {
  for (const [command, help] of tree) assert.deepEqual(mistakesIn(help), [], command)
})

test('the help of each command has examples of it', () => {
  // commander's own word in groups is help itself.
  for (const [command, help] of [...tree].filter(([name]) => !name.endsWith(' help'))) {
    const [, lines = ''] = help.split('\nExamples:\n')
    assert.match(lines, new RegExp(`^ {2}timeball ${command}`), command)
  }
})

test('a command or an option that does not exist is found', () => {
  assert.deepEqual(mistakesIn('see timeball trust pi-1'), ['timeball trust pi-1'])
  assert.equal(mistakesIn('timeball rollout undo').length, 1)
  assert.equal(mistakesIn('timeball health --forever').length, 1)
  assert.deepEqual(mistakesIn('timeball rollout start --why x; timeball health --watch'), [])
})
