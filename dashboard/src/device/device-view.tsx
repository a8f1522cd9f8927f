/** One device: now, its last day, its facts, and the commands that concern it. */
import type { Device } from '../api.ts'
import { Chart } from '../clocks/chart.tsx'
import { verdictOf } from '../fleet/verdict.ts'
import { devices } from '../live/state.ts'
import { formatOffset, formatSeconds } from '../parts/format.ts'
import { Age, Command, Mark, Nothing, Term } from '../parts/parts.tsx'
import type { Word } from '../parts/words.ts'

export function DeviceView({ name }: { name: string }) {
  const device = devices.value.find((each) => each.device === name)
  if (device === undefined) return <Nothing>The fleet has no device {name}.</Nothing>
  const { level, word, why } = verdictOf(device)
  return (
    <>
      <h2>
        {name} <Mark level={level}>{word}</Mark>
      </h2>
      {why !== '' && <p class="why">{why}</p>}
      <Now device={device} />
      <h3>Offset</h3>
      <Chart servers={[name]} />
      <State device={device} />
      <Facts device={device} />
      <h3>On the command line</h3>
      <Command text={`timeball health --limit ${name}`} />
      <Command text={`timeball doctor ${name}`} />
      <Command text={`timeball plan --limit ${name}`} />
      <Command text={`timeball logs ${name}`} />
    </>
  )
}

function Now({ device: { clock } }: { device: Device }) {
  if (clock === null) return <Nothing>No sweep has measured it yet.</Nothing>
  const figures: readonly (readonly [Word, string, string])[] = [
    ['offset', 'Offset', formatOffset(clock.offset_seconds)],
    ['error', 'Error', `± ${formatSeconds(clock.error_seconds)}`],
    ['stratum', 'Stratum', `${clock.stratum ?? '–'} ${clock.refid ?? ''}`],
    ['rootDistance', 'Root distance', formatSeconds(clock.root_distance_seconds)],
    ['jitter', 'Jitter', formatSeconds(clock.jitter_seconds)],
    ['delay', 'Round trip', formatSeconds(clock.delay_seconds)],
    ['ntp', 'Answered', `${clock.answered} of ${clock.sent}`],
    ['score', 'Score', clock.score === null ? '–' : clock.score.toFixed(0)],
  ]
  return (
    <dl class="figures">
      {figures.map(([word, title, text]) => (
        <div key={word}>
          <dt>
            <Term word={word}>{title}</Term>
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function State({ device }: { device: Device }) {
  const { drift, reachable } = device
  return (
    <>
      <h3>State</h3>
      <dl class="list">
        <dt>Address</dt>
        <dd>{device.address}</dd>
        <dt>Role</dt>
        <dd>{device.role}</dd>
        <dt>ssh</dt>
        <dd>{reachable === null ? 'not checked yet' : reachable ? 'answers' : 'not reached'}</dd>
        <dt>Drift</dt>
        <dd>{drift === null ? 'not known' : drift.length === 0 ? 'none' : drift.join(', ')}</dd>
        <dt>Image</dt>
        <dd>
          <code>{device.image ?? 'not known'}</code>
          {device.outdated === true && ' another than the fleet wants'}
        </dd>
        {device.phase !== null && (
          <>
            <dt>In the newest rollout</dt>
            <dd>{device.phase}</dd>
          </>
        )}
        <dt>Newest good backup</dt>
        <dd>
          <Age atUnixMs={device.backup_unix_ms} />
        </dd>
        <dt>Key since</dt>
        <dd>
          <Age atUnixMs={device.key_since_unix_ms} />
        </dd>
      </dl>
    </>
  )
}

/** Whatever the device said of itself: text, never markup. */
function Facts({ device: { facts } }: { device: Device }) {
  if (facts === null) {
    return (
      <>
        <h3>Facts</h3>
        <Nothing>Nothing is known yet: `timeball facts` asks the devices.</Nothing>
      </>
    )
  }
  return (
    <>
      <h3>Facts</h3>
      <dl class="list">
        {Object.entries(facts).map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
      </dl>
    </>
  )
}

function FactRow({ name, value }: { name: string; value: unknown }) {
  if (value === null) return null
  return (
    <>
      <dt>{name.replaceAll('_', ' ')}</dt>
      <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
    </>
  )
}
