/** `controller:` of `fleet.yaml`: what the controller does without being asked. */
import { z } from 'zod'

export const controllerSettings = z
  .strictObject({
    promote_held_back: z
      .boolean()
      .default(true)
      .describe('Whether devices that were held back are promoted when diversity.for is over.'),
    repair: z
      .boolean()
      .default(true)
      .describe('Whether a device that needed attention is repaired when it is back.'),
  })
  .prefault({})
  .describe('What timeball serve does by itself, within quorum and freeze.')

export type ControllerSettings = z.output<typeof controllerSettings>
