/** Rollouts: the newest with its waves and devices, and those before it. */
import { useEffect, useState } from 'preact/hooks'
import { askWithTag, type Rollout, type RolloutSummary } from '../api.ts'
import { route } from '../live/route.ts'
import { fleet, readUnixMs, rollouts } from '../live/state.ts'
import { token } from '../live/token.ts'
import { formatSeconds } from '../parts/format.ts'
import { Age, Command, Nothing } from '../parts/parts.tsx'
import { AskRollout } from './ask-rollout.tsx'

export function RolloutsView() {
  const [, named] = route.value.path
  const id = named ?? rollouts.value[0]?.rollout
  return (
    <>
      <h2>Rollouts</h2>
      {id === undefined ? (
        <Nothing>
          There was none yet. The command below shows what one would move, and when.
        </Nothing>
      ) : (
        <One id={id} />
      )}
      <Blocked />
      {rollouts.value.length > 0 && <All items={rollouts.value} />}
      <Command text="timeball rollout plan" />
    </>
  )
}

interface Seen {
  readonly rollout: Rollout
  readonly etag: string | null
}

function useRollout(id: string): Seen | null {
  const [seen, setSeen] = useState<Seen | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const asker = { token: token.value ?? '', signal: stop.signal }
    void askWithTag<Rollout>(`/rollouts/${encodeURIComponent(id)}`, asker).then((answer) => {
      if (!answer.ok || stop.signal.aborted) return
      setSeen({ rollout: answer.value.body, etag: answer.value.etag })
    })
    return () => stop.abort()
  }, [id, readUnixMs.value])
  return seen?.rollout.rollout === id ? seen : null
}

function One({ id }: { id: string }) {
  const seen = useRollout(id)
  if (seen === null) return <Nothing>Reading the rollout.</Nothing>
  const { rollout, etag } = seen
  const { status, status_why: why, awaits, frozen, result } = rollout
  const held = [why, frozen].filter((each) => each !== null)
  return (
    <section>
      <h3>
        {rollout.image_as_written}{' '}
        <span class={`status ${result ?? status}`}>{(result ?? status).replaceAll('_', ' ')}</span>
      </h3>
      <p>
        {rollout.why === '' ? '' : `${rollout.why}, `}by {rollout.by},{' '}
        <Age atUnixMs={rollout.started_unix_ms} />
      </p>
      {held.map((text) => (
        <p key={text} class="why">
          {text}
        </p>
      ))}
      <AskRollout rollout={id} etag={etag} />
      <Waves waves={rollout.waves} />
      <Moved rollout={rollout} />
      {awaits === 'promotion' && <Command text={`timeball rollout promote ${id}`} />}
      {awaits === 'resume' && <Command text={`timeball rollout resume ${id}`} />}
      {status === 'running' && <Command text={`timeball rollout pause ${id}`} />}
      <Command text={`timeball rollout show ${id}`} />
    </section>
  )
}

function Waves({ waves }: { waves: Rollout['waves'] }) {
  return (
    <ol class="waves">
      {waves.map((wave) => (
        <li
          key={wave.name}
          class={wave.returned > 0 ? 'bad' : wave.healthy === wave.devices ? 'good' : ''}
        >
          <strong>{wave.name}</strong>
          <meter
            min={0}
            max={wave.devices}
            value={wave.healthy}
            aria-label={`healthy in ${wave.name}`}
          />
          <span>
            {wave.healthy} of {wave.devices} healthy
            {wave.in_progress > 0 && `, ${wave.in_progress} in progress`}
            {wave.returned > 0 && `, ${wave.returned} rolled back`}
          </span>
        </li>
      ))}
    </ol>
  )
}

function Moved({ rollout: { devices, waves } }: { rollout: Rollout }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Wave</th>
          <th scope="col">Phase</th>
          <th scope="col">Downtime</th>
          <th scope="col">Why it does not move, or came back</th>
        </tr>
      </thead>
      <tbody>
        {devices.map((each) => (
          <tr key={each.device}>
            <th scope="row">{each.device}</th>
            <td>{waves[each.wave]?.name ?? each.wave}</td>
            <td>{each.phase}</td>
            <td class="figure">{formatSeconds(each.downtime_seconds)}</td>
            <td>{each.blocked ?? each.gate ?? each.why ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Blocked() {
  const blocked = fleet.value?.blocked ?? []
  if (blocked.length === 0) return null
  return (
    <section>
      <h3>Blocked releases</h3>
      <ul>
        {blocked.map(({ digest, image, why }) => (
          <li key={digest}>
            <code>{image}</code>: {why}
          </li>
        ))}
      </ul>
    </section>
  )
}

function All({ items }: { items: readonly RolloutSummary[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Rollout</th>
          <th scope="col">Image</th>
          <th scope="col">State</th>
          <th scope="col">Devices</th>
          <th scope="col">Began</th>
        </tr>
      </thead>
      <tbody>
        {items.map((each) => (
          <tr key={each.rollout}>
            <th scope="row">
              <a href={`#/rollouts/${each.rollout}`}>{each.rollout}</a>
            </th>
            <td>{each.image_as_written}</td>
            <td>{each.status.replaceAll('_', ' ')}</td>
            <td class="figure">{each.devices}</td>
            <td>
              <Age atUnixMs={each.started_unix_ms} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
