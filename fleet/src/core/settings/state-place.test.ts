import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statePlace } from './state-place.ts'

function mistakeOf(text: string): string | null {
  const read = statePlace.safeParse(text)
  return read.success ? null : (read.error.issues[0]?.message ?? '')
}

test('stores by name, and databases by their URL', () => {
  for (const text of [
    'sqlite',
    'memory',
    'postgres://timeball@db.example:5433/fleet?sslmode=verify-full',
    'postgresql:///fleet?host=/run/postgresql&schema=north',
  ]) {
    assert.equal(mistakeOf(text), null, text)
  }
})

test('no password is in a file of settings', () => {
  for (const text of ['postgres://a:b@db/fleet', 'postgres:///fleet?password=b']) {
    assert.match(mistakeOf(text) ?? '', /PGPASSWORD/)
  }
})

test('half a URL is none', () => {
  for (const text of ['postgres', 'postgres://db', 'postgres://db/', 'postgres://db/a b']) {
    assert.match(mistakeOf(text) ?? '', /USER@HOST\/DATABASE is wanted/, text)
  }
})
