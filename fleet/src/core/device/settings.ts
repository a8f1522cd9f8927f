/** `ssh:` and `network:` of `fleet.yaml`: how devices are reached. */
import { z } from 'zod'
import { accountName, bandwidth, durationMs, filePath } from '../setting-values.ts'

const second = 1_000
const hour = 3_600 * second

const accountSettings = z
  .strictObject({
    user: accountName
      .default('timeball')
      .describe('Its name on the devices; none that is there already.'),
    private_key_file: filePath.describe(
      'Its key, which timeball enroll makes when there is none; relative to fleet.yaml, or ~/….',
    ),
  })
  .describe('An account that may run the applier and nothing else, made by timeball enroll.')

export const sshSettings = z
  .strictObject({
    parallel: z.int().min(1).max(256).default(32).describe('Devices worked on at once.'),
    connect_timeout: durationMs(second, 120 * second)
      .prefault('10s')
      .describe('For a new connection.'),
    timeout: durationMs(10 * second, 2 * hour)
      .prefault('20m')
      .describe('Limit for one operation on one device, image pull included.'),
    keep_alive: durationMs(0, hour)
      .prefault('60s')
      .describe('How long a connection is kept for the next operation.'),
    carry_bandwidth: bandwidth
      .optional()
      .describe(
        'Of all images together that are carried to devices; without it there is no limit.',
      ),
    private_key_file: filePath
      .optional()
      .describe('Relative to fleet.yaml, or ~/…; else what ssh finds by itself.'),
    known_hosts: filePath
      .optional()
      .describe('Host keys of this fleet; .timeball/known_hosts beside fleet.yaml by default.'),
    account: accountSettings.optional(),
  })
  .prefault({})
  .describe('How devices are reached over ssh.')

export const networkSettings = z
  .strictObject({
    namespace: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'the name of a network namespace is wanted')
      .optional()
      .describe('Linux network namespace (management VRF) in which the devices are reached.'),
  })
  .prefault({})
  .describe('From which network devices are reached.')
