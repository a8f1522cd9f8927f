/** What to do about a failure, in one sentence: used by every view of it. */
import type { Failure, FailureCode } from '../core/failure.ts'

const advice = {
  unreachable: 'check power, network and ansible_host, then run again with --limit @failed',
  'auth-refused': 'check ansible_user and the key: ssh must log in without a password',
  'host-key-unknown':
    'compare the fingerprint with the device, then pin it with --accept-new-host-keys',
  'host-key-changed':
    'if the device was set up anew, remove its old key with ssh-keygen -R; otherwise do not connect',
  timeout: 'it answers too slowly; ssh.timeout in fleet.yaml sets the limit',
  'output-too-large': 'the answer was cut off: what answers is not a device as we know them',
  protocol: 'the answer was not complete; run again with --limit @failed',
  'not-root': 'allow the login user sudo without a password, or log in as root',
  'not-allowed':
    'ssh.account may only apply: log in yourself for anything else, and run timeball enroll after an upgrade of Timeball',
  locked: 'another operation is at work on it; run again when it is done',
  fenced: 'a newer controller has taken over; run again to see its state',
  'epoch-ahead':
    'when no other machine is at work on the fleet, give the device our number: timeball reseat',
  'other-state':
    'see who is at work on it, and run again when that is over; --allow-other-state goes on anyway',
  moved: 'the device changed since it was looked at; run again to plan anew',
  'no-way-back':
    'nothing was changed; timeball apply with the release that it has now makes it whole again',
  'no-space': 'make room on the device, then run again with --limit @failed',
  'corrupt-bundle': 'the bundle was damaged on its way; run again with --limit @failed',
  'package-failed': 'see what apt says on the device; nothing of the new state was activated',
  'apt-busy':
    'another apt is at work on it, perhaps unattended-upgrades; run again when it is done',
  'upgrade-failed':
    'on the device, sudo dpkg --configure -a ends what was cut short; its log is /var/log/apt/term.log',
  'image-failed':
    'check that Docker runs on the device and reaches the registry, or carry the image there: timeball image pull; nothing was activated',
  'compose-failed': 'the old generation is back; see what docker compose says on the device',
  'service-failed': 'the old generation is back; see systemctl status on the device',
  'file-failed': 'the old generation is back; check the file system of the device',
  unconfirmed: 'an earlier change waits for its confirmation; it reverts by itself, then run again',
  interrupted: 'run again with --limit @failed',
  'step-failed': 'run again with --limit @failed',
} as const satisfies Record<FailureCode, string>

/** What to do about a failure. */
export function wayOn(code: FailureCode): string {
  return advice[code]
}

/** `no space on /opt: make room on the device, …` */
export function explain({ code, detail }: Failure): string {
  return `${detail === '' ? code : detail} (${advice[code]})`
}
