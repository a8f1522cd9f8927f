import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Answer, Answered } from './answer.ts'
import { foldAnswers, linesOfFold, troubleOfAnswers } from './fold.ts'
import { scriptOf } from './shell-words.ts'

function said(device: string, output: string, more: Partial<Answer> = {}): Answered {
  const answer = { exit: 0, output, isInTime: true, leftOutBytes: 0, ...more }
  return { device, result: ok(answer) }
}

const silent: Answered = {
  device: 'pi-4',
  result: fail({ code: 'unreachable', detail: 'no route' }),
}

test('devices that say the same are one paragraph, the many first', () => {
  const answers = [said('pi-3', 'no\n'), said('pi-1', 'yes\n'), said('pi-2', 'yes\n'), silent]
  assert.deepEqual(foldAnswers(answers).map(linesOfFold), [
    ['pi-[1-2] (2):', '  yes'],
    ['pi-3:', '  no'],
  ])
})

test('the same words with another exit code are another answer', () => {
  const answers = [said('pi-1', 'x\n'), said('pi-2', 'x\n', { exit: 1 })]
  assert.deepEqual(foldAnswers(answers).map(linesOfFold), [
    ['pi-1:', '  x'],
    ['pi-2: exit 1', '  x'],
  ])
})

test('no device can print a line that looks like one of another', () => {
  const [fold] = foldAnswers([said('pi-1', 'pi-2: exit 1\nx\n')])
  assert.ok(fold !== undefined)
  assert.ok(
    linesOfFold(fold)
      .slice(1)
      .every((line) => line.startsWith('  ')),
  )
})

test('at the end stands who failed and why, alike ones together', () => {
  const answers = [
    said('pi-0', ''),
    said('pi-1', 'x', { exit: 2 }),
    said('pi-2', 'y', { exit: 2 }),
    said('pi-3', '', { exit: 143, isInTime: false }),
    silent,
  ]
  assert.deepEqual(
    troubleOfAnswers(answers, ({ detail }) => detail),
    [
      'pi-[1-2] (2): exit 2',
      'pi-3: it took too long and was ended; --timeout gives it more',
      'pi-4: no route',
    ],
  )
})

test('one word is a line for the shell, several are a program with exactly these arguments', () => {
  assert.equal(scriptOf(['df | tail -1']), 'df | tail -1')
  assert.equal(scriptOf(['echo', 'a b', "it's", '$HOME', '']), `echo 'a b' 'it'\\''s' '$HOME' ''`)
})
