/** The rules about everything else than time: HTTP, container, disk, generation, release, drift. */
import { shortDigests } from '../short-digest.ts'
import type { ObservedContainer } from '../plan/observed.ts'
import { contractBreaches } from '../service/contract.ts'
import { degraded, unknown, type Finding } from './finding.ts'
import type { HealthInput, HealthLevel } from './verdict.ts'

/** Time may well be served while HTTP is not, or says otherwise, so nothing here is `down`. */
export function httpRule({ http }: HealthInput): Finding {
  if (!http.ok) {
    const text = `health: ${http.failure.detail}`
    return http.failure.code === 'aborted' ? unknown(text) : degraded(text)
  }
  const { status, reasons, httpStatus } = http.value
  const because = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
  switch (status) {
    case 'unhealthy':
    case 'degraded':
      return degraded(`says ${status}${because}`)
    case null:
      return unknown('its health has no status')
    case 'healthy':
      return httpStatus < 400 ? null : degraded(`says healthy, but with HTTP ${httpStatus}`)
  }
}

/** The worst breach: what the monitoring and who has no key see of the server. */
export function contractRule({ contract, http, observed }: HealthInput): Finding {
  const labels = observed.ok
    ? [...observed.value.containers.values()].map(({ versionLabel }) => versionLabel)
    : []
  const label = labels.find((found) => found !== null) ?? null
  const [breach] = contract === null ? [] : contractBreaches({ ...contract, http, label })
  if (breach === undefined) return null
  return breach.state === 'unknown' ? unknown(breach.text) : degraded(breach.text)
}

const containerLevels = {
  running: 'ok',
  restarting: 'down',
  exited: 'down',
  paused: 'down',
  created: 'down',
  dead: 'down',
  absent: 'down',
  unknown: 'unknown',
} as const satisfies Record<ObservedContainer['state'], HealthLevel>

/** Also speaks for a device that could not be reached. */
export function containerRule({ observed }: HealthInput): Finding {
  if (!observed.ok) return unknown(`not reached: ${observed.failure.detail}`)
  const container = worstContainer([...observed.value.containers.values()])
  if (container === null) return unknown('no container was checked')
  const level = containerLevels[container.state]
  if (level !== 'ok') return { level, text: `container ${container.name} is ${container.state}` }
  if (container.health === 'unhealthy') return degraded(`container ${container.name} is unhealthy`)
  return null
}

/** The container in the worst state; `null` when there is none. */
export function worstContainer(containers: readonly ObservedContainer[]): ObservedContainer | null {
  const levels: readonly HealthLevel[] = ['down', 'unknown', 'ok']
  const worst = levels
    .map((level) => containers.find(({ state }) => containerLevels[state] === level))
    .find((container) => container !== undefined)
  return worst ?? null
}

export function diskRule(input: HealthInput): Finding {
  const usedPercent = diskUsedPercent(input)
  if (usedPercent === null) return unknown('disk use is not known')
  const limit = input.thresholds.diskPercent
  if (usedPercent < limit) return null
  return degraded(`disk ${Math.round(usedPercent)} % used (limit ${limit} %)`)
}

/** The fullest disk that anybody saw; `null` when nobody saw one. */
export function diskUsedPercent({ http, observed }: HealthInput): number | null {
  const said = http.ok ? http.value.diskUsedPercent : null
  const seen = observed.ok ? [...observed.value.disks.values()].map((disk) => disk.usedPercent) : []
  const known = said === null ? seen : [said, ...seen]
  return known.length === 0 ? null : Math.max(...known)
}

export function generationRule({ observed }: HealthInput): Finding {
  if (!observed.ok) return null
  const { generation, pending, recovered } = observed.value
  if (pending !== null) return degraded(`generation ${pending} is not confirmed`)
  if (recovered !== null && recovered.generation > generation) {
    return degraded(`reverted generation ${recovered.generation} (${recovered.reason})`)
  }
  return null
}

export function releaseRule({ release }: HealthInput): Finding {
  const { wanted, running } = release
  if (wanted === null || wanted === running) return null
  if (running === null) return unknown('it is not known which release runs')
  return degraded(`runs ${running} instead of ${wanted}`)
}

const shownResources = 3

/** `null` is nobody's fault here: the operator has not the keys, and was told so. */
export function driftRule({ drift }: HealthInput): Finding {
  if (drift === null || drift.length === 0) return null
  const more = drift.length > shownResources ? `, ${drift.length - shownResources} more` : ''
  return degraded(`drift: ${drift.slice(0, shownResources).map(shortDigests).join(', ')}${more}`)
}
