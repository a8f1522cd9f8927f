import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultSettings, parseSettings } from './whole-settings.ts'
import { shownProblems } from '../../../test/make-fleet.ts'

const mistakes: readonly { name: string; text: string; shown: readonly string[] }[] = [
  {
    name: 'an unknown key is shown at its place with the nearest word',
    text: 'ssh:\n  paralel: 3\n',
    shown: ['fleet.yaml:2:3: ssh: unknown key paralel | did you mean parallel?'],
  },
  {
    name: 'an unknown key that is like no other is shown with those that are known',
    text: 'network:\n  zzzzzzzzz: 1\n',
    shown: ['fleet.yaml:2:3: network: unknown key zzzzzzzzz | known here: namespace'],
  },
  {
    name: 'all mistakes are shown at once',
    text: 'ssh:\n  parallel: 0\n  timout: 3s\nfleett: x\n',
    shown: [
      'fleet.yaml:2:13: ssh.parallel: at least 1 is wanted',
      'fleet.yaml:3:3: ssh: unknown key timout | did you mean timeout?',
      'fleet.yaml:4:1: unknown key fleett | did you mean fleet?',
    ],
  },
  {
    name: 'a list or a mapping as key is refused, without a word of the parser',
    text: 'fleet: a\npackages:\n  ? [a, b]\n  : "1"\n',
    shown: ['fleet.yaml:3:5: a list or mapping is no key'],
  },
  {
    name: 'a limit that is none is refused with what it has to be',
    text: 'health: { max_offset_ms: 0 }\nssh:\n  private_key_file: ""\n  timeout: 1h30\n',
    shown: [
      'fleet.yaml:4:12: ssh.timeout: write 90m',
      'fleet.yaml:3:21: ssh.private_key_file: the path of a file is wanted',
      'fleet.yaml:1:26: health.max_offset_ms: more than 0 is wanted',
    ],
  },
  {
    name: 'a key that is there twice is shown where it is repeated',
    text: 'fleet: a\nfleet: b\n',
    shown: ['fleet.yaml:2:1: this key is there twice | keep one of them'],
  },
  {
    name: 'a tab is shown with what to do',
    text: 'ssh:\n\tparallel: 3\n',
    shown: ['fleet.yaml:2:1: Tabs are not allowed as indentation | indent with spaces'],
  },
  {
    name: 'an alias is refused before it can explode',
    text: 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n',
    shown: ['fleet.yaml:2:8: aliases (*name) are not read in settings | write the value out'],
  },
  {
    name: 'a second document is refused',
    text: 'fleet: a\n---\nfleet: b\n',
    shown: ['fleet.yaml:2:1: a second document begins here | remove ---'],
  },
  {
    name: 'a list where a mapping belongs is refused',
    text: '- fleet\n',
    shown: ['fleet.yaml:1:1: a mapping is wanted'],
  },
  {
    name: 'a section without content is refused',
    text: 'ssh:\n',
    shown: ['fleet.yaml:1:5: ssh: a mapping is wanted'],
  },
  {
    name: 'a text where true or false belongs is refused',
    text: 'clock:\n  discipline: yes\n',
    shown: ['fleet.yaml:2:15: clock.discipline: true or false is wanted'],
  },
  {
    name: 'a fraction where a whole number belongs is refused',
    text: 'ssh:\n  parallel: 2.5\n',
    shown: ['fleet.yaml:2:13: ssh.parallel: a whole number is wanted'],
  },
  {
    name: 'a number where a text is wanted is to be quoted, and a text where a list is',
    text: 'packages: { gpsd: 3.25 }\nrollout: { quorum: { sets: { x: nope } }, waves: 5% }\n',
    shown: [
      'fleet.yaml:1:19: packages.gpsd: a text is wanted | write it in quotes',
      'fleet.yaml:2:50: rollout.waves: a list is wanted',
      'fleet.yaml:2:33: rollout.quorum.sets.x: a list is wanted',
    ],
  },
  {
    name: 'a word that is none of the choices is refused',
    text: 'apply:\n  reboot: maybe\n',
    shown: ['fleet.yaml:2:11: apply.reboot: one of never, allow is wanted'],
  },
  {
    name: 'an engine, a state or a store that there is none of is shown with the nearest',
    text: 'engine: shh\nstate: sqlite3\nsecrets: vaultt\n',
    shown: [
      'fleet.yaml:1:9: engine: one of ssh, ansible, salt is wanted | did you mean ssh?',
      'fleet.yaml:2:8: state: one of sqlite, memory is wanted | did you mean sqlite?',
      'fleet.yaml:3:10: secrets: one of env, age, ansible-vault, vault is wanted | did you mean vault?',
    ],
  },
  {
    name: 'an engine that needs a place has to be told it',
    text: 'engine: salt\n',
    shown: ['fleet.yaml:1:9: engine: salt needs salt.api, the URL of salt-api'],
  },
  {
    name: 'the password of salt-api does not travel in clear',
    text: 'engine: salt\nsalt:\n  api: http://salt.example.org:8000\n  ids: same\n',
    shown: [
      'fleet.yaml:3:8: salt.api: https is wanted, or http on this machine',
      'fleet.yaml:4:8: salt.ids: a text with {name} or {address} is wanted',
    ],
  },
  {
    name: 'a name with a blank is refused',
    text: 'fleet: my fleet\n',
    shown: ['fleet.yaml:1:8: fleet: letters, digits, - and _ are wanted'],
  },
  {
    name: 'an image name says what is wrong with it',
    text: 'image: ghcr.io/Me/server:1\n',
    shown: [
      "fleet.yaml:1:8: image: 'Me/server' is not an image name: lower-case letters, digits and . _ - are wanted",
    ],
  },
  {
    name: 'a mistake inside of image is shown at its own place',
    text: 'image:\n  ref: a/b:1\n  plain_htp: true\n',
    shown: ['fleet.yaml:3:3: image: unknown key plain_htp | did you mean plain_http?'],
  },
  {
    name: 'an image that is neither text nor mapping is refused',
    text: 'image: 5\n',
    shown: ['fleet.yaml:1:8: image: a text, or a mapping with ref, is wanted'],
  },
  {
    name: 'a tag that names code is refused',
    text: 'fleet: !!js/function x\n',
    shown: ['fleet.yaml:1:8: Unresolved tag: tag:yaml.org,2002:js/function'],
  },
]
for (const { name, text, shown } of mistakes) {
  test(name, () => assert.deepEqual(shownProblems(parseSettings('fleet.yaml', text)), shown))
}

const durations: readonly { written: string; isRead: boolean | number }[] = [
  { written: '90s', isRead: 90_000 },
  { written: '10m', isRead: 600_000 },
  { written: '2h', isRead: 7_200_000 },
  { written: '60000ms', isRead: 60_000 },
  { written: '10', isRead: false },
  { written: '10 minutes', isRead: false },
  { written: '1.5h', isRead: false },
  { written: '-10s', isRead: false },
  { written: '1m30s', isRead: false },
  { written: '""', isRead: false },
  { written: '1s', isRead: false },
  { written: '3h', isRead: false },
  { written: '999999999999d', isRead: false },
]
for (const { written, isRead } of durations) {
  test(`ssh.timeout: ${written} is ${isRead === false ? 'refused' : `${isRead} ms`}`, () => {
    const settings = parseSettings('fleet.yaml', `ssh:\n  timeout: ${written}\n`)
    if (isRead !== false) assert.equal(settings.ok && settings.value.ssh.timeout, isRead)
    else assert.match(shownProblems(settings).join(), /^fleet\.yaml:2:12: ssh\.timeout: /)
  })
}

test('every key has a default', () => {
  const { fleet, image, ssh, apply, health, clock, network } = defaultSettings()
  assert.deepEqual([fleet, network], ['fleet', {}])
  assert.deepEqual(image, {
    ref: 'localhost/mcp-utc-time-server:0.1.0',
    plain_http: false,
    signature_keys: [],
    signature_identities: [],
  })
  assert.deepEqual(ssh, {
    parallel: 32,
    connect_timeout: 10_000,
    timeout: 1_200_000,
    keep_alive: 60_000,
  })
  assert.deepEqual(apply, { confirm_timeout: 120_000, settle_timeout: 300_000, reboot: 'never' })
  assert.deepEqual(health, { disk_percent: 80, max_offset_ms: 100, timeout: 3_000 })
  assert.equal(clock.discipline, true)
})

for (const text of ['', '\n', '# nothing yet\n', '---\n', '{}\n']) {
  test(`the settings of ${JSON.stringify(text)} are the defaults`, () => {
    assert.deepEqual(parseSettings('fleet.yaml', text), { ok: true, value: defaultSettings() })
  })
}

test('a key named __proto__ is a key like any other', () => {
  const shown = shownProblems(parseSettings('fleet.yaml', '__proto__: {fleet: a}\n'))
  assert.match(shown.join(), /^fleet\.yaml:1:1: unknown key __proto__ \| known here: fleet, /)
})

test('a file that is too large is refused without being read', () => {
  const shown = shownProblems(parseSettings('fleet.yaml', '#'.repeat((1 << 20) + 1)))
  assert.deepEqual(shown, ['fleet.yaml: is larger than 1 MiB'])
})

test('nesting without end is a problem, not a crash', () => {
  for (const text of ['['.repeat(100_000), '{a: '.repeat(50_000)]) {
    assert.ok(shownProblems(parseSettings('fleet.yaml', text)).length > 0)
  }
})

test('whatever the text is, there are settings or problems with positions', () => {
  const word = fc.constantFrom('fleet', 'ssh', 'image', ':', ' ', '\n', '\t', '-', '{', '}', '1m')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map((words) => words.join('')),
      ),
      (text) => {
        const settings = parseSettings('fleet.yaml', text)
        if (settings.ok) return
        assert.ok(settings.failure.length > 0)
        for (const { line, column } of settings.failure) assert.ok(line !== null && column !== null)
      },
    ),
  )
})
