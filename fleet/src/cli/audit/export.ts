/** `timeball audit export`: the log as JSON lines. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withAccess } from '../open-access.ts'

/** So many are read at once. */
const batch = 1_000

export async function exportCommand(context: Context, options: FleetOptions): Promise<ExitCode> {
  return await withAccess(context, options, async (store) => {
    for (let after = 0; ; after += batch) {
      const texts = await store.lines({ after, most: batch })
      for (const text of texts) context.terminal.out(text)
      if (texts.length < batch) return exitCodes.done
    }
  })
}
