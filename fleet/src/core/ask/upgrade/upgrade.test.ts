import assert from 'node:assert/strict'
import { test } from 'node:test'
import { needsReboot, readUpgradeEnd, readUpgradePlan, wordsOf } from './read-upgrade.ts'
import { upgradePlanScript, upgradeScript } from './upgrade-script.ts'
import { upgradeLines } from './upgrade-view.ts'

/** As apt-get 3.0 of Debian 13 has it. */
const planned = `held=2
Inst tiny [1.0] (2.0 Debian:stable [all])
Inst libc6 [2.41-12] (2.41-12+deb13u1 Debian-Security:13/stable-security, Debian:13.2/stable [arm64]) []
Inst linux-image-6.12.57 (6.12.57-1 Debian-Security:13/stable-security [arm64])
Inst old [2.0] (1.0 Debian:stable [all])
older=old
end=planned
`

test('what apt would do is read with versions, security and downgrades', () => {
  const plan = readUpgradePlan(planned)
  assert.ok(plan.ok)
  assert.deepEqual(wordsOf(plan.value.steps), [
    'libc6=2.41-12+deb13u1',
    'linux-image-6.12.57=6.12.57-1',
    'old=1.0',
    'tiny=2.0',
  ])
  const [libc, kernel, old, tiny] = plan.value.steps
  assert.deepEqual([libc?.isSecurity, tiny?.isSecurity], [true, false])
  assert.deepEqual([kernel?.from, old?.isOlder, plan.value.held], [null, true, 2])
  assert.ok(needsReboot(plan.value))
})

test('devices with the same plan are one paragraph', () => {
  const plan = readUpgradePlan(planned)
  assert.ok(plan.ok)
  const none = { steps: [], held: 0, rebootRequired: true, stale: 'E: no route' }
  const upgrades = [
    ...['pi-1', 'pi-2'].map((device) => ({ device, upgrade: plan.value })),
    { device: 'pi-3', upgrade: none },
  ]
  const layout = { color: false, width: null, reboots: true }
  assert.deepEqual(upgradeLines(upgrades, layout), [
    'pi-[1-2] (2): 4 packages, 2 stay as they are, then a reboot',
    '  libc6                2.41-12  → 2.41-12+deb13u1  security',
    '  linux-image-6.12.57  new      → 6.12.57-1        security',
    '  old                  2.0      → 1.0              older',
    '  tiny                 1.0      → 2.0',
    'pi-3: nothing to upgrade, then a reboot',
    '  its lists are not fresh: E: no route',
  ])
})

function codeOf(output: string): string {
  const read = readUpgradePlan(output)
  return read.ok ? 'ok' : read.failure.code
}

test('a lock, a half installation and silence are told apart', () => {
  const busy = 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 8 (apt)'
  assert.equal(codeOf(`trouble=${busy}`), 'apt-busy')
  assert.equal(codeOf('half=only half configured: gpsd'), 'upgrade-failed')
  assert.equal(codeOf(''), 'protocol')
})

test('what a device says that apt would not say becomes no word for its shell', () => {
  const lines = ['Inst a;reboot [1] (2 x [all])', 'Inst a [1] ($(reboot) x [all])', 'end=planned']
  const read = readUpgradePlan(lines.join('\n'))
  assert.ok(read.ok)
  assert.deepEqual(read.value.steps, [])
})

function ended(output: string): unknown {
  const read = readUpgradeEnd(output)
  return read.ok ? read.value.rebootRequired : read.failure
}

test('how it ended: well, cut short, while the device was held, or as apt says', () => {
  assert.equal(ended('exit=0\nerrors=\nend=done\n'), false)
  assert.equal(ended('exit=0\nerrors=\nreboot_required=yes\nend=done\n'), true)
  assert.deepEqual(ended('exit=75\nerrors=\nend=done\n'), {
    code: 'locked',
    detail: 'another operation holds the device',
  })
  assert.deepEqual(ended('cut=yes\nerrors=\nend=done\n'), {
    code: 'upgrade-failed',
    detail: 'apt was cut short, by a power cut perhaps',
  })
  assert.deepEqual(ended('exit=100\nerrors=E: no space\nend=done\n'), {
    code: 'upgrade-failed',
    detail: 'E: no space',
  })
  assert.deepEqual(ended('exit=100\n'), {
    code: 'protocol',
    detail: 'it does not say how the upgrade ended',
  })
})

test('only what was planned is installed', () => {
  assert.match(upgradeScript('up-1', ['a=1', 'b:i386=2']), /force-confold a=1 b:i386=2 9<&-$/m)
  assert.match(upgradeScript('up-1', ['a=1', 'b:i386=2']), /^for name in a b:i386; do$/m)
  const wish = { security: false, packages: ['a=1', 'b'], remember: false }
  assert.match(upgradePlanScript(wish), /install --only-upgrade --allow-downgrades a=1 b 2>&1/)
})
