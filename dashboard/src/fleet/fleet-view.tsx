/** The first view: is time good, and each device, the worst first. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Device, Fleet } from '../api.ts'
import { route, setQuery } from '../live/route.ts'
import { fleet, ordered } from '../live/state.ts'
import { Age, Command, Nothing, Term } from '../parts/parts.tsx'
import { DeviceRow } from './device-row.tsx'
import { chosen } from './filter.ts'
import { windowOf } from './window.ts'

export function FleetView() {
  const { names, problem } = chosen.value
  const shown = ordered.value.filter(({ device }) => names?.has(device) ?? true)
  const filter = route.value.query.get('q') ?? ''
  const command = filter === '' ? 'timeball status' : `timeball status --limit '${filter}'`
  return (
    <>
      {fleet.value !== null && <Sets quorum={fleet.value.quorum} />}
      <Waiting waiting={fleet.value?.waiting ?? []} />
      <Filter value={filter} problem={problem} />
      {shown.length === 0 ? (
        <Nothing>No device is named by this filter.</Nothing>
      ) : (
        <Devices devices={shown} />
      )}
      <Command text={command} />
    </>
  )
}

function Sets({ quorum }: { quorum: Fleet['quorum'] }) {
  return (
    <ul class="sets">
      {quorum.map(({ set, good, servers, min_good: needed, verdict }) => (
        <li key={set} class={verdict}>
          <strong>{set}</strong> {good} of {servers} good, {needed} needed
        </li>
      ))}
    </ul>
  )
}

/** What nobody but a person can go on with, and the command that answers it. */
function Waiting({ waiting }: { waiting: NonNullable<Fleet['waiting']> }) {
  if (waiting.length === 0) return null
  return (
    <section class="waiting">
      <h2>Waiting for you</h2>
      <ul>
        {waiting.map(({ kind, subject, why, command, since_unix_ms: since }) => (
          <li key={`${kind} ${subject}`}>
            <strong>{subject}</strong> {why} {since !== null && <Age atUnixMs={since} />}
            <Command text={command} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Filter({ value, problem }: { value: string; problem: string | null }) {
  return (
    <form class="filter" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        Devices
        <input
          id="filter"
          type="search"
          value={value}
          placeholder="stratum1, pi-gps-*, is:unhealthy"
          spellcheck={false}
          onInput={(event) => setQuery('q', event.currentTarget.value)}
        />
      </label>
      {problem !== null && <span class="problem">{problem}</span>}
    </form>
  )
}

/** As in the style sheet. */
const isNarrow = matchMedia('(max-width: 640px)')

/** Only the rows that can be seen are in the page, so that a thousand are as quick as four. */
function Devices({ devices }: { devices: readonly Device[] }) {
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(800)
  useEffect(() => {
    const measure = (): void => {
      setTop(Math.max(0, -(box.current?.getBoundingClientRect().top ?? 0)))
      setHeight(innerHeight)
    }
    measure()
    addEventListener('scroll', measure, { passive: true })
    addEventListener('resize', measure)
    return () => {
      removeEventListener('scroll', measure)
      removeEventListener('resize', measure)
    }
  }, [])
  const rowHeight = isNarrow.matches ? 72 : 44
  const { from, to } = windowOf({ top, height, rowHeight, rows: devices.length })
  const rows = useMemo(() => devices.slice(from, to), [devices, from, to])
  return (
    <div ref={box}>
      <table class="devices" aria-rowcount={devices.length + 1}>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">
              <Term word="verdict">Time</Term>
            </th>
            <th scope="col">
              <Term word="stratum">Stratum</Term>
            </th>
            <th scope="col">
              <Term word="offset">Offset</Term>
            </th>
            <th scope="col">Last hour</th>
            <th scope="col">
              <Term word="release">Release</Term>
            </th>
            <th scope="col">Seen</th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={from * rowHeight} />
          {rows.map((device, index) => (
            <DeviceRow key={device.device} device={device} row={from + index + 2} />
          ))}
          <Spacer height={(devices.length - to) * rowHeight} />
        </tbody>
      </table>
    </div>
  )
}

function Spacer({ height }: { height: number }) {
  if (height === 0) return null
  return (
    <tr aria-hidden="true">
      <td colSpan={7} style={{ height: `${height}px`, padding: 0 }} />
    </tr>
  )
}
