/** Verdicts and checks of `timeball health`. */
import type { HealthCheck, HealthLevel } from '../../core/health/verdict.ts'
import type { SummaryStatus } from '../../core/rollout/summary.ts'
import { meaning, type Explanation } from './explanation.ts'

export const healthVerdictWords = {
  ok: meaning('It was seen from inside and from outside, and nothing is wrong.'),
  degraded: meaning('It serves time, and something is wrong or will be; the reason is said.', {
    next: 'timeball explain CHECK for the check that is named in timeball health --json.',
  }),
  down: meaning('It serves no good time.', {
    next: 'timeball ping DEVICE, then timeball ps DEVICE and timeball logs DEVICE.',
  }),
  unknown: meaning('Something could not be seen, so nobody says ok.', {
    next: 'timeball ping DEVICE tells how far one gets.',
  }),
} as const satisfies Record<HealthLevel, Explanation>

const clockSays = 'timeball clock DEVICE says what the other servers make of it.'
const reload = 'timeball logs DEVICE --since 1h says why; timeball restart DEVICE starts it anew.'

export const healthCheckWords = {
  'ntp-answer': meaning('Whether and what it answers on UDP 123.', { next: clockSays }),
  'ntp-reference': meaning('Whether it follows a clock beside its own.', { next: clockSays }),
  'ntp-distance': meaning('How far it is from a reference, by its own figures (root distance).', {
    normal: 'Below 10 ms at stratum 1, below 50 ms at stratum 2; 500 ms is the limit.',
    next: 'One that grows means that its sources are gone. ' + clockSays,
  }),
  clock: meaning('What the other servers make of its time.', { next: clockSays }),
  'ntp-offset': meaning(
    'Its offset, by its own word and as measured; the limit is health.max_offset_ms.',
    {
      normal: 'Below 1 ms at stratum 1, a few ms at stratum 2.',
      next: clockSays,
    },
  ),
  'ntp-sync': meaning('Whether it says that it is in step.', {
    normal: 'Not in step for some minutes after a start.',
    next: 'timeball run DEVICE -- docker exec mcp-utc-time ntpq -pn',
  }),
  'ntp-reach': meaning('How many of the last eight polls of its source were answered.', {
    normal: 'All; up to two may be lost.',
    next: 'Its source, the network to it, or a serial line that loses sentences.',
  }),
  stratum: meaning('A GPS device should be 1, a relay at most 4.', {
    next: 'A GPS device above 1 follows others: it has no fix, or no pulse.',
  }),
  discipline: meaning('Whether it steers the clock of its device, as clock.discipline wants it.', {
    next: 'Another program may steer it: timeball run DEVICE -- systemctl status systemd-timesyncd chrony ntpsec',
  }),
  http: meaning('What its /health says, on port 3000.', { next: reload }),
  contract: meaning('Whether the monitoring can read its metrics, and the API asks for a key.', {
    next: 'The image is not one that keeps docs/device-contract.md, or a proxy is in between.',
  }),
  container: meaning('Whether its container runs.', { normal: 'running', next: reload }),
  disk: meaning('How full its fullest disk is; the limit is health.disk_percent.', {
    normal: 'Below 80 %.',
    next: "timeball run DEVICE --sudo -- docker system df; old images go with 'docker image prune'.",
  }),
  generation: meaning('Whether what was applied last was confirmed, and was not reverted.', {
    normal: 'Not confirmed for some seconds within an apply.',
    next: 'It reverts by itself. Then timeball plan DEVICE shows what is missing.',
  }),
  release: meaning('Whether it runs the release that fleet.yaml wants.', {
    normal: 'Another one while a rollout is on its way, and of devices that are held back.',
    next: 'timeball rollout start, or timeball apply DEVICE',
  }),
  drift: meaning('Resources that are not up to date although nobody is changing them.', {
    normal: 'None, unless the files of the fleet were changed and not applied yet.',
    next: 'timeball drift DEVICE says what and since when; timeball apply DEVICE mends it.',
  }),
} as const satisfies Record<HealthCheck, Explanation>

export const rolloutWords = {
  running: meaning('Devices are being moved.', { next: 'timeball rollout status --watch' }),
  paused: meaning('It starts no further device until somebody says so.', {
    next: 'timeball rollout status says why; then timeball rollout resume, promote or abort.',
  }),
  'rolling-back': meaning('Devices return to the generation that they had before.', {
    next: 'timeball rollout status --watch',
  }),
  done: meaning('All that should move did, and gives good time.'),
  rolled_back: meaning('All that moved is back, and a release that was at fault is blocked.', {
    next: 'timeball rollout show says which gate failed; timeball rollout unblock after a new look.',
  }),
  aborted: meaning('Somebody ended it.', { next: 'timeball rollout show' }),
  needs_attention: meaning(
    'It ended, and some devices are in a state that only a person can mend.',
    {
      next: 'timeball rollout show names them; mend them, then timeball rollout resume.',
    },
  ),
} as const satisfies Record<SummaryStatus, Explanation>
