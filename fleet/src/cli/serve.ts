/** `timeball serve`: the controller, until it is told to stop. */
import { formatHostPort } from '@timeball/lib/address.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { checkTokens } from '../app/serve/check-tokens.ts'
import { createController, type Controller, type ControllerParts } from '../app/serve/controller.ts'
import { eventHub, type EventHub } from '../app/serve/event-hub.ts'
import { liveFleet, type LiveFleet } from '../app/serve/live-fleet.ts'
import { keepSchedules, seeSchedules } from '../app/schedules/keep-schedules.ts'
import { rolloutsReader } from '../app/serve/read-rollouts.ts'
import type { Access, Listening } from '../app/serve/listening.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { AccessStore } from '../ports/access-store.ts'
import type { SeriesStore } from '../ports/series-store.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { ScheduleSettings } from '../core/schedules/settings.ts'
import { Secret, secretProblem } from '../core/secrets/secret.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { keepFollowing } from './commits/keep-following.ts'
import { readMemory } from './backup/memory-file.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { namespaceHint } from './namespace-hint.ts'
import { apiSource, clocksOf, openPeople, tellRollouts } from './serve-api.ts'
import { openStore } from './open-store.ts'
import { readOutlook } from './rollout/outlook-file.ts'
import { serveRollouts } from './serve-rollouts.ts'
import { refuse, usageProblem } from './problems.ts'
import { scheduleWorld } from './schedules/world.ts'

export interface ServeOptions extends FleetOptions {
  /** An IP address. */
  readonly bind: string
  readonly port: number
  /** `json`: a line is an object, for a journal. */
  readonly log: 'text' | 'json'
  /** Holds what `Authorization: Bearer` has to say. */
  readonly tokenFile?: string
  /** Seconds between two sweeps, and between two looks at the devices. */
  readonly interval: number
  readonly lookInterval: number
}

export async function serveCommand(context: Context, options: ServeOptions): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  if (await context.isControllerHere(loaded.value)) {
    terminal.say('timeball: another controller of this fleet runs on this machine')
    terminal.say('    timeball status says what it does; end it before another one begins')
    return exitCodes.conflict
  }
  const access = await accessOf(context, options)
  if (!access.ok) return refuse(terminal, [access.failure])
  const obstacle = context.enterNetwork(loaded.value)
  if (obstacle !== null) return refuse(terminal, [obstacle])
  if (access.value.kind === 'token') terminal.hide([access.value.token])
  const remembered = await openStore(context, loaded.value, 'read')
  if (!remembered.ok) return remembered.failure
  const opened = await openPeople(context, loaded.value)
  if (!opened.ok) return opened.failure
  const people = opened.value
  const store = await context.openSamples(loaded.value)
  const series = await context.openSeries(loaded.value)
  const serving = { loaded: loaded.value, options, store, series, people, access: access.value }
  try {
    return await serve(context, { ...serving, rollouts: remembered.value })
  } finally {
    await store.close()
    await series.close()
    await people.close()
    await remembered.value.close()
  }
}

interface Serving {
  readonly loaded: LoadedFleet
  readonly options: ServeOptions
  readonly store: SampleStore
  readonly series: SeriesStore
  readonly people: AccessStore
  readonly rollouts: RolloutStore
  readonly access: Access
}

async function serve(context: Context, serving: Serving): Promise<ExitCode> {
  const { loaded, options, store, series, rollouts, access } = serving
  const { terminal, stop } = context
  const log = logTo(context, options.log)
  let newest = loaded
  const live = await liveFleet(loaded, {
    async load() {
      const read = await context.loadFleet(options)
      if (read.ok) newest = read.value
      return read
    },
    open: (edition) => context.openOutside(edition, options),
    log,
  })
  const world = scheduleWorld(context, loaded, options)
  const settings = (): ScheduleSettings => live.fleet().settings.schedules
  const hide = (secrets: readonly Secret[]): void =>
    terminal.hide(access.kind === 'token' ? [access.token, ...secrets] : secrets)
  const events = eventHub(context.newNonce().slice(0, 8))
  const controller = createController({
    version: context.version,
    live,
    time: context,
    store,
    rollouts: rolloutsSeen(context, { loaded, live, rollouts, log }),
    backups: () => readMemory(context, loaded),
    schedules: () => seeSchedules(settings(), world),
    events,
    series,
    sweepEveryMs: options.interval * 1000,
    lookEveryMs: options.lookInterval * 1000,
    hide,
    log,
  })
  const listening = await answer(context, serving, {
    controller,
    events,
    log,
    newest: () => newest,
  })
  if (listening === null) {
    await live.close()
    return exitCodes.failed
  }
  const reached = (): ReadonlySet<string> => controller.reached()
  await Promise.all([
    controller.run(stop),
    keepSchedules({ world, settings, time: context, log }, stop),
    keepFollowing({ context, options, loaded: () => newest, log }),
    serveRollouts(context, { loaded, live, samples: store, hide, reached, log }),
    tellRollouts(context, rollouts, { events, log }),
  ])
  events.close()
  await listening.close()
  await live.close()
  return exitCodes.done
}

function logTo(context: Context, format: ServeOptions['log']): (line: string) => void {
  const { terminal } = context
  if (format === 'text') return (line) => terminal.say(`timeball: ${line}`)
  return (message) => {
    const time = Temporal.Instant.fromEpochMilliseconds(Math.trunc(context.nowUnixMs()))
    terminal.say(JSON.stringify({ time: time.toString(), message }))
  }
}

function beginning({ fleet }: LoadedFleet, at: string): readonly string[] {
  const hint = namespaceHint(fleet, `http://${at}/health`)
  const first = `fleet ${fleet.name}, ${fleet.devices.length} devices: http://${at}`
  return hint === null ? [first] : [first, hint]
}

interface Remembered extends Pick<Serving, 'loaded' | 'rollouts'> {
  readonly live: LiveFleet
  readonly log: (line: string) => void
}

function rolloutsSeen(
  context: Context,
  { loaded, live, rollouts, log }: Remembered,
): ControllerParts['rollouts'] {
  return rolloutsReader({
    store: rollouts,
    readOutlook: (rollout) => readOutlook(context, loaded, rollout),
    wishes: () => live.fleet().settings.controller,
    devices: () => live.fleet().devices,
    nowUnixMs: () => context.nowUnixMs(),
    log,
  })
}

interface Answering {
  readonly log: (line: string) => void
  readonly controller: Controller
  readonly events: EventHub
  readonly newest: () => LoadedFleet
}

/** `null`: it cannot listen, of which was told already. */
async function answer(
  context: Context,
  { loaded, options, access, people, rollouts, series }: Serving,
  { controller, events, log, newest }: Answering,
): Promise<Listening | null> {
  const { bind, port } = options
  const api = apiSource(context, newest, { rollouts, series, events, audit: people })
  const socket = `${loaded.stateFolder}/controller.sock`
  const tokens = checkTokens({ store: people, ...clocksOf(context), log })
  const request = { controller, api, access, tokens, bind, port, socket, log }
  const listening = await context.listen(request)
  if (!listening.ok) {
    log(`cannot listen on ${bind} port ${port}: ${listening.failure}`)
    return null
  }
  for (const line of beginning(loaded, formatHostPort(bind, listening.value.port))) log(line)
  return listening.value
}

/** Without a token nobody but this machine is served. */
async function accessOf(
  context: Context,
  { bind, tokenFile }: ServeOptions,
): Promise<Result<Access, Problem>> {
  if (tokenFile === undefined) {
    if (isLoopback(bind)) return ok({ kind: 'local' })
    const fix = 'name a file with a token: --token-file FILE'
    return fail(usageProblem(`${bind} is seen by others than this machine`, fix))
  }
  const file = await context.readBytes(tokenFile)
  if (!file.ok) return file
  const refused = (what: string, fix: string): Result<Access, Problem> =>
    fail({ file: tokenFile, line: null, column: null, what: `the token ${what}`, fix })
  if ((file.value.mode & 0o077) !== 0) {
    return refused('can be read by others', `chmod 600 ${tokenFile}, and write a new one into it`)
  }
  const token = new TextDecoder().decode(file.value.content).trim()
  const weakness = token.length < 16 ? 'is shorter than 16 characters' : secretProblem(token)
  if (weakness === null) return ok({ kind: 'token', token: new Secret('serve token', token) })
  return refused(weakness, 'write one with: openssl rand -hex 32')
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}
