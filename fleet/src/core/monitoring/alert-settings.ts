/** `monitoring.alerts` of `fleet.yaml`: what a fleet wants otherwise than the table of alerts. */
import { z } from 'zod'
import { durationMs } from '../setting-values.ts'
import { alertNames } from './alert-names.ts'
import { severities } from './alerts/alert.ts'

const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/, 'letters, digits and _ are wanted')
  .refine((name) => !taken.includes(name), 'this label has a meaning of its own already')
/** Routing and inhibition go by these. */
const taken: readonly string[] = ['alertname', 'severity', 'fleet', 'site', 'role', 'device']

const override = z.strictObject({
  severity: z.enum(severities).optional().describe('none: nobody is told.'),
  for: durationMs(0, 7 * 86_400_000)
    .optional()
    .describe('How long it has to be so before somebody is told.'),
  labels: z
    .record(labelName, z.string().min(1).max(200))
    .optional()
    .describe('Further labels, for a routing of your own.'),
  receivers: z
    .array(z.enum(['slack', 'webhook', 'email', 'pagerduty']))
    .min(1)
    .max(4)
    .optional()
    .describe('Who is told of it, instead of all that take its severity.'),
})

export const alertOverrides = z
  .partialRecord(z.enum(alertNames), override)
  .default({})
  .describe('What is otherwise than in the table of alerts, by alert.')

export const alertPrefix = z
  .string()
  .regex(/^(?:[a-zA-Z_][a-zA-Z0-9_]{0,30})?$/, 'letters, digits and _ are wanted')
  .default('Timeball')
  .describe('What the names of alerts begin with, in Prometheus and Alertmanager.')
