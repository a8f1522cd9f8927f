import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { withCredentials } from './credentials.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-credentials-'))
after(() => rmSync(folder, { recursive: true }))

test('keys of a credential are taken, and those of the environment count more', () => {
  writeFileSync(
    join(folder, 'keys.env'),
    '# keys\nAPI_KEY_1="one two"\nAPI_KEY_2=two\nPATH=/evil\n\nAPI_KEY_PI_1=three\n',
  )
  const found = withCredentials({ CREDENTIALS_DIRECTORY: folder, API_KEY_2: 'mine', PATH: '/bin' })
  assert.deepEqual(found, {
    CREDENTIALS_DIRECTORY: folder,
    API_KEY_1: 'one two',
    API_KEY_2: 'mine',
    API_KEY_PI_1: 'three',
    PATH: '/bin',
  })
})

test('without a credential nothing is added', () => {
  const environment = { CREDENTIALS_DIRECTORY: join(folder, 'none') }
  assert.deepEqual(withCredentials(environment), environment)
  assert.deepEqual(withCredentials({ PATH: '/bin' }), { PATH: '/bin' })
})
