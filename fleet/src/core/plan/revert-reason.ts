/** Why a generation that was not confirmed was reverted, in words. */
import type { Observed } from './observed.ts'

export type Reverted = NonNullable<Observed['recovered']>

export const revertReasons = {
  unconfirmed: 'it was not confirmed in time',
  'power-loss': 'the device restarted before it was confirmed',
  requested: 'that was asked for before it was confirmed',
} as const satisfies Record<Reverted['reason'], string>
