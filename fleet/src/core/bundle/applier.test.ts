import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { applierOf, applierParts, isMode, modes, partFile } from './applier.ts'

const folder = join(import.meta.dirname, '../../device/applier')
const texts = new Map(
  applierParts.map((part) => [part, readFileSync(join(folder, partFile(part)), 'utf8')]),
)
const applier = applierOf(texts)

function functionsOf(text: string): string[] {
  return [...text.matchAll(/^([a-z_]+)\(\) \{/gm)].map((match) => match[1] ?? '')
}

/** All words outside of comments. */
function wordsOf(text: string): ReadonlySet<string> {
  const code = text.replaceAll(/^\s*#.*$|\s# .*$/gm, '')
  return new Set(code.match(/[a-z_]+/g))
}

test('every file of the applier is a part, and no function is defined twice', () => {
  assert.deepEqual(
    readdirSync(folder).toSorted(),
    applierParts.map((part) => partFile(part)).toSorted(),
  )
  const functions = [...texts.values()].flatMap((text) => functionsOf(text))
  assert.equal(new Set(functions).size, functions.length)
})

for (const mode of modes.filter((each) => each !== 'ask')) {
  test(`the program of ${mode} has its mode, begins and ends, and calls nothing that it lacks`, () => {
    const program = applier(mode).text
    assert.ok(program.startsWith('#!/bin/sh\n'))
    assert.ok(program.endsWith('main "$@"\n'))
    const own = new Set(functionsOf(program))
    assert.ok(own.has(`mode_${mode.replace('-', '_')}`))
    const words = wordsOf(program)
    const others = [...texts.values()].flatMap((text) => functionsOf(text))
    const lacking = others.filter((name) => words.has(name) && !own.has(name))
    assert.deepEqual(lacking, [])
  })
}

test('a look carries less than half of the applier', () => {
  const whole = [...texts.values()].join('').length
  assert.ok(applier('observe').text.length < whole / 2)
})

test('a mode is one of those that a device knows', () => {
  assert.ok(isMode('shadow-up'))
  for (const word of ['', 'reboots', 'constructor']) assert.equal(isMode(word), false)
})
