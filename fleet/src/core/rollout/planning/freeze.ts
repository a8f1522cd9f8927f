/** When nothing may be changed: the operator's windows, and around leap seconds. */
import type { LeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'
import type { RolloutSettings } from '../settings.ts'
import { closedUntil, parseFreezeWindow } from './freeze-window.ts'

type Freeze = RolloutSettings['freeze']

/**
 * Why nothing may be started now and until when, as a phrase; `null`: it may. Of several reasons the
 * one that lasts longest. `leaps` is the list of the IERS; `null`: there is none.
 */
export function frozenAt(
  nowUnixMs: number,
  freeze: Freeze,
  leaps: LeapSeconds | null,
): string | null {
  const closed = [...closedWindows(nowUnixMs, freeze), ...closedByLeap(nowUnixMs, freeze, leaps)]
  const [longest] = closed.toSorted((one, other) => other.untilMs - one.untilMs)
  return longest?.why ?? null
}

interface Closed {
  readonly untilMs: number
  readonly why: string
}

function closedWindows(nowUnixMs: number, { windows }: Freeze): Closed[] {
  const now = Temporal.Instant.fromEpochMilliseconds(Math.trunc(nowUnixMs))
  return windows.flatMap((text) => {
    const window = parseFreezeWindow(text)
    // The settings have been checked: they hold no others.
    const until = window.ok ? closedUntil(window.value, now) : null
    if (!window.ok || until === null) return []
    const why = `freeze window ${window.value.text}, until ${instantText(until, window.value.zone)}`
    return [{ untilMs: until.epochMilliseconds, why }]
  })
}

function closedByLeap(nowUnixMs: number, freeze: Freeze, leaps: LeapSeconds | null): Closed[] {
  return leapsOf(leaps).flatMap(({ atUnixMs, words }) => {
    const untilMs = atUnixMs + freeze.leap_after
    if (nowUnixMs < atUnixMs - freeze.leap_before || nowUnixMs >= untilMs) return []
    const until = instantText(Temporal.Instant.fromEpochMilliseconds(untilMs), 'UTC')
    return [{ untilMs, why: `${words}, until ${until}` }]
  })
}

/** The first line of the list is where it begins, and no leap second. */
function leapsOf(leaps: LeapSeconds | null): { atUnixMs: number; words: string }[] {
  const changes = leaps?.changes ?? []
  return changes.slice(1).map(({ atUnixSeconds, taiOffset }, index) => {
    const isMore = taiOffset > (changes[index]?.taiOffset ?? 0)
    const last = Temporal.Instant.fromEpochMilliseconds((atUnixSeconds - 1) * 1000)
    const day = last.toZonedDateTimeISO('UTC').toPlainDate().toString()
    const words = `${isMore ? 'a second more' : 'a second less'} at the end of ${day} UTC`
    return { atUnixMs: atUnixSeconds * 1000, words }
  })
}

/**
 * A leap second that comes within `leap_before` must be on the list: `null` when it would be, else
 * what is wrong with the list.
 */
export function leapListWarning(
  nowUnixMs: number,
  { leap_before }: Pick<Freeze, 'leap_before'>,
  leaps: LeapSeconds | null,
): string | null {
  if (leaps === null) return 'there is no list of leap seconds: no freeze around them'
  const expiresMs = leaps.expiresUnixSeconds * 1000
  if (expiresMs >= nowUnixMs + leap_before) return null
  const at = instantText(Temporal.Instant.fromEpochMilliseconds(expiresMs), 'UTC')
  const verb = expiresMs < nowUnixMs ? 'has expired' : 'expires soon'
  return `the list of leap seconds ${verb} (${at}): later ones are not known; update tzdata`
}

/** `Mon 2026-11-30 08:00 Europe/Berlin`. */
function instantText(instant: Temporal.Instant, zone: string): string {
  const local = instant.toZonedDateTimeISO(zone)
  const weekday = weekdays[local.dayOfWeek - 1] ?? ''
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' })
  return `${weekday} ${local.toPlainDate().toString()} ${time} ${zone}`
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
