/** Offsets over time, each with its error, for a range that the address holds. */
import { useEffect, useRef, useState } from 'preact/hooks'
import UPlot from 'uplot'
import { ask, type Samples } from '../api.ts'
import { route, setQuery } from '../live/route.ts'
import { sweptUnixMs } from '../live/state.ts'
import { token } from '../live/token.ts'
import { formatOffset } from '../parts/format.ts'
import { Nothing } from '../parts/parts.tsx'
import { alignSeries, ranges, summaryOf, type Aligned } from './series.ts'

/** More lines than that nobody can tell apart. */
export const mostLines = 8

export function Chart({ servers }: { servers: readonly string[] }) {
  const range = ranges.find(({ name }) => name === route.value.query.get('range')) ?? ranges[1]
  const names = servers.slice(0, mostLines)
  const data = useSamples(names, range.ms)
  return (
    <figure class="chart">
      <div class="ranges" role="group" aria-label="Range">
        {ranges.map(({ name }) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === range.name}
            onClick={() => setQuery('range', name)}
          >
            {name}
          </button>
        ))}
      </div>
      {data === null ? (
        <Nothing>Reading the history.</Nothing>
      ) : (
        <Lines data={data} spanMs={range.ms} />
      )}
    </figure>
  )
}

/** `null` until it was read. Read anew when a sweep has ended, at most as often as shows. */
function useSamples(names: readonly string[], spanMs: number): Aligned | null {
  const [data, setData] = useState<Aligned | null>(null)
  const key = names.join(' ')
  const edition = Math.floor((sweptUnixMs.value ?? 0) / Math.max(15_000, spanMs / 500))
  useEffect(() => {
    const stop = new AbortController()
    const asker = { token: token.value ?? '', signal: stop.signal }
    const query = `?since=${Date.now() - spanMs}&limit=1000`
    const asked = key
      .split(' ')
      .filter(Boolean)
      .map(async (name) => {
        const answer = await ask<Samples>(
          `/clocks/${encodeURIComponent(name)}/samples${query}`,
          asker,
        )
        return { name, points: answer.ok ? answer.value.items : [] }
      })
    void Promise.all(asked).then((series) => {
      if (!stop.signal.aborted) setData(alignSeries(series))
    })
    return () => stop.abort()
  }, [key, spanMs, edition])
  return data
}

function Lines({ data, spanMs }: { data: Aligned; spanMs: number }) {
  const box = useRef<HTMLDivElement>(null)
  const isEmpty = data.times.length === 0
  useEffect(() => {
    const place = box.current
    if (place === null || isEmpty) return
    const plot = new UPlot(optionsOf(data, { place, spanMs }), columnsOf(data), place)
    const resize = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height }))
    resize.observe(place)
    return () => {
      resize.disconnect()
      plot.destroy()
    }
  }, [data])
  if (isEmpty) return <Nothing>Nothing was measured in this time.</Nothing>
  return (
    <>
      <div ref={box} class="plot" aria-hidden="true" />
      <figcaption>
        {summaryOf(data).map(({ name, least, median, most, last }, index) => (
          <span key={name}>
            <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" fill={colourOf(index)} />
            </svg>{' '}
            {name}: least {formatOffset(least)}, median {formatOffset(median)}, most{' '}
            {formatOffset(most)}, last {formatOffset(last)}
          </span>
        ))}
      </figcaption>
    </>
  )
}

const height = 280

function columnsOf({ times, series }: Aligned): UPlot.AlignedData {
  const lines = series.flatMap(({ high, offset, low }) => [[...high], [...offset], [...low]])
  return [[...times], ...lines]
}

/** Apart for people who see few colours (Okabe and Ito, 2008). */
const colours = [
  ...['#0072b2', '#d55e00', '#009e73', '#cc79a7'],
  ...['#b8860b', '#56b4e9', '#8a6d00', '#888888'],
] as const

function colourOf(index: number): string {
  return colours[index % colours.length] ?? colours[0]
}

/** Hours of the last two days, else days. */
function timeOf(spanMs: number): (unixSeconds: number) => string {
  const [from, to] = spanMs > 2 * 86_400_000 ? [0, 10] : [11, 16]
  return (unixSeconds) => new Date(unixSeconds * 1000).toISOString().slice(from, to)
}

/** Each server is three lines: its offset, and the edges between which its error is shaded. */
function optionsOf(
  { times, series }: Aligned,
  { place, spanMs }: { readonly place: HTMLElement; readonly spanMs: number },
): UPlot.Options {
  const { color, borderTopColor } = getComputedStyle(place)
  const line = { stroke: borderTopColor, width: 1 }
  const axis = { stroke: color, grid: line, ticks: line }
  const edge = { stroke: 'transparent', points: { show: false } }
  const end = Math.max(Date.now() / 1000, times.at(-1) ?? 0)
  return {
    width: place.clientWidth,
    height,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), 'UTC'),
    scales: { x: { range: () => [end - spanMs / 1000, end] } },
    axes: [
      { ...axis, label: 'UTC', labelSize: 20, values: (_, ticks) => ticks.map(timeOf(spanMs)) },
      { ...axis, size: 80, values: (_, ticks) => ticks.map((each) => formatOffset(each)) },
    ],
    series: [
      {},
      ...series.flatMap((_, index) => [
        edge,
        { stroke: colourOf(index), width: 1.5, points: { show: times.length < 20 } },
        edge,
      ]),
    ],
    bands: series.map((_, index) => ({
      series: [index * 3 + 1, index * 3 + 3],
      fill: `${colourOf(index)}22`,
    })),
    legend: { show: false },
    cursor: { show: false },
  }
}
