/** Small parts that all views are made of. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Level } from '../fleet/verdict.ts'
import { nowUnixMs } from '../live/state.ts'
import { formatAge, formatLocal, formatUtc } from './format.ts'
import { words, type Word } from './words.ts'

const shapes: Readonly<Record<Level, string>> = { good: '●', warn: '▲', bad: '✗', unknown: '○' }

/** Shape, word and colour: none of them is needed to know the others. */
export function Mark({ level, children }: { level: Level; children: ComponentChildren }) {
  return (
    <span class={`mark ${level}`}>
      <span aria-hidden="true">{shapes[level]}</span> {children}
    </span>
  )
}

/** A name with what it means. */
export function Term({ word, children }: { word: Word; children: ComponentChildren }) {
  return (
    <abbr title={words[word]} tabIndex={0}>
      {children}
    </abbr>
  )
}

/** How long ago, counted on; the instant itself on hover, in UTC and in the viewer's zone. */
export function Age({ atUnixMs }: { atUnixMs: number | null }) {
  if (atUnixMs === null) return <span class="faint">never</span>
  const title = `${formatUtc(atUnixMs)}\n${formatLocal(atUnixMs)}`
  return (
    <time dateTime={new Date(atUnixMs).toISOString()} title={title}>
      {formatAge(nowUnixMs.value - atUnixMs)} ago
    </time>
  )
}

/** The same on the command line. */
export function Command({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return (
    <p class="command">
      <code>{text}</code>
      <button type="button" onClick={copy} onBlur={() => setCopied(false)}>
        {isCopied ? 'copied' : 'copy'}
      </button>
    </p>
  )
}

/** Said instead of an empty table or chart: what will be here, and why it is not. */
export function Nothing({ children }: { children: ComponentChildren }) {
  return <p class="nothing">{children}</p>
}
