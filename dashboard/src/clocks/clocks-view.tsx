/** All clocks: where the time is by each of them now, and how they went. */
import { fleetTime, ordered, servers, sweptUnixMs } from '../live/state.ts'
import { Age, Command } from '../parts/parts.tsx'
import { Chart, mostLines } from './chart.tsx'
import { Intervals } from './intervals.tsx'

export function ClocksView() {
  const names = ordered.value.map(({ device }) => device)
  const shown = names.slice(0, mostLines)
  return (
    <>
      <h2>Clocks</h2>
      <p>
        {wordOf(fleetTime.value)} {servers.value.length} servers asked{' '}
        <Age atUnixMs={sweptUnixMs.value} />.
      </p>
      <Intervals time={boundsOf(fleetTime.value)} />
      <h3>Offsets</h3>
      {shown.length < names.length && (
        <p class="faint">
          The {mostLines} worst of {names.length}; each device has its own.
        </p>
      )}
      <Chart servers={shown} />
      <Command text="timeball clock" />
    </>
  )
}

type Time = typeof fleetTime.value

function wordOf(time: Time): string {
  if (time === null) return 'No sweep has ended yet.'
  if (time.decided) return 'A majority of independent votes agrees.'
  const { why } = time
  return `The votes decide nothing: ${typeof why === 'string' ? why : 'no majority'}.`
}

function boundsOf(time: Time): { low: number; high: number } | null {
  const low = time?.['low_seconds']
  const high = time?.['high_seconds']
  const centre = time?.['controller_offset_seconds']
  if (typeof low !== 'number' || typeof high !== 'number' || typeof centre !== 'number') return null
  // Offsets of servers are against the fleet's time, whose bounds are against the controller's clock.
  return { low: low + centre, high: high + centre }
}
