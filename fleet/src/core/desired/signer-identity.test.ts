import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIdentity } from './signer-identity.ts'

const issuer = 'https://token.actions.githubusercontent.com'
const workflow = 'https://github.com/o/r/.github/workflows/release.yml@refs/tags/v1.2.3'

for (const [pattern, isMeant] of [
  [workflow, true],
  [workflow.slice(0, -1), false],
  [`${workflow}0`, false],
  ['https://github.com/o/r/.github/workflows/release.yml@refs/tags/v*', true],
  ['https://github.com/o/*/release.yml@refs/tags/*', true],
  ['https://github.com/o/*/release.yml@refs/heads/*', false],
  ['https://github.com/o/r/*/workflows/release.yml', false],
  ['github.com/o/r/*', false],
  ['*', true],
  ['https://github.com/*@refs/tags/v1.2.3@refs/tags/v1.2.3', false],
  ['https://github.com/o/r/.', false],
] as const) {
  test(`${pattern} ${isMeant ? 'is' : 'is not'} that workflow`, () => {
    assert.equal(isIdentity({ issuer, identity: pattern }, { issuer, identity: workflow }), isMeant)
  })
}

test('the same identity of another issuer is another one', () => {
  const other = { issuer: 'https://issuer.example', identity: workflow }
  assert.equal(isIdentity({ issuer, identity: '*' }, other), false)
})
