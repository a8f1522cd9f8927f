/** The real world for use cases: OpenSSH, HTTP, NTP, the registry, randomness and time. */
import { randomBytes } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { queryNtp } from '@timeball/clock/ntp/query.ts'
import type { Outside } from '../app/outside.ts'
import type { Settings } from '../core/settings/settings.ts'
import { sshEngine } from '../engines/ssh/ssh-engine.ts'
import { endSilence, postSilence } from '../probes/alertmanager.ts'
import { probeHttpHealth } from '../probes/http-health.ts'
import { askPrometheus } from '../probes/promql.ts'
import { environmentStore, type Environment } from '../stores/secrets/env/environment-store.ts'
import { readApplier } from './applier.ts'
import { resolveImage } from './resolve-image.ts'
import { clockOutside } from './sweep.ts'
import { wait } from './wait.ts'

export interface OutsideOptions {
  readonly settings: Settings
  /** `.timeball/` of the fleet. */
  readonly stateFolder: string
  readonly environment: Environment
  readonly hostKeys: 'strict' | 'accept-new'
}

export async function openOutside(options: OutsideOptions): Promise<Outside> {
  const { settings, stateFolder, environment } = options
  const timeoutMs = settings.health.timeout
  const bounded = { timeoutMs, signal: new AbortController().signal }
  return {
    engine: sshEngine({
      controlDirectory: join(environment['XDG_RUNTIME_DIR'] ?? tmpdir(), `timeball-${userId()}`),
      knownHostsFiles: [
        settings.ssh.known_hosts ?? join(stateFolder, 'known_hosts'),
        join(homedir(), '.ssh', 'known_hosts'),
      ],
      hostKeys: options.hostKeys,
      connectTimeoutSeconds: Math.ceil(settings.ssh.connect_timeout / 1000),
      persistSeconds: Math.ceil(settings.ssh.keep_alive / 1000),
    }),
    applier: await readApplier(),
    secrets: environmentStore(environment),
    resolveImage: (ref, plainHttp, signal) =>
      resolveImage(ref, settings.image.signature_keys, {
        plainHttp,
        credentials: null,
        timeoutMs: 10_000,
        signal,
      }),
    probeHttp: ({ address, httpPort }, signal) =>
      probeHttpHealth({ address, port: httpPort, timeoutMs, signal }),
    probeNtp: ({ address, ntpPort }, samples, signal) =>
      queryNtp({
        address,
        port: ntpPort,
        timeoutMs: Math.min(timeoutMs, 1_000),
        samples,
        signal,
      }),
    ...clockOutside({
      timeoutMs: Math.min(timeoutMs, 1_000),
      key: settings.clock.key ?? null,
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

function userId(): number {
  return process.getuid?.() ?? 0
}
