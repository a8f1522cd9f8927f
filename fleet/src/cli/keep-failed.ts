import type { Context, LoadedFleet } from './context.ts'

/**
 * Keeps the devices for `--limit @failed`. A command that only looks leaves the list alone where it
 * reached all: what an `apply` left undone is undone still.
 */
export async function keepFailed(
  context: Context,
  loaded: LoadedFleet,
  failed: readonly string[],
): Promise<void> {
  if (failed.length > 0) await context.saveLastRun(loaded, { failed })
}
