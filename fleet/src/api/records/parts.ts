/** What several records have in them, as schemas. */
import { z } from 'zod'
import { failureCodes } from '../../core/failure.ts'

export const list = <T extends z.ZodType>(item: T): z.ZodReadonly<z.ZodArray<T>> =>
  z.array(item).readonly()

export const names = list(z.string())
export const device = z.string().describe('Its name in the inventory.')
export const rolloutId = z.string().describe('Such as r20261128-131000.')
export const unixMs = z.number().describe('Milliseconds since 1970 (UTC).')
export const unknownNumber = z.number().nullable()
export const unknownText = z.string().nullable()

/** Why a device could not be worked on. */
export const failureSchema = z.strictObject({
  code: z.enum(failureCodes),
  message: z.string().describe('One line.'),
  hint: z.string().describe('What to do next.'),
})
