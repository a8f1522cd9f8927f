/** The settings of what is served over HTTP: keys, limits, files, gpsd. Pure. */
import { parseHostPort } from '@timeball/lib/address.ts'
import { printable } from '@timeball/lib/printable.ts'
import { parseKeys } from './keys/parse-keys.ts'
import type { ApiKey } from './keys/parse-keys.ts'
import { fine, readNumber, readText, readWord, wrong } from './setting-kinds.ts'
import type { Environment, Reading } from './setting-kinds.ts'

export const ntpDaemons = ['auto', 'ntpd', 'ntpq', 'chronyd'] as const

/** Where something listens. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface ServiceSettings {
  /** Of the variables `API_KEY_*`. */
  readonly apiKeys: readonly ApiKey[]
  /** An `.env` file whose keys count instead, and which may change; `null`: there is none. */
  readonly apiKeysFile: string | null
  /** Requests a minute of a key without a limit of its own. */
  readonly apiRatePerMinute: number
  /** Origins of web pages that may use the API and `/mcp`; programs send none. */
  readonly allowedOrigins: readonly string[]
  readonly gpsd: Endpoint
  readonly leapFile: string
  /** `auto`: ntpd, and chronyd where no ntpd answers; `ntpq`: ntpd by its own program. */
  readonly ntpDaemon: (typeof ntpDaemons)[number]
}

/** All problems at once, as sentences. */
export function readServiceSettings(environment: Environment): {
  readonly settings: ServiceSettings
  readonly problems: readonly string[]
} {
  const problems: string[] = []
  function take<T>(reading: Reading<T>): T {
    if (reading.problem !== null) problems.push(reading.problem)
    return reading.value
  }
  const keys = parseKeys(environment)
  if (!keys.ok) problems.push(...keys.failure)
  const rate = { name: 'API_RATE_LIMIT', fallback: 6000, min: 1, max: 1_000_000, isWhole: true }
  const settings: ServiceSettings = {
    apiKeys: keys.ok ? keys.value : [],
    apiKeysFile: take(readText(environment, 'API_KEYS_FILE', '')) || null,
    apiRatePerMinute: take(readNumber(environment, rate)),
    allowedOrigins: take(readOrigins(environment, 'ALLOWED_ORIGINS')),
    gpsd: take(readEndpoint(environment, 'GPSD_ADDRESS', { host: '127.0.0.1', port: 2947 })),
    leapFile: take(readText(environment, 'LEAP_FILE', '/usr/share/zoneinfo/leap-seconds.list')),
    ntpDaemon: take(readWord(environment, 'NTP_DAEMON', ntpDaemons, 'auto')),
  }
  return { settings, problems }
}

/** `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`; what is left out is the fallback's. */
export function readEndpoint(
  environment: Environment,
  name: string,
  fallback: Endpoint,
): Reading<Endpoint> {
  const text = environment[name]?.trim() ?? ''
  if (text === '') return fine(fallback)
  const endpoint = parseHostPort(text)
  if (endpoint !== null) return fine({ host: endpoint.host, port: endpoint.port ?? fallback.port })
  return wrong(fallback, `${name} must be an address, such as ${fallback.host}:${fallback.port}`)
}

/** As browsers send them, so that a slash at the end or a path cannot keep a page out unnoticed. */
function readOrigins(environment: Environment, name: string): Reading<readonly string[]> {
  const origins = (environment[name] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  const bad = origins.find((each) => !isOrigin(each))
  if (bad === undefined) return fine(origins)
  const said = printable(bad, 80)
  return wrong([], `${name} must be origins such as https://page.example:8443, not "${said}"`)
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}
