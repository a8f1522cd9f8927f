/** The record of `gps calibrate`. */
import { z } from 'zod'
import { proposalOf, type Calibration } from '../../core/ask/gps/serial-view.ts'
import { device, unknownNumber } from './parts.ts'

export const gpsCalibration = z
  .strictObject({
    type: z.literal('gps_calibration'),
    device,
    against: z.enum(['pulse', 'fleet']).describe('What told the true time.'),
    samples: z.number(),
    late_seconds: z.number().describe('Median; above 0 the sentences are late.'),
    from_seconds: z.number().describe('Nine of ten samples are from here'),
    to_seconds: z.number().describe('to here.'),
    set_seconds: unknownNumber.describe('gps_latency of the inventory; null: it has none.'),
    proposed_seconds: unknownNumber.describe(
      'gps_latency as it should be; null: what is set fits.',
    ),
  })
  .describe('How late the sentences of a receiver are (gps calibrate).')

export function calibrationRecord(calibration: Calibration): z.output<typeof gpsCalibration> {
  const { device: name, offset, setSeconds } = calibration
  return {
    ...{ type: 'gps_calibration', device: name, against: offset.against, samples: offset.samples },
    late_seconds: offset.lateSeconds,
    from_seconds: offset.fromSeconds,
    to_seconds: offset.toSeconds,
    set_seconds: setSeconds,
    proposed_seconds: proposalOf(calibration),
  }
}
