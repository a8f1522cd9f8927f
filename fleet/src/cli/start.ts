/** The beginning that plan, apply and health share: read the fleet, select, read secrets, resolve. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { Outside } from '../app/outside.ts'
import { prepare, type Prepared, type PrepareMode } from '../app/prepare.ts'
import { fail, ok, type Result } from '../core/result.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { refuse } from './problems.ts'

export interface Started {
  readonly loaded: LoadedFleet
  readonly prepared: Prepared
  readonly outside: Outside
}

/** The failure is an exit code: what went wrong was said already. */
export async function start(
  context: Context,
  targets: string | undefined,
  options: FleetOptions,
  mode: PrepareMode,
): Promise<Result<Started, ExitCode>> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return fail(refuse(terminal, loaded.failure))
  const selected = await context.select(loaded.value, joinPatterns(targets, options.limit))
  if (!selected.ok) return fail(refuse(terminal, selected.failure))
  const obstacle = mode === 'offline' ? null : context.enterNetwork(loaded.value)
  if (obstacle !== null) return fail(refuse(terminal, [obstacle]))
  const outside = await context.openOutside(loaded.value, options)
  const signal = context.abort
  const prepared = await prepare(loaded.value.fleet, selected.value, outside, { mode, signal })
  if (prepared.ok) {
    terminal.hide(prepared.value.secrets)
    return ok({ loaded: loaded.value, prepared: prepared.value, outside })
  }
  if (prepared.failure.kind === 'problems') return fail(refuse(terminal, prepared.failure.problems))
  terminal.say(`timeball: the image could not be resolved to a digest: ${prepared.failure.detail}`)
  terminal.say('    check image in fleet.yaml and that this machine reaches the registry')
  return fail(exitCodes.failed)
}

/** Both the argument and `--limit` narrow the selection. */
function joinPatterns(targets: string | undefined, limit: string | undefined): string | undefined {
  if (targets === undefined || limit === undefined) return targets ?? limit
  return `${targets}:&${limit}`
}
