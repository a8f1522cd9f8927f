/** A point of a server's history: `/api/v1/clocks/SERVER/samples`. */
import { z } from 'zod'
import type { ClockPoint } from '../../core/clock/series.ts'
import { unixMs, unknownNumber } from './parts.ts'

export const clockPoint = z
  .strictObject({
    at_unix_ms: unixMs.describe('When it was measured, or when the hour began.'),
    sweeps: z.number().describe('How many sweeps it stands for.'),
    good: z.number().describe('In how many of them the server was a truechimer.'),
    offset_seconds: unknownNumber.describe('Their mean; null: it was not measured.'),
    offset_min_seconds: unknownNumber,
    offset_max_seconds: unknownNumber,
    error_seconds: unknownNumber.describe('The largest.'),
  })
  .describe('What one sweep, or all of an hour, measured of a server.')

export function clockPointRecord(point: ClockPoint): z.output<typeof clockPoint> {
  return {
    at_unix_ms: point.atUnixMs,
    sweeps: point.sweeps,
    good: point.good,
    offset_seconds: point.offsetSeconds,
    offset_min_seconds: point.offsetMinSeconds,
    offset_max_seconds: point.offsetMaxSeconds,
    error_seconds: point.errorSeconds,
  }
}
