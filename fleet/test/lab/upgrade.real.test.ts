/**
 * `timeball upgrade` with the real apt, dpkg and systemd of virtual Pis. The packages are tiny, made
 * there, and kept in two folders: one is an archive of security fixes. Needs root on Debian.
 */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { must, run, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { copyOfGuide, type Ended, freshLab, type RunOptions, timeball } from './command-line.ts'
import { applyToLab } from './apply-to-lab.ts'

const paths = labPaths(process.env)
const relays = guideDevices.filter(({ name }) => name.startsWith('pi-ntp-'))
const [first, second] = relays
assert.ok(first && second)
const [one, other] = [first, second]
let folder = ''

function on(device: typeof one, command: string, input = ''): Promise<string> {
  return must(sshArgs(paths, device, command), { input })
}

function upgrade(words: string, options?: RunOptions): Promise<Ended> {
  const inventory = join(folder, 'inventory.yml')
  return timeball(['upgrade', ...words.split(' '), '-i', inventory], options)
}

async function version(device: typeof one, name: string): Promise<string> {
  return await on(device, `dpkg-query -W -f '\${Status} \${Version}' ${name}`)
}

/** `make ARCHIVE NAME VERSION [POSTINST]`, and `index ARCHIVE LABEL SUITE`. */
const archives = `set -e
make() {
  made=$(mktemp -d)
  chmod 755 "$made"
  mkdir -p "$made/DEBIAN" "/srv/$1"
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: lab <lab@example.com>\\nDescription: tiny\\n' "$2" "$3" >"$made/DEBIAN/control"
  [ -z "\${4:-}" ] || { printf '#!/bin/sh\\n%s\\n' "$4" >"$made/DEBIAN/postinst"; chmod 755 "$made/DEBIAN/postinst"; }
  dpkg-deb --build -Znone "$made" "/srv/$1/$2_$3.deb" >/dev/null
  rm -r "$made"
}
index() {
  cd "/srv/$1"
  for deb in *.deb; do
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d' ' -f1)"
  done >Packages
  printf 'Origin: %s\\nLabel: %s\\nSuite: %s\\nCodename: lab\\nDate: %s\\nSHA256:\\n %s %s Packages\\n' "$2" "$2" "$3" \\
    "$(date -Ru | sed s/+0000/UTC/)" "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" >Release
  echo "deb [trusted=yes] file:/srv/$1 ./" >"/etc/apt/sources.list.d/$1.list"
}
`

async function archive(device: typeof one, lines: string): Promise<void> {
  const indexes = 'index plain Debian stable\nindex safe Debian-Security stable-security\n'
  await on(device, 'sudo sh', `${archives}${lines}\n${indexes}`)
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    await applyToLab(folder)
    for (const device of relays) {
      await archive(device, 'make plain tiny 1.0\nmake safe tiny-tls 1.0')
      const words = 'tiny=1.0 tiny-tls=1.0'
      const install = `apt-get update -q && apt-get install -qy --allow-downgrades ${words}`
      await on(device, `sudo sh -c '${install} && apt-mark auto tiny-tls'`)
      await archive(device, 'make plain tiny 2.0\nmake safe tiny-tls 1.1')
    }
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

const limit = { timeout: 300_000 }

test(
  'security only: what the plan shows is what is installed, one after another',
  limit,
  async () => {
    const { exit, stdout, stderr } = await upgrade('stratum2 --security --yes')
    assert.equal(exit, 0, stderr)
    assert.deepEqual(stdout.trim().replaceAll(/ +/g, ' ').split('\n'), [
      'pi-ntp-[01-02] (2): 1 package',
      ' tiny-tls 1.0 → 1.1 security',
      '✓ pi-ntp-01 upgraded, gives good time',
      '✓ pi-ntp-02 upgraded, gives good time',
    ])
    for (const device of relays) {
      assert.equal(await version(device, 'tiny-tls'), 'install ok installed 1.1')
      assert.equal(await version(device, 'tiny'), 'install ok installed 1.0')
    }
    assert.match(await on(one, 'apt-mark showauto'), /^tiny-tls$/m)
  },
)

test('all, and then an older version of one package again', limit, async () => {
  const all = await upgrade('stratum2 --yes')
  assert.equal(all.exit, 0, all.stderr)
  assert.equal(await version(other, 'tiny'), 'install ok installed 2.0')
  const older = await upgrade('stratum2 --package tiny=1.0 --yes')
  assert.match(older.stdout, /^ {2}tiny +2\.0 +→ 1\.0 +older$/m)
  assert.equal(older.exit, 0, older.stderr)
  for (const device of relays) {
    assert.equal(await version(device, 'tiny'), 'install ok installed 1.0')
  }
})

test('while another apt holds the lock nothing is done, and it is said who', limit, async () => {
  const holder = `python3 -c 'import fcntl,os,time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("/run/held", "w")
while os.path.exists("/run/held"): time.sleep(0.1)'`
  const holding = run(sshArgs(paths, one, `sudo sh -s`), { input: holder })
  await waitFor('the lock', 30_000, async () => {
    return (await run(sshArgs(paths, one, 'test -e /run/held'))).code === 0
  })
  const { exit, stderr } = await upgrade('pi-ntp-01 --yes')
  await on(one, 'sudo rm /run/held')
  await holding
  assert.match(
    stderr,
    /pi-ntp-01: E: Could not get lock \/var\/lib\/dpkg\/lock-frontend\. It is held by process \d+ \(python3\)/,
  )
  assert.equal(exit, 3)
  assert.equal(await version(one, 'tiny'), 'install ok installed 1.0')
})

test(
  'a connection that is lost does not stop apt, and its end is learnt nevertheless',
  limit,
  async () => {
    const slow = 'touch /run/begun; until [ -e /run/finish ]; do sleep 0.1; done'
    await archive(one, `make plain tiny 3.0 '${slow}'`)
    const running = upgrade('pi-ntp-01 --yes')
    await waitFor('dpkg to be at work', 60_000, async () => {
      return (await run(sshArgs(paths, one, 'test -e /run/begun'))).code === 0
    })
    // It cuts the connection from which it is asked, too.
    await run(sshArgs(paths, one, "sudo pkill -KILL -f '^sshd-session'"))
    await on(one, 'sudo touch /run/finish')
    const { exit, stdout, stderr } = await running
    assert.match(stdout, /^✓ pi-ntp-01 upgraded, gives good time$/m, stderr)
    assert.equal(exit, 0)
    assert.equal(await version(one, 'tiny'), 'install ok installed 3.0')
  },
)

test('a device whose packages ask for a reboot is rebooted in its turn', limit, async () => {
  await archive(other, "make plain tiny 3.0 'touch /run/reboot-required'")
  await on(other, 'sudo touch /run/before-the-boot')
  const { exit, stdout, stderr } = await upgrade('pi-ntp-02 --yes')
  assert.match(stdout, /^✓ pi-ntp-02 upgraded and rebooted, gives good time$/m, stderr)
  assert.equal(exit, 0)
  assert.equal(await on(other, 'ls /run | grep -E "boot$|required$" || echo none'), 'none\n')
  assert.equal(await version(other, 'tiny'), 'install ok installed 3.0')
})

test(
  'a package that cannot be configured fails its device, and stops the rest',
  limit,
  async () => {
    for (const device of relays) await archive(device, "make plain tiny 4.0 'exit 1'")
    const { exit, stdout } = await upgrade('stratum2 --yes')
    assert.match(stdout, /^✗ pi-ntp-01 failed: .*tiny.*dpkg --configure -a/m)
    assert.match(stdout, /^- pi-ntp-02 left alone: pi-ntp-01 is not well$/m)
    assert.equal(exit, 3)
    assert.equal(await version(other, 'tiny'), 'install ok installed 3.0')
    const again = await upgrade('pi-ntp-01 --yes')
    assert.match(again.stderr, /an installation was cut short: .*tiny.*dpkg --configure -a/)
    assert.equal(again.exit, 3)
  },
)
