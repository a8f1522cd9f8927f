/** `timeball state migrate PLACE`: what is remembered goes into another store, and stays in this one. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { migrateState, type MigrateFailure, type Remembered } from '../../app/migrate-state.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { statePlace } from '../../core/settings/state-place.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'

export async function migrateCommand(
  context: Context,
  place: string,
  options: FleetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const mistake = mistakeIn(place, loaded.value)
  if (mistake !== null) return refuse(terminal, [usageProblem(mistake, null)])
  const from = await open(context, loaded.value)
  if (!from.ok) return refuse(terminal, [from.failure])
  const to = await open(context, at(loaded.value, place))
  if (!to.ok) {
    await close(from.value)
    return refuse(terminal, [to.failure])
  }
  try {
    const migrated = await migrateState({
      from: from.value,
      to: to.value,
      owner: context.self,
      nowMs: context.nowUnixMs(),
      servers: loaded.value.fleet.devices.map(({ name }) => name),
    })
    if (!migrated.ok) return say(context, migrated.failure, place)
    const { rollouts, events, blocked, devices, samples } = migrated.value
    terminal.out(
      `${rollouts} rollouts with ${events} events, ${blocked} blocked releases, ${devices} devices and ${samples} samples are in ${place}.`,
    )
    terminal.out(`Write it into fleet.yaml, on every machine: state: ${place}`)
    return exitCodes.done
  } finally {
    await close(from.value)
    await close(to.value)
  }
}

/** `memory` is gone when the command ends. */
function mistakeIn(place: string, { fleet }: LoadedFleet): string | null {
  const read = statePlace.safeParse(place)
  if (!read.success) {
    const [issue] = read.error.issues
    const wanted = 'sqlite, or postgres://USER@HOST/DATABASE, is wanted'
    return `${place}: ${issue?.code === 'custom' ? issue.message : wanted}`
  }
  if (place === 'memory') return 'memory: is gone when the command ends'
  return place === fleet.settings.state ? `${place}: it is there already` : null
}

function at(loaded: LoadedFleet, state: string): LoadedFleet {
  const { fleet } = loaded
  return { ...loaded, fleet: { ...fleet, settings: { ...fleet.settings, state } } }
}

async function open(context: Context, loaded: LoadedFleet): Promise<Result<Remembered, Problem>> {
  const rollouts = await context.openRolloutStore(loaded)
  if (!rollouts.ok) return rollouts
  return ok({ rollouts: rollouts.value, samples: await context.openSamples(loaded) })
}

async function close({ rollouts, samples }: Remembered): Promise<void> {
  await rollouts.close()
  await samples.close()
}

function say({ terminal }: Context, failure: MigrateFailure, place: string): ExitCode {
  switch (failure.kind) {
    case 'held':
      terminal.say(`timeball: ${formatHolder(failure.holder)} is at work; nothing was copied`)
      return exitCodes.conflict
    case 'not-empty':
      terminal.say(`timeball: ${place} remembers something already; nothing was copied`)
      return exitCodes.conflict
    case 'damaged':
      terminal.say(`timeball: ${failure.what}; nothing was copied`)
      terminal.say('    timeball recover makes a sound state out of what can be read')
      return exitCodes.failed
  }
}
