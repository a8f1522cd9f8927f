/** Boots what a backup has in a container on a device, and asks it for time. */
import { printable } from '@timeball/lib/printable.ts'
import { printableText } from '@timeball/lib/printable-text.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import {
  bootScript,
  endBootScript,
  scratchPorts,
  settingsIn,
  upLine,
  type ScratchBoot,
} from '../../core/backup/boot-script.ts'
import { driftPath } from '../../core/backup/device-script.ts'
import { imageOfCompose } from '../../core/desired/compose-file.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import { composePath, environmentPath } from '../../core/desired/paths.ts'
import type { Answer } from '../../core/ask/answer.ts'
import type { Device } from '../../core/device/device.ts'
import { failureText, type Failure } from '../../core/failure.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { scaleSeconds } from '../../core/table.ts'
import { Secret } from '../../core/secrets/secret.ts'
import { askOne } from '../ask/ask-many.ts'
import type { Outside } from '../outside.ts'
import { reasonAlone } from '../settle.ts'

export interface Booting {
  readonly fleet: Fleet
  /** Whose backup it is. */
  readonly device: Device
  /** Where it is booted. */
  readonly host: Device
  /** Of the backup. */
  readonly contents: ReadonlyMap<string, Uint8Array>
  readonly outside: Outside
  readonly stop: AbortSignal
  readonly abort: AbortSignal
  /** Told of the keys, before anything else is done with them. */
  readonly onSecret: (secret: Secret) => void
}

export interface Booted {
  /** From the start of the container to good time. */
  readonly seconds: number
  /** `null`: it does not say. */
  readonly version: string | null
  readonly stratum: number
  /** Of its time, to the clock of this machine. */
  readonly offsetSeconds: number
  readonly errorSeconds: number
}

const settleMs = 180_000
/** With the pull of an image on a slow line. */
const hostSeconds = 1200
const samples = 4
/** Longer than the second between packets that NTP servers grant one client. */
const pauseMs = 1_500

/** The failure is a phrase. */
export async function bootBackup(booting: Booting): Promise<Result<Booted, string>> {
  const parts = readParts(booting)
  if (!parts.ok) return parts
  const { host, outside, abort } = booting
  const cut = new AbortController()
  const reach = { outside, abort: AbortSignal.any([abort, cut.signal]) }
  const up = Promise.withResolvers<null>()
  let said = ''
  const question = {
    script: bootScript(parts.value.boot),
    as: 'root',
    seconds: hostSeconds,
  } as const
  const gone = askOne(host, { ...question, mostBytes: 64 * 1024 }, reach, (part) => {
    said += printableText(new TextDecoder().decode(part))
    if (said.split('\n').includes(upLine)) up.resolve(null)
  }).then((answer) => whyNot(answer, said))
  const begun = await Promise.race([up.promise, gone])
  if (begun !== null) return begun
  const found = await Promise.race([awaitTime(booting, parts.value.key), gone])
  const end = { script: endBootScript, as: 'root', seconds: 60, mostBytes: 1024 } as const
  const heard = await askOne(host, end, reach)
  // A device that hears no end hears that nobody is there any more.
  if (!heard.ok || heard.value.exit !== 0) cut.abort()
  const ended = await gone
  return found === null || (found.ok && ended !== null) ? (ended ?? fail('it ended')) : found
}

interface Parts {
  readonly boot: ScratchBoot
  readonly key: Secret
}

/** Who can write to a repository must not choose what a device runs. */
function readParts({ fleet, device, contents, onSecret }: Booting): Result<Parts, string> {
  const environment = contents.get(environmentPath.slice(1)) ?? new Uint8Array()
  const compose = new TextDecoder().decode(contents.get(composePath.slice(1)))
  const image = imageOfCompose(compose)
  const settings = settingsIn(environment)
  const value = settings.get('API_KEY_1')
  if (image === null || value === undefined) return fail('it has no image, or no key')
  const key = new Secret('API_KEY_1', value)
  onSecret(key)
  if (!isOfOneRepository(image, fleet.settings.image.ref)) {
    return fail(
      `its image ${printable(image)} is not run: it is no release of ${fleet.settings.image.ref} by digest`,
    )
  }
  const sources = fleet.devices.filter(({ gps }) => gps).map(({ address }) => address)
  const followed = settings.get('NTP_SERVERS')?.split(',') ?? []
  const drift = contents.get(driftPath.slice(1)) ?? null
  // There is no receiver in a container on another device.
  return ok({
    key,
    boot: { image, environment, drift, ntpServers: device.gps ? sources : followed },
  })
}

function isOfOneRepository(image: string, wanted: string): boolean {
  const [a, b] = [parseImageReference(image), parseImageReference(wanted)]
  if (!a.ok || !b.ok || a.value.digest === null) return false
  return a.value.registry === b.value.registry && a.value.repository === b.value.repository
}

/** Until it serves good time and takes its key. */
async function awaitTime(
  { host, fleet, outside, stop, abort }: Booting,
  key: Secret,
): Promise<Result<Booted, string>> {
  const { ntp: ntpPort, http: httpPort, metrics: metricsPort } = scratchPorts
  const scratch = { ...host, ntpPort, httpPort, metricsPort }
  const startMs = outside.nowMs()
  for (;;) {
    const reason = await reasonAlone(scratch, outside, { abort })
    const seconds = (outside.nowMs() - startMs) / 1000
    if (stop.aborted) return fail('it was called off')
    if (reason === null) break
    if (seconds * 1000 >= settleMs) return fail(`it booted, and gave no good time: ${reason}`)
    await outside.wait(pauseMs, stop)
  }
  const seconds = (outside.nowMs() - startMs) / 1000
  await outside.wait(pauseMs, stop)
  const [health, time, takes] = await Promise.all([
    outside.probeHttp(scratch, abort),
    outside.probeNtp(scratch, samples, abort),
    outside.probeKey(scratch, key, abort),
  ])
  if (!health.ok) return fail(`it booted, and then: ${health.failure.detail}`)
  if (!time.ok) return fail(`it booted, and then: ${time.failure.detail}`)
  if (!takes.ok || takes.value === 'refused') return fail('it booted, and does not take its key')
  const { offsetSeconds, errorSeconds, stratum } = time.value
  const limit = fleet.settings.health.max_offset_ms
  if (Math.abs(offsetSeconds) - errorSeconds > limit / 1000) {
    return fail(`it booted, and is off by ${scaleSeconds(offsetSeconds)} (limit ${limit} ms)`)
  }
  return ok({ seconds, version: health.value.version, stratum, offsetSeconds, errorSeconds })
}

const reasons: Readonly<Record<number, string>> = {
  4: 'another drill is at work there',
  5: 'its image could not be had there',
  6: 'it does not run',
}

/** `null`: it was there, and was taken away. */
function whyNot(answer: Result<Answer, Failure>, said: string): Result<never, string> | null {
  if (!answer.ok) return fail(failureText(answer.failure))
  const { exit } = answer.value
  if (exit === 0) return null
  const words =
    said
      .trim()
      .split('\n')
      .filter((line) => line !== upLine)
      .at(-1) ?? ''
  const why = reasons[exit] ?? 'it was ended before its time'
  return fail(words === '' ? why : `${why}: ${printable(words, 300)}`)
}
