import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultImage } from '../core/desired/settings.ts'
import { refuseImage } from './problems.ts'
import type { Terminal } from './terminal.ts'

function saidOf(ref: string): string {
  const said: string[] = []
  const terminal: Terminal = {
    out: () => {},
    say: (line) => said.push(line),
    outStyled: () => {},
    progress: () => {},
    clear: () => {},
    hide: () => {},
    confirm: async () => null,
    askHidden: () => Promise.resolve(null),
    readHidden: () => Promise.resolve(null),
    color: false,
    width: null,
    isInteractive: false,
  }
  assert.equal(refuseImage(terminal, { kind: 'image', ref, detail: 'no such host' }), 1)
  return said.join('\n')
}

test('an image that does not resolve is to be checked', () => {
  assert.match(saidOf('10.0.0.5/time:1'), /: 10\.0\.0\.5\/time:1: no such host\n {4}check image in/)
})

test('who has not built the image of the fleet is told what makes it', () => {
  assert.match(saidOf(defaultImage), /no such host\n {4}timeball image build makes it/)
})
