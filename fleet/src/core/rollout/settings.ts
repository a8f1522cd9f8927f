/** `rollout:` of `fleet.yaml`. The names are those of Nomad, Ansible and AWS IoT Jobs. */
import { z } from 'zod'
import { durationMs } from '../setting-values.ts'
import { parseFreezeWindow } from './planning/freeze-window.ts'

const second = 1_000
const hour = 3_600_000
const day = 24 * hour

const count = z.int().min(1).max(10_000)
const share = z.string().regex(/^(100|[1-9]\d?)%$/, 'a number of devices or a percentage is wanted')
/** `3`, or `25%` of the devices in question: percent rounds down, and is at least one. */
const countOrShare = z.union([count, share])

const freezeWindow = z.string().check((context) => {
  const parsed = parseFreezeWindow(context.value)
  if (parsed.ok) return
  context.issues.push({ code: 'custom', message: parsed.failure, input: context.value })
})

function gateDeadline(fallback: string, until: string) {
  return durationMs(second, 2 * day)
    .prefault(fallback)
    .describe(until)
}

const gates = z
  .strictObject({
    max_offset_ms: z
      .number()
      .positive()
      .default(10)
      .describe('As measured from outside, against the other servers.'),
    ntp_synced: z.boolean().default(true).describe('A device has to say that it is in step.'),
    falseticker: z
      .boolean()
      .default(false)
      .describe('false: a device that contradicts the majority fails.'),
    min_reach: z
      .int()
      .min(1)
      .max(8)
      .default(8)
      .describe('How many of the last 8 polls of its source a device must have answers to.'),
    contract: z
      .boolean()
      .default(true)
      .describe('false: a server without metrics, or that answers without a key, passes.'),
    max_log_errors: z
      .int()
      .min(0)
      .default(20)
      .describe(
        'Lines of level error in the log since the change, beyond twice what the device wrote before.',
      ),
    max_downtime: durationMs(second, hour)
      .prefault('5m')
      .describe('Longest time without a good answer on the NTP port while a device is changed.'),
    promql: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(64).describe('What plans and reasons call it.'),
          query: z.string().min(1).max(2_000).describe('$device stands for the device.'),
          success: z
            .string()
            .regex(/^result\s*(<=|>=|<|>|==|!=)\s*-?\d+(\.\d+)?$/, 'such as: result < 5')
            .describe('Such as `result < 5`; every series of the result must fulfil it.'),
        }),
      )
      .max(16)
      .default([])
      .describe('Queries of your own that a device has to fulfil.'),
    prometheus: z.url().optional().describe('Where the queries are asked.'),
    deadlines: z
      .strictObject({
        container: gateDeadline('2m', 'Until the container runs the new image, and keeps running.'),
        http: gateDeadline('3m', 'Until its health says that all is well.'),
        contract: gateDeadline('3m', 'Until it answers as the device contract says.'),
        gps: gateDeadline('20m', 'Until the receiver has a fix again.'),
        pps: gateDeadline('20m', 'Until PPS is used again.'),
        synced: gateDeadline('30m', 'Until its ntpd says that it is in step.'),
        offset: gateDeadline('30m', 'Until it is within max_offset_ms, as measured from outside.'),
        truechimer: gateDeadline('30m', 'Until it agrees with the majority of the other servers.'),
        logs: gateDeadline('30m', 'Until its log has few enough errors.'),
        queries: gateDeadline('30m', 'Until each of promql has been fulfilled.'),
      })
      .prefault({})
      .describe('How long a device may stand on each gate; never longer than healthy_deadline.'),
  })
  .prefault({})
  .describe('What a changed device has to fulfil.')

export const rolloutSettings = z
  .strictObject({
    canary: z
      .strictObject({
        count: z.int().min(0).max(100).default(1).describe('Canaries of each; 0: none.'),
        per: z
          .enum(['role', 'site', 'fleet'])
          .default('role')
          .describe('What each has its canaries.'),
        soak: durationMs(0, 7 * day)
          .prefault('10m')
          .describe('How long a canary is watched; never less than min_healthy_time.'),
        promote: z
          .enum(['auto', 'manual'])
          .default('auto')
          .describe('manual: after the canaries it waits for timeball rollout promote.'),
      })
      .prefault({})
      .describe('Devices that are changed and watched before all others.'),
    waves: z
      .array(countOrShare)
      .min(1)
      .max(100)
      .default([1, '5%', '25%', '100%'])
      .describe('Devices of each wave; the last repeats.'),
    max_parallel: countOrShare.default(10).describe('Devices in progress at once, inside a wave.'),
    stagger: durationMs(0, hour).prefault('0s').describe('Between two starts inside a wave.'),
    min_healthy_time: durationMs(0, day)
      .prefault('5m')
      .describe('How long all gates of a device have to hold.'),
    healthy_deadline: durationMs(second, 2 * day)
      .prefault('30m')
      .describe('Until when a device that was changed has to be healthy, or it has failed.'),
    progress_deadline: durationMs(second, 7 * day)
      .prefault('45m')
      .describe('When no device has become healthy for so long, the rollout pauses.'),
    confirm_timeout: durationMs(5 * second, hour)
      .prefault('120s')
      .describe('Without confirmation in this time the device reverts by itself.'),
    interval: durationMs(100, hour)
      .prefault('15s')
      .describe(
        'Between two looks at the clocks; an ntpd that limits rates falls silent below about 5s.',
      ),
    abort: z
      .strictObject({
        failed_percent: z
          .int()
          .min(1)
          .max(100)
          .default(10)
          .describe('Of the devices that were changed, failed and lost together.'),
        min_executed: z
          .int()
          .min(1)
          .default(5)
          .describe('The percentage counts from so many changed devices on.'),
        failed_total: z.int().min(1).default(1).describe('Devices that failed.'),
        lost_total: z.int().min(1).default(2).describe('Devices that fell silent.'),
      })
      .prefault({})
      .describe('Any one of these reached (>=) ends the rollout.'),
    unreachable_before: z
      .enum(['skip', 'wait', 'fail'])
      .default('skip')
      .describe('What becomes of a device that cannot be reached before its change.'),
    on_abort: z
      .enum(['pause', 'rollback_wave', 'rollback_all'])
      .default('rollback_wave')
      .describe('What is rolled back when the rollout ends early.'),
    quorum: z
      .strictObject({
        min_good: z
          .int()
          .min(0)
          .optional()
          .describe(
            'Good sources that stay in service per group; 3 when left out, or all but one.',
          ),
        per: z
          .enum(['group', 'site', 'fleet'])
          .default('group')
          .describe('What each keeps min_good: a role, a site, or the fleet.'),
        sets: z
          .record(z.string().regex(/^[A-Za-z0-9_-]{1,63}$/), z.array(z.string()).min(1))
          .default({})
          .describe('Client sets: which devices each of them uses. Each keeps the quorum, too.'),
      })
      .prefault({})
      .describe('How many good sources clients keep at every moment.'),
    diversity: z
      .strictObject({
        keep_previous: z.int().min(0).max(10).default(0).describe('Servers; 0: none.'),
        for: durationMs(0, 90 * day)
          .prefault('7d')
          .describe(
            'Then a controller promotes them; else they stay until timeball rollout promote.',
          ),
      })
      .prefault({})
      .describe('How many servers of each client set stay a release behind, and how long.'),
    veto_timeout: durationMs(0, 7 * day)
      .prefault('30m')
      .describe('How long a device may be not ready; then it is left on the old release.'),
    alertmanager: z
      .url()
      .optional()
      .describe('Where the alerts of a device are silenced while it is changed.'),
    shadow: durationMs(0, day)
      .prefault('0s')
      .describe('How long the new image runs beside the old one of a canary before the swap.'),
    gates,
    freeze: z
      .strictObject({
        leap_before: durationMs(0, 90 * day)
          .prefault('24h')
          .describe('Nothing moves so long before a leap second.'),
        leap_after: durationMs(0, 90 * day)
          .prefault('6h')
          .describe('And so long after it.'),
        windows: z
          .array(freezeWindow)
          .max(64)
          .default([])
          .describe('Such as "Fri 16:00 - Mon 08:00 Europe/Berlin".'),
      })
      .prefault({})
      .describe('When nothing moves.'),
  })
  .superRefine((rollout, context) => {
    const refuse = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message, input: rollout })
    const { min_healthy_time, healthy_deadline, progress_deadline, canary } = rollout
    if (min_healthy_time >= healthy_deadline) {
      refuse('min_healthy_time', 'must be shorter than healthy_deadline, or no device can pass')
    }
    if (healthy_deadline >= progress_deadline) {
      refuse('healthy_deadline', 'must be shorter than progress_deadline, or none gets its time')
    }
    if (canary.soak >= progress_deadline) {
      refuse('canary', 'soak must be shorter than progress_deadline, or no canary can pass')
    }
  })
  .prefault({})
  .describe('How a release goes through the fleet.')

export type RolloutSettings = z.output<typeof rolloutSettings>
