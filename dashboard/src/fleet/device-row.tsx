/** A device in the table of the fleet. */
import type { Device } from '../api.ts'
import { historyOf } from '../live/history.ts'
import { formatRoute } from '../live/route.ts'
import { token } from '../live/token.ts'
import { formatOffset, formatSeconds, shortImage } from '../parts/format.ts'
import { Mark } from '../parts/parts.tsx'
import { Spark } from '../parts/spark.tsx'
import { words } from '../parts/words.ts'
import { verdictOf } from './verdict.ts'

const always = new AbortController().signal

export function DeviceRow({ device, row }: { device: Device; row: number }) {
  const { level, word, why } = verdictOf(device)
  const { clock } = device
  const line = historyOf(device.device, { token: token.value ?? '', signal: always })
  const here = formatRoute(['devices', device.device], new URLSearchParams())
  return (
    <tr aria-rowindex={row} class={level}>
      <th scope="row">
        <a href={here}>{device.device}</a> <small>{device.site ?? device.role}</small>
      </th>
      <td class="why" title={why}>
        <Mark level={level}>{word}</Mark> <small>{why}</small>
      </td>
      <td class="figure">{clock?.stratum ?? '–'}</td>
      <td class="figure" title={`± ${formatSeconds(clock?.error_seconds ?? null)}`}>
        {formatOffset(clock?.offset_seconds ?? null)}
      </td>
      <td class="wide">
        <Spark points={line.value} />
      </td>
      <td class="wide">
        <code title={device.image ?? undefined}>{shortImage(device.image)}</code>
      </td>
      <td class="wide">
        <Channels device={device} />
      </td>
    </tr>
  )
}

/** By which ways it was heard of. */
function Channels({ device: { reachable, clock } }: { device: Device }) {
  const ntp = clock === null ? null : clock.answered > 0
  return (
    <span class="channels">
      <Channel name="ssh" title={words.ssh} isUp={reachable} />
      <Channel name="ntp" title={words.ntp} isUp={ntp} />
    </span>
  )
}

function Channel({ name, title, isUp }: { name: string; title: string; isUp: boolean | null }) {
  const word = isUp === null ? 'not known' : isUp ? 'answers' : 'silent'
  return (
    <span class={`channel ${isUp === null ? 'unknown' : isUp ? 'good' : 'bad'}`} title={title}>
      {name} {word}
    </span>
  )
}
