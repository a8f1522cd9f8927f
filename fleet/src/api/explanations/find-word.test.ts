import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodes } from '../exit-codes.ts'
import { findAlert, findWord, vocabularies, wordsLike } from './find-word.ts'

test('a word that has several meanings is explained in each', () => {
  const kinds = findWord('falseticker').map(({ kind }) => kind)
  assert.deepEqual(kinds, ['verdict of clock', 'fault of clock'])
  assert.deepEqual(
    findWord('ROLLED-back').map(({ word }) => word),
    ['rolled_back'],
  )
})

test('an alert is found with and without the prefix that the fleet gave it', () => {
  for (const name of ['GpsFixLost', 'gpsfixlost', 'TimeballGpsFixLost', 'Time_GpsFixLost']) {
    assert.equal(findAlert(name), 'GpsFixLost')
  }
  assert.equal(findAlert('GpsFix'), null)
})

test('every exit code is explained, and a word that is none has its nearest ones', () => {
  for (const code of Object.values(exitCodes)) assert.equal(findWord(String(code)).length, 1)
  assert.deepEqual(findWord('falsetiker'), [])
  assert.deepEqual(wordsLike('falsetiker'), ['falseticker', 'Falseticker'])
})

test('sentences end with a full stop, and say what to do where something is wrong', () => {
  for (const { kind, words } of vocabularies) {
    for (const [word, { means }] of words) assert.match(means, /\.$/, `${kind} ${word}`)
  }
})
