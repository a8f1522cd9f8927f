/** The faults and steps of the matrix, and what came of them as a table of docs/reliability.md. */
import { waitFor } from '@timeball/lab/pis/run.ts'
import { onDevice } from './rollout-fleet.ts'

const victim = { name: 'pi-ntp-01' }

const faults = ['the controller is killed', 'the power fails', 'the network is cut'] as const

/** A place in a rollout: after the event, as soon as `when` resolves. */
const steps = [
  { way: 'forward', step: 'before the change', event: 'move-intended', when: atOnce },
  { way: 'forward', step: 'during the change', event: 'move-intended', when: whilePending },
  { way: 'forward', step: 'while it settles', event: 'moved', when: atOnce },
  { way: 'back', step: 'before the roll back', event: 'return-intended', when: atOnce },
  { way: 'back', step: 'during the roll back', event: 'return-intended', when: whileBadIsGone },
  { way: 'back', step: 'after the roll back', event: 'returned', when: atOnce },
] as const

export type Cell = (typeof steps)[number] & { readonly fault: (typeof faults)[number] }

export const matrix: readonly Cell[] = steps.flatMap((step) =>
  faults.map((fault): Cell => ({ ...step, fault })),
)

export interface FaultRow {
  readonly fault: string
  readonly step: string
  readonly outcome: string
  readonly tookSeconds: number
}

export function faultRow(
  { fault, step, way }: Cell,
  came: { readonly end: string; readonly isResumed: boolean; readonly tookSeconds: number },
): FaultRow {
  const on = came.end === 'done' ? 'the new release' : 'the old release'
  const how = came.isResumed ? 'after one `resume`' : 'by itself'
  const what = way === 'back' ? `rolled back to ${on}` : `whole, on ${on}`
  return { fault, step, outcome: `${what}, ${how}`, tookSeconds: came.tookSeconds }
}

export function tableOf(rows: readonly FaultRow[]): string {
  const lines = rows.map(
    ({ fault, step, outcome, tookSeconds }) =>
      `| ${fault} | ${step} | ${outcome} | ${Math.round(tookSeconds)} s |\n`,
  )
  return `| fault | step | outcome | in all |\n| --- | --- | --- | --- |\n${lines.join('')}`
}

function atOnce(): Promise<void> {
  return Promise.resolve()
}

/** Waited for on the device itself: between two looks from here it may be over. */
async function whilePending(): Promise<void> {
  const pending = '[ -e /var/lib/timeball/pending ]'
  await onDevice(victim, `timeout 60 sh -c 'until ${pending}; do sleep 0.05; done'`)
}

/** The bad container has been stopped, whatever comes in its place. */
async function whileBadIsGone(): Promise<void> {
  const bad = await runningContainer()
  await waitFor('the bad container to be gone', 60_000, async () => {
    return (await runningContainer()) !== bad
  })
}

/** Its id; empty while none runs. */
function runningContainer(): Promise<string> {
  return onDevice(victim, 'docker ps --no-trunc --quiet --filter name=^mcp-utc-time$ || true')
}
