/** `.timeball/outlook.json`: what the runner of the rollout knows, for other processes on this machine. */
import { serially } from '@timeball/lib/serially.ts'
import type { RolloutRun } from '../../app/rollout/run-rollout.ts'
import { formatOutlook, outlookOf, parseOutlook, type Outlook } from '../../core/rollout/outlook.ts'
import type { Context, LoadedFleet } from '../context.ts'

const outlookFile = 'outlook.json'

export async function readOutlook(
  { readText }: Pick<Context, 'readText'>,
  { stateFolder }: LoadedFleet,
  rollout: string,
): Promise<Outlook | null> {
  const text = await readText(`${stateFolder}/${outlookFile}`)
  return text.ok ? parseOutlook(text.value, rollout) : null
}

export interface OutlookKeeper {
  keep(outlook: Outlook): void
  /** After each check of a rollout that runs here. */
  readonly onChange: RolloutRun['onChange']
  /** What is being written is on the disk. */
  settled(): Promise<void>
}

export function outlookKeeper(context: Pick<Context, 'keep'>, loaded: LoadedFleet): OutlookKeeper {
  const inTurn = serially()
  let last = Promise.resolve()
  const keep = (outlook: Outlook): void => {
    last = inTurn(() => context.keep(loaded, outlookFile, formatOutlook(outlook)))
  }
  return {
    keep,
    onChange(state, events, sight) {
      // Once for each check, and not for each event after it.
      if (events.length === 0 && sight !== null) keep(outlookOf(state, sight))
    },
    settled: () => last,
  }
}
