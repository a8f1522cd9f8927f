import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { dockerLogin } from './docker-login.ts'

let folder = ''
const path = process.env['PATH']

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timeball-docker-'))
  const helper = `#!/bin/sh
read -r registry
case $registry in
  private.example) echo '{"ServerURL":"private.example","Username":"ada","Secret":"s3cret"}' ;;
  token.example) echo '{"ServerURL":"token.example","Username":"<token>","Secret":"s3cret"}' ;;
  locked.example) echo 'the keychain is locked' >&2; exit 1 ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`
  await writeFile(join(folder, 'docker-credential-trial'), helper)
  await chmod(join(folder, 'docker-credential-trial'), 0o755)
  process.env['PATH'] = `${folder}${delimiter}${path}`
})
after(async () => {
  process.env['PATH'] = path
  await rm(folder, { recursive: true })
})

async function loginAt(registry: string, config: unknown): Promise<unknown> {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  await writeFile(join(folder, 'config.json'), text)
  const found = await dockerLogin(registry, { DOCKER_CONFIG: folder })
  return found.ok ? found.value : found.failure.replaceAll(folder, '')
}

const ada = { user: 'ada', password: 's3cret' }
const identity = (password: string) => ({
  user: 'the identity that it keeps',
  ...{ password, kind: 'identity token' },
})
const auth = Buffer.from('ada:s3cret').toString('base64')

for (const { name, registry, config, expected } of [
  {
    name: 'a login in the file',
    registry: 'private.example:5000',
    config: { auths: { 'private.example:5000': { auth } } },
    expected: ada,
  },
  {
    name: 'the login at Docker Hub',
    registry: 'docker.io',
    config: { auths: { 'https://index.docker.io/v1/': { auth } } },
    expected: ada,
  },
  {
    name: "another registry's login is not sent",
    registry: 'other.example',
    config: { auths: { 'private.example': { auth } } },
    expected: null,
  },
  {
    name: 'a helper of one registry',
    registry: 'private.example',
    config: { credHelpers: { 'private.example': 'trial' }, credsStore: 'missing' },
    expected: ada,
  },
  {
    name: 'a store of all',
    registry: 'private.example',
    config: { auths: { 'private.example': {} }, credsStore: 'trial' },
    expected: ada,
  },
  {
    name: 'a store that has none of this registry',
    registry: 'other.example',
    config: { credsStore: 'trial' },
    expected: null,
  },
  {
    name: 'a store that fails is said, without any secret',
    registry: 'locked.example',
    config: { credsStore: 'trial' },
    expected: 'docker-credential-trial gives no login: the keychain is locked',
  },
  {
    name: 'a helper whose name is a path is not run',
    registry: 'private.example',
    config: { credsStore: '../../bin/sh' },
    expected: '/config.json is not as docker login writes it',
  },
  {
    name: 'a damaged file',
    registry: 'private.example',
    config: '{',
    expected: '/config.json is not as docker login writes it',
  },
  {
    name: 'an identity token',
    registry: 'token.example',
    config: { credsStore: 'trial' },
    expected: identity('s3cret'),
  },
  {
    name: 'an identity token in the file',
    registry: 'cloud.example',
    config: { auths: { 'cloud.example': { auth: '', identitytoken: 'r3fresh' } } },
    expected: identity('r3fresh'),
  },
]) {
  test(name, async () => assert.deepEqual(await loginAt(registry, config), expected))
}

test('who never logged in has no login', async () => {
  const found = await dockerLogin('a.example', { DOCKER_CONFIG: join(folder, 'nowhere') })
  assert.deepEqual(found, { ok: true, value: null })
})
