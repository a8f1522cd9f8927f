import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  settingsOf,
  fleetOf,
  guideInventory,
  shownProblems,
  buildFrom,
} from '../../../test/make-fleet.ts'
import { desiredState } from '../desired/desired-state.ts'
import { accessFiles, isOfAccess } from './access-files.ts'

const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'b'.repeat(43)} ada@laptop`

function filesOf(access: string, user = 'pi'): ReadonlyMap<string, string> {
  const { access: settings } = settingsOf(`access: ${access}\n`)
  assert.ok(settings !== undefined)
  return new Map(accessFiles(settings, { user }).map(({ path, text }) => [path, text]))
}

test('an operator has an account, keys that end, and sudo', () => {
  const files = filesOf(`{ operators: { ada: { keys: ["${key}"], expires: "2027-03-01" } } }`)
  const has = (path: string, text: string): void =>
    assert.ok(files.get(path)?.includes(text) === true, `${path}: ${files.get(path)}`)
  has('/etc/ssh/timeball/ada', `expiry-time="20270301235959" ${key}\n`)
  has('/etc/sysusers.d/timeball.conf', 'u ada - "Operator" /home/ada /bin/bash\n')
  has('/etc/sudoers.d/timeball', 'ada ALL=(ALL) NOPASSWD: ALL\n')
  has('/etc/ssh/sshd_config.d/00-timeball.conf', 'AllowUsers ada pi\n')
})

test('keys may be taken from some networks only', () => {
  const from = 'from: [10.0.0.0/8, "2001:db8::/32"]'
  const files = filesOf(
    `{ operators: { ada: { keys: ["${key}"], expires: "2027-03-01", ${from} } } }`,
  )
  const line = `expiry-time="20270301235959",from="10.0.0.0/8,2001:db8::/32" ${key}`
  assert.equal(files.get('/etc/ssh/timeball/ada')?.split('\n')[1], line)
})

test('who applies is let in as before, unless he is named', () => {
  const path = '/etc/ssh/sshd_config.d/00-timeball.conf'
  assert.match(filesOf('{}').get(path) ?? '', /^Match User pi\n {2}AuthorizedKeysFile \.ssh/m)
  const named = filesOf(`{ operators: { pi: { keys: ["${key}"], sudo: false } } }`)
  assert.doesNotMatch(named.get(path) ?? '', /Match User pi/)
  assert.doesNotMatch(named.get('/etc/sysusers.d/timeball.conf') ?? '', /^u pi/m)
  assert.doesNotMatch(named.get('/etc/sudoers.d/timeball') ?? '', /NOPASSWD/)
})

test('an account that may only apply is let in beside them, with its own keys', () => {
  const { access } = settingsOf('access: {}\n')
  assert.ok(access !== undefined)
  const sshd = accessFiles(access, { user: 'pi', account: 'timeball' }).at(-1)?.text ?? ''
  assert.match(sshd, /^AllowUsers pi timeball$/m)
  assert.match(sshd, /^Match User timeball\n {2}AuthorizedKeysFile \.ssh\/authorized_keys$/m)
})

test('an authority signs for operators without a key here, and what is revoked opens nothing', () => {
  const files = filesOf(`{ operators: { ada: {} }, user_ca: ["${key}"], revoked: ["${key}"] }`)
  for (const name of ['authorities', 'revoked']) {
    assert.ok(files.get(`/etc/ssh/timeball/${name}.pub`)?.includes(key) === true)
  }
  const sshd = files.get('/etc/ssh/sshd_config.d/00-timeball.conf') ?? ''
  assert.match(sshd, /^TrustedUserCAKeys \/etc\/ssh\/timeball\/authorities.pub$/m)
  assert.match(sshd, /^RevokedKeys \/etc\/ssh\/timeball\/revoked.pub$/m)
})

test('each of these files is of access, and nothing else is', () => {
  const fleet = fleetOf(guideInventory, `access: { operators: { ada: { keys: ["${key}"] } } }\n`)
  const [device] = fleet.devices
  assert.ok(device !== undefined)
  const { settings } = fleet
  const release = { image: 'a' }
  const whole = desiredState({ device, settings, release, secrets: [] }).resources
  const without = desiredState({
    device,
    settings: { ...settings, access: undefined },
    release,
    secrets: [],
  }).resources
  const named = (resources: typeof whole): string[] =>
    resources.flatMap((each) =>
      each.kind === 'file'
        ? [`file:${each.path}`]
        : each.kind === 'service'
          ? [`service:${each.name}`]
          : [],
    )
  assert.deepEqual(named(whole).filter(isOfAccess), named(whole).slice(named(without).length))
  assert.equal(named(without).some(isOfAccess), false)
})

test('what could be more than a key or an account is refused', () => {
  for (const access of [
    '{ operators: { root: { keys: [] } } }',
    '{ operators: { "ada bob": { keys: ["x"] } } }',
    `{ operators: { ada: { keys: ['command="x" ${key}'] } } }`,
    `{ operators: { ada: { keys: ["${key}"], expires: "tomorrow" } } }`,
    `{ operators: { ada: { keys: ["${key}"], from: ['x" command="y'] } } }`,
  ]) {
    assert.notDeepEqual(shownProblems(buildFromSettings(access)), [])
  }
})

function buildFromSettings(access: string): ReturnType<typeof buildFrom> {
  try {
    return buildFrom(guideInventory, `access: ${access}\n`)
  } catch (error) {
    return {
      ok: false,
      failure: [{ file: 'fleet.yaml', line: 1, column: 1, what: String(error), fix: null }],
    }
  }
}
