/**
 * Writes ntpd's configuration from the settings. Pure. The directives are ntpsec's (ntp.conf(5)); it
 * goes on after a syntax error without a word to its clients, so a test lets a real ntpd read this.
 */
import { keyLines, noNtpKeys, type NtpKeys } from './ntp-keys.ts'
import type { Settings } from './settings.ts'

/** Keys, and the file in which ntpd finds them. */
export interface KeysForNtpd {
  readonly keys: NtpKeys
  readonly file: string
}

/** The whole file, with a line feed at its end. `auth`: `null` without keys. */
export function formatNtpConf(settings: Settings, auth: KeysForNtpd | null = null): string {
  const keys = auth?.keys ?? noNtpKeys
  const sections = [
    ['# Written by the time server at every start, from its environment. Changes are lost.'],
    files,
    selection(settings),
    referenceClocks(settings),
    auth === null ? [] : keyLines(keys, auth.file),
    settings.ntpServers.map((server) => serverLine(server, settings, keys)),
    localClock(settings),
    access,
  ]
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${text.join('\n\n')}\n`
}

const files = [
  'driftfile /var/lib/ntpsec/ntp.drift',
  'leapfile /usr/share/zoneinfo/leap-seconds.list',
]

/**
 * Debian's `minsane 3` would keep a GPS server with one receiver from ever being in step. Two of three
 * servers are enough where there are three: one of them may be away in an update.
 */
function selection(settings: Settings): string[] {
  const minSane = settings.hasGps || settings.ntpServers.length < 3 ? 1 : 2
  // A serial receiver jitters by milliseconds and must still intersect with its pulse. Elsewhere the
  // usual millisecond would do harm: ntpsec stays with the source that it follows, even one that has
  // lost its receiver, for as long as another is nearer to it than that (ntp_proto.c, clock_select),
  // and for minutes it would tell its own clients the 15 s of dispersion of the lost one.
  const minDistance = settings.hasGps ? '0.005' : '0.000001'
  return [`tos minsane ${minSane} minclock 3 maxclock 10 mindist ${minDistance}`]
}

/**
 * gpsd's shared memory: unit 0 is the serial time, unit 1 the pulse, which gpsd has numbered with the
 * serial time already. With a pulse the serial time is only watched. Short polls: in step in seconds.
 */
function referenceClocks(settings: Settings): string[] {
  if (!settings.hasGps) return []
  const serial = `refclock shm unit 0 refid GPS time1 ${settings.gpsLatencySeconds} minpoll 0 maxpoll 4`
  if (!settings.hasPps) return [serial]
  return ['refclock shm unit 1 refid PPS prefer minpoll 0 maxpoll 4', `${serial} noselect`]
}

function serverLine(server: string, settings: Settings, { sources }: NtpKeys): string {
  const id = sources.get(server)?.id

  const min = settings.minPoll === null ? '' : ` minpoll ${settings.minPoll}`
  const max = settings.maxPoll === null ? '' : ` maxpoll ${settings.maxPoll}`
  const key = id === undefined ? '' : ` key ${id}`
  return `server ${server} iburst${min}${max}${key}`
}

/**
 * Neither `refclock local` nor orphan mode by default: ntpsec 1.2.2 then answers with leap 0 and root
 * dispersion 0, which clients cannot tell from a synchronised server. Asked for, it is orphan mode.
 */
function localClock(settings: Settings): string[] {
  return settings.servesLocalClock ? [`tos orphan ${settings.localStratum} orphanwait 300`] : []
}

/**
 * Everybody may ask for the time, at a bounded rate; only this host may ask for the state. One
 * address is often many clients behind a router, or a controller beside people at their commands:
 * ntpsec's own 1 packet a second, 20 at once (ntp.conf(5), `limit`), told those that they ask too
 * often. An answer is as long as its question, so that four a second amplify nothing.
 */
const access = [
  'limit average 4',
  'restrict default kod limited nomodify noquery',
  'restrict 127.0.0.1',
  'restrict ::1',
]
