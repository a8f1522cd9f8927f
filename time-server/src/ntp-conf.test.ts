import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatNtpConf } from './ntp-conf.ts'
import { readSettings } from './settings.ts'
import type { Environment } from './setting-kinds.ts'

function confOf(environment: Environment): string {
  const settings = readSettings(environment)
  assert.ok(settings.ok)
  return formatNtpConf(settings.value)
}

const head = `# Written by the time server at every start, from its environment. Changes are lost.

driftfile /var/lib/ntpsec/ntp.drift
leapfile /usr/share/zoneinfo/leap-seconds.list
`
const access = `
limit average 4
restrict default kod limited nomodify noquery
restrict 127.0.0.1
restrict ::1
`

test('a stratum 1 with GPS and pulse', () => {
  const conf = confOf({ ENABLE_GPS: 'yes', ENABLE_PPS: 'yes', NTP_SERVERS: '192.0.2.1,192.0.2.2' })
  assert.equal(
    conf,
    `${head}
tos minsane 1 minclock 3 maxclock 10 mindist 0.005

refclock shm unit 1 refid PPS prefer minpoll 0 maxpoll 4
refclock shm unit 0 refid GPS time1 0.12 minpoll 0 maxpoll 4 noselect

server 192.0.2.1 iburst
server 192.0.2.2 iburst
${access}`,
  )
})

test('a stratum 1 with GPS only follows the serial time', () => {
  const conf = confOf({ ENABLE_GPS: 'yes', GPS_LATENCY_SECONDS: '0.0735' })
  assert.equal(
    conf,
    `${head}
tos minsane 1 minclock 3 maxclock 10 mindist 0.005

refclock shm unit 0 refid GPS time1 0.0735 minpoll 0 maxpoll 4
${access}`,
  )
})

test('a stratum 2 on four servers wants two that agree', () => {
  const conf = confOf({ NTP_SERVERS: 'a,b,c,d', NTP_MINPOLL: '4', NTP_MAXPOLL: '6' })
  assert.equal(
    conf,
    `${head}
tos minsane 2 minclock 3 maxclock 10 mindist 0.000001

server a iburst minpoll 4 maxpoll 6
server b iburst minpoll 4 maxpoll 6
server c iburst minpoll 4 maxpoll 6
server d iburst minpoll 4 maxpoll 6
${access}`,
  )
})

test('by default no directive can make a server without sources look synchronised', () => {
  assert.doesNotMatch(confOf({ LOCAL_STRATUM: '12' }), /orphan|local|127\.127\.1|\btrue\b/)
})

test('an isolated site can ask for its own clock, at a stratum that nobody prefers', () => {
  const conf = confOf({ LOCAL_CLOCK: 'yes', LOCAL_STRATUM: '12' })
  assert.match(conf, /^tos orphan 12 orphanwait 300$/m)
})
