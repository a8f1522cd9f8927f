/** Verdicts and faults of `timeball clock`. Limits and their sources: docs/clock.md. */
import type { ClockFaultName, ClockVerdict } from '../../core/clock/server.ts'
import type { TimeState } from '../../core/service/good-time.ts'
import { meaning, type Explanation } from './explanation.ts'

export const clockVerdictWords = {
  truechimer: meaning(
    'Its interval, offset and error bound, meets the one that most votes share.',
    {
      normal:
        'All servers. Within 1 ms at stratum 1, within a few ms at stratum 2 of the same network.',
    },
  ),
  falseticker: meaning(
    'Its interval does not meet the one that most independent votes share (RFC 5905 section 11.2.1): it serves wrong time, whatever it says of itself.',
    {
      normal: 'None.',
      next: 'timeball clock --plot shows how far off it is. Whole seconds, or 1024 weeks: the receiver or its leap data. Milliseconds: the serial offset of the receiver, or a network way that is slower in one direction.',
    },
  ),
  unsynchronised: meaning(
    'It says itself that it has no time to give: leap 3, stratum 0 or 16, or it follows only its own clock.',
    {
      normal: 'For some minutes after a start: a receiver takes up to 15 from cold.',
      next: 'Longer: timeball run DEVICE -- docker exec mcp-utc-time ntpq -pn shows its sources.',
    },
  ),
  unreachable: meaning('It did not answer on UDP 123.', {
    next: 'timeball ping DEVICE tells how far one gets. When ping is well, look at its firewall, and at timeball ps DEVICE.',
  }),
  invalid: meaning(
    'What it sends cannot be used as time: timestamps that contradict each other, a root distance of 1.5 s or more, a wrong signature, or an answer from another address.',
    {
      next: 'timeball logs DEVICE; a root distance that grows means that it has lost its sources.',
    },
  ),
  undecidable: meaning(
    'Nobody can tell whether it is right: too few independent votes, or they are split, or nobody could ask it.',
    {
      normal: 'In a fleet with one or two sources: a majority needs three.',
      next: 'Name more sources to compare with: clock.references in fleet.yaml.',
    },
  ),
} as const satisfies Record<ClockVerdict, Explanation>

const lookAtSources =
  'timeball run DEVICE -- docker exec mcp-utc-time ntpq -pn shows its sources; timeball clock --tree who follows whom.'

export const clockFaultWords = {
  falseticker: meaning('Off by more than its error bound; the size is said.', {
    next: 'See the verdict of this name.',
  }),
  'week-rollover': meaning(
    'Off by a multiple of 1024 weeks: the receiver takes the 10-bit week number of GPS for another epoch.',
    { next: "Update the receiver's firmware, or replace it. All of the same model will have it." },
  ),
  'claims-sync': meaning(
    'Proved to be off by more than health.max_offset_ms while it reports itself synchronised.',
    { next: lookAtSources },
  ),
  offset: meaning('A truechimer by a wide error bound, and far off for its stratum.', {
    normal: 'Below 2 ms at stratum 1, below 5 ms at stratum 2.',
    next: 'Over Wi-Fi or a busy link more is usual; use a cable. A constant offset of a GPS device is its serial offset.',
  }),
  unsynchronised: meaning('As the verdict of this name.', { next: lookAtSources }),
  kiss: meaning(
    "It answers with a kiss-o'-death: RATE, DENY or RSTR. It does not want to be asked.",
    {
      next: 'Of a device of the fleet: the restrict lines of its ntp.conf. Of a server of others: ask it less, or another one.',
    },
  ),
  'wrong-source': meaning('The answer came from another address than was asked.', {
    next: 'A device with several addresses, or NAT on the way: name the address from which it answers in ansible_host.',
  }),
  'no-answer': meaning('No answer on UDP 123.', { next: 'timeball ping DEVICE' }),
  invalid: meaning('As the verdict of this name.', { next: 'timeball logs DEVICE' }),
  loop: meaning('Servers follow each other in a circle, so that their time comes from nobody.', {
    next: 'timeball clock --tree shows the circle; mend ntp_servers in the inventory.',
  }),
  'local-reference': meaning('It follows only its own clock, or a server that does.', {
    normal: 'Never while a receiver or a source works.',
    next: lookAtSources,
  }),
  contradiction: meaning(
    'It and another server cannot both be right, and most votes agree with both.',
    { next: 'timeball clock --plot; a third source decides.' },
  ),
  'same-daemon': meaning('Two entries are the same daemon, and have one vote together.', {
    next: 'Leave one of them out of clock.references, or of the inventory.',
  }),
  'unproved-source': meaning(
    'It has no vote: what it follows may be a server of the fleet by another address.',
    {
      next: 'If it is another clock, name it in clock.references; if it is one of the fleet, give that device a name that stands for both addresses.',
    },
  ),
  'stratum-jump': meaning(
    'Another stratum than in the sweep before, or a stratum 1 device that is not 1.',
    {
      normal: 'Once, when a source changes.',
      next: 'Again and again: a source comes and goes. ' + lookAtSources,
    },
  ),
  holdover: meaning(
    'Its clock was not set for a while (5 minutes at stratum 1, 70 above), and its error grows.',
    {
      normal: 'Some minutes when a receiver loses its fix: under a few ms in an hour.',
      next: 'The antenna and its cable; timeball doctor DEVICE tells what the receiver sees.',
    },
  ),
  'leap-differs': meaning('It announces another leap second than most.', {
    next: 'Compare with leap-seconds.list: timeball clock --json has the flag of each.',
  }),
  'leap-announcement': meaning(
    'It announces a leap second that leap-seconds.list does not have, or not one that it has.',
    {
      next: 'Update the leap-seconds file of the device (package tzdata) or the firmware of its receiver.',
    },
  ),
  'packet-loss': meaning('Some requests got no answer, and later ones did.', {
    normal: 'None in a wired network.',
    next: 'Over Wi-Fi use a cable; else look for a full link or a firewall that limits rates.',
  }),
} as const satisfies Record<ClockFaultName, Explanation>

export const timeStateWords = {
  good: meaning('Clients can rely on it now.'),
  settling: meaning('It says itself that it has no good time to give yet.', {
    normal: 'Seconds after a restart of a follower, minutes after one of a GPS device.',
    next: 'Wait; longer than 15 minutes: its sources, or its antenna.',
  }),
  bad: meaning('It gives none, or a wrong one, or one that cannot be relied on.', {
    next: 'timeball clock DEVICE says why.',
  }),
  unknown: meaning('Nobody can tell. It is never taken for good.', {
    next: 'timeball ping DEVICE',
  }),
} as const satisfies Record<TimeState, Explanation>
