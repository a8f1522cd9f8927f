/** The settings of a fleet: what `fleet.yaml` may say. Every key has a default. */
import { z } from 'zod'
import { parseReference } from '../clock/reference.ts'
import { parseImageReference } from '../desired/image-reference.ts'
import { monitoringSettings } from '../monitoring/settings.ts'
import { rolloutSettings } from '../rollout/settings.ts'
import { durationMs } from './duration.ts'

const imageName = z.string().check((context) => {
  const parsed = parseImageReference(context.value)
  if (parsed.ok) return
  context.issues.push({ code: 'custom', message: parsed.failure, input: context.value })
})

const percent = z.number().min(1).max(100)

const image = z
  .union([
    imageName,
    z.strictObject({
      ref: imageName,
      plain_http: z.boolean().default(false),
      signature_keys: z
        .array(z.string().min(1))
        .max(16)
        .default([])
        .describe('Public keys, relative to fleet.yaml; one of them must have signed the image.'),
    }),
  ])
  .transform((value) =>
    typeof value === 'string' ? { ref: value, plain_http: false, signature_keys: [] } : value,
  )
  .describe('The time-server image, as name:tag or name@sha256:digest; a tag is resolved once.')

const reference = z
  .string()
  .refine((text) => parseReference(text) !== null, 'HOST, HOST:PORT or controller is wanted')

/** Debian's grammars, without endings that apt-get would take for "remove" and "install". */
const packageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+.-]{0,98}[a-z0-9]$/, 'the name of a Debian package is wanted')
const packageVersion = z
  .string()
  .max(128)
  .regex(/^(\d+:)?\d([A-Za-z0-9.+~-]*[A-Za-z0-9])?$/, 'a version is wanted, such as "3.25-5"')

export const settingsSchema = z.strictObject({
  fleet: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'letters, digits, - and _ are wanted')
    .default('fleet')
    .describe('Name of the fleet, shown in plans and used as a label.'),
  image: image.prefault('ghcr.io/timeball/mcp-utc-time-server:0.1.0'),
  packages: z
    .record(packageName, packageVersion)
    .default({})
    .describe(
      'Debian packages at exactly these versions; what is for GPS only where there is GPS.',
    ),
  ssh: z
    .strictObject({
      parallel: z.int().min(1).max(256).default(32).describe('Devices worked on at once.'),
      connect_timeout: durationMs(1_000, 120_000).prefault('10s'),
      timeout: durationMs(10_000, 7_200_000)
        .prefault('20m')
        .describe('Limit for one operation on one device, image pull included.'),
      keep_alive: durationMs(0, 3_600_000)
        .prefault('60s')
        .describe('How long a connection is kept for the next operation.'),
      private_key_file: z.string().optional(),
      known_hosts: z
        .string()
        .optional()
        .describe('Host keys of this fleet; .timeball/known_hosts beside fleet.yaml by default.'),
    })
    .prefault({}),
  apply: z
    .strictObject({
      confirm_timeout: durationMs(5_000, 3_600_000)
        .prefault('120s')
        .describe('Without confirmation in this time the device goes back by itself.'),
      settle_timeout: durationMs(0, 7_200_000)
        .prefault('5m')
        .describe('How long an applied device may take to serve good time.'),
      reboot: z
        .enum(['never', 'allow'])
        .default('never')
        .describe('Whether apply may reboot a device whose boot configuration changed.'),
    })
    .prefault({}),
  health: z
    .strictObject({
      disk_percent: percent.default(80),
      max_offset_ms: z.number().positive().default(100),
      timeout: durationMs(100, 60_000).prefault('3s'),
    })
    .prefault({}),
  clock: z
    .strictObject({
      discipline: z
        .boolean()
        .default(true)
        .describe('Whether the time server steers the clock of its device (CAP_SYS_TIME).'),
      references: z
        .array(reference)
        .max(16)
        .default([])
        .describe(
          'Servers outside the fleet that clocks are compared with; controller is this one.',
        ),
      key: z
        .strictObject({
          file: z.string().describe('In the format of ntp.keys; relative to fleet.yaml.'),
          id: z.int().min(1).max(65_535),
        })
        .optional()
        .describe('The symmetric key that requests to devices and their replies are signed with.'),
      slo: z
        .strictObject({
          within_ms: z.number().positive().default(1),
          percent: z.number().min(50).max(99.999).default(99.9),
          days: z.int().min(1).max(31).default(30),
        })
        .prefault({})
        .describe('The objective for each server: so close to UTC for this share of the time.'),
    })
    .prefault({}),
  network: z
    .strictObject({
      namespace: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'the name of a network namespace is wanted')
        .optional()
        .describe('Linux network namespace (management VRF) in which the devices are reached.'),
    })
    .prefault({}),
  rollout: rolloutSettings,
  monitoring: monitoringSettings,
})

export type Settings = z.output<typeof settingsSchema>
