/**
 * A virtual Pi is destroyed with its disk; a blank one, with a host key of its own, becomes it by one
 * command. Part of `guide.real.test.ts`, whose devices are deployed and serve.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { LabDevice } from '@timeball/lab/pis/devices.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { removePi } from '@timeball/lab/pis/pis.ts'
import { must } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { backupUnits } from '../backup-units.ts'
import { timeball, type Ended } from './command-line.ts'

const drift = '/var/lib/docker/volumes/mcp-utc-time-server_ntp-state/_data/ntp.drift'
const files = [
  '/opt/mcp-utc-time-server/.env',
  '/opt/mcp-utc-time-server/docker-compose.rpi.yml',
  '/etc/ssh/ssh_host_ed25519_key',
].join(' ')

/** `folderOf` gives the files of the fleet, once they are there. */
export function restoreSuite(device: LabDevice, folderOf: () => string): void {
  const paths = labPaths(process.env)
  const on = (command: string): Promise<string> => must(sshArgs(paths, device, command))
  const sums = (): Promise<string> => on(`sudo sha256sum ${files} && sudo stat -c '%a %n' ${files}`)
  let identity = ''
  let before = ''
  const command = (words: string): Promise<Ended> =>
    timeball([...words.split(' '), '-i', join(folderOf(), 'inventory.yml')], {
      environment: { TIMEBALL_AGE_IDENTITY: identity },
    })

  test('four devices with systemd, Docker and gpsd are backed up', async () => {
    identity = await generateX25519Identity()
    const settings = join(folderOf(), 'fleet.yaml')
    const recipient = await identityToRecipient(identity)
    const text = readFileSync(settings, 'utf8')
    writeFileSync(settings, `${text}backup: { recipients: [${recipient}], identity: true }\n`)
    await on(`echo -12.345 | sudo tee ${drift} >/dev/null`)
    before = await sums()
    const { exit, stdout, stderr } = await command('backup run --json')
    assert.equal(exit, 0, stdout + stderr)
    const shown = await command(`backup show ${device.name}`)
    for (const path of ['ntp.drift', 'ssh_host_ed25519_key', 'timeball/log', 'timeball/packages']) {
      assert.ok(shown.stdout.includes(path), shown.stdout)
    }
  })

  test('backups are booted in a container on a device, give good time there, and are gone', async () => {
    const look = 'sudo docker ps --all --quiet --no-trunc; sudo docker images --quiet; ls /run'
    const there = await on(look)
    const { exit, stdout, stderr } = await command(`backup drill --boot-on ${device.name} --json`)
    assert.equal(exit, 0, stdout + stderr)
    const boots = stdout.match(/"type":"backup_boot",.*"version":"1\.0\.0"/g)
    assert.equal(boots?.length, 4, stdout)
    assert.equal(await on(look), there)
  })

  test('the units of docs/backup.md are taken by systemd, and go on where a device was away', async () => {
    for (const [name, text] of backupUnits) {
      await must(sshArgs(paths, device, `sudo tee /etc/systemd/system/${name}`), { input: text })
    }
    const stub = '#!/bin/sh\necho "$*" >>calls\n[ "$2" != run ] || exit 3\n'
    await must(
      sshArgs(
        paths,
        device,
        'sudo sh -c "useradd --system timeball && mkdir /srv/fleet && chown timeball /srv/fleet && cat >/usr/local/bin/timeball && chmod 755 /usr/local/bin/timeball"',
      ),
      { input: stub },
    )
    await on('systemd-analyze verify /etc/systemd/system/timeball-backup.*')
    await on('sudo systemctl daemon-reload && sudo systemctl start timeball-backup.service')
    assert.equal(
      await on('cat /srv/fleet/calls'),
      'backup run\nbackup verify --rotate\nbackup prune --yes\n',
    )
    await on('sudo systemctl enable --now timeball-backup.timer')
    const next = await on('systemctl show -P NextElapseUSecRealtime timeball-backup.timer')
    assert.match(next, / 02:[0-3]\d:\d\d UTC/)
  })

  test('destroyed with its disk, it is restored to a blank one by one command', async () => {
    await removePi(paths, device)
    const up = await labUp({ hosts: 0, serverImages: 'no', onProgress: () => {} })
    assert.ok(up.ok, up.ok ? '' : up.failure.detail)
    // A new card has keys of its own; the shell that makes them came in by the old one.
    await on(
      'sudo sh -c "rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; systemctl restart ssh" && sleep 1',
    )
    const refused = await command(`backup restore ${device.name} --yes`)
    assert.equal(refused.exit, 4, refused.stdout + refused.stderr)
    const key = /add --host-key (?<key>SHA256:\S+)/.exec(refused.stderr)?.groups?.['key'] ?? ''
    const restored = await command(`backup restore ${device.name} --yes --host-key ${key}`)
    assert.equal(restored.exit, 0, restored.stdout + restored.stderr)
    assert.match(restored.stderr, /has its old host keys again/)
    assert.equal(await sums(), before)
    assert.match(await on(`sudo cat ${drift}`), /^-?\d/)
    const health = await command(`health ${device.name}`)
    assert.equal(health.exit, 0, health.stdout + health.stderr)
  })
}
