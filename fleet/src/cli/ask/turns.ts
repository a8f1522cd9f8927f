/** `timeball restart` and `timeball reboot`: one device after another, while the quorum allows it. */
import type { ExitCode } from '../../api/exit-codes.ts'
import { rebootDevice, restartContainer } from '../../app/operate/acts.ts'
import type { Context } from '../context.ts'
import { openRecords } from '../records.ts'
import { reach } from '../start.ts'
import { askBefore, takeAll, type TurnAction, type TurnsOptions } from './take-all.ts'

export type Action = 'restart' | 'reboot'

const actions = {
  restart: {
    ...{ name: 'restart', wish: 'Restart', doing: 'restarting' },
    did: () => 'restarted',
    act: restartContainer,
  },
  reboot: {
    ...{ name: 'reboot', wish: 'Reboot', doing: 'rebooting' },
    did: () => 'rebooted',
    act: rebootDevice,
  },
} as const satisfies Record<Action, TurnAction>

export async function turnsCommand(
  context: Context,
  name: Action,
  targets: string | undefined,
  options: TurnsOptions,
): Promise<ExitCode> {
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const action = actions[name]
  const refusal = await askBefore(context, action, reached.value, options)
  const exit =
    refusal ??
    (await takeAll(context, action, reached.value, {
      records: await openRecords(context, options.json),
      ...{ options, failedBefore: [] },
    }))
  await reached.value.outside.engine.close('keep')
  return exit
}
