/** The real world for use cases: HTTP, NTP, the registry, Prometheus, randomness and time. */
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { queryNtp } from '@timeball/clock/ntp/query.ts'
import type { Settings } from '../core/settings/settings.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { ntpKeyName, ntpKeyOf } from '../core/secrets/ntp-key.ts'
import type { SecretStore } from '../ports/secret-store.ts'
import type { World } from '../ports/world.ts'
import { endSilence, postSilence } from '../probes/alertmanager.ts'
import { probeContract } from '../probes/contract.ts'
import { probeHttpHealth } from '../probes/http-health.ts'
import { probeKey } from '../probes/key.ts'
import { askPrometheus } from '../probes/promql.ts'
import { dockerLogin } from './docker-login.ts'
import { resolveImage } from './resolve-image.ts'
import { clockWorld, type ClockWorldOptions } from './sweep.ts'
import { wait } from './wait.ts'

/** `secrets`: where the keys of devices are, with which they are asked if the settings say so. */
export function openWorld(
  settings: Pick<Settings, 'health' | 'image' | 'clock'>,
  secrets: SecretStore | null = null,
): World {
  const timeoutMs = settings.health.timeout
  const ntpTimeoutMs = Math.min(timeoutMs, 1_000)
  const bounded = { timeoutMs, signal: new AbortController().signal }
  return {
    resolveImage: (ref, plainHttp, signal) =>
      resolveImage(
        ref,
        settings.image,
        { plainHttp, credentials: null, timeoutMs: 10_000, signal },
        (registry) => dockerLogin(registry, process.env),
      ),
    probeHttp: ({ address, httpPort }, signal) =>
      probeHttpHealth({ address, port: httpPort, timeoutMs, signal }),
    probeContract: ({ address, httpPort, metricsPort }, signal) =>
      probeContract({ address, httpPort, metricsPort, timeoutMs, signal }),
    probeKey: ({ address, httpPort: port }, key, signal) =>
      probeKey({ address, port, key, timeoutMs, signal }),
    probeNtp: ({ address, ntpPort }, samples, signal) =>
      queryNtp({ address, port: ntpPort, timeoutMs: ntpTimeoutMs, samples, signal }),
    ...clockWorld({
      timeoutMs: ntpTimeoutMs,
      key: settings.clock.key ?? null,
      keyOf: settings.clock.authenticate === 'require' ? keysIn(secrets) : undefined,
    }),
    queryPrometheus: (prometheus, query, { device, signal }) =>
      askPrometheus({ prometheus, query, device, timeoutMs, signal }),
    silence: {
      begin: (alertmanager, silence) => postSilence(silence, { alertmanager, ...bounded }),
      end: (alertmanager, id) => endSilence(id, { alertmanager, ...bounded }),
    },
    newNonce: () => randomBytes(16).toString('hex'),
    nowMs: () => performance.now(),
    wait,
  }
}

function keysIn(secrets: SecretStore | null): ClockWorldOptions['keyOf'] {
  if (secrets === null) return undefined
  return async (device) => {
    const secret = await secrets.read(device, ntpKeyName)
    if (!secret.ok) return fail(`its NTP key: ${secret.failure.detail}`)
    const { id, hex } = ntpKeyOf(secret.value)
    return ok({ id, algorithm: 'AES', secret: Buffer.from(hex, 'hex') })
  }
}
