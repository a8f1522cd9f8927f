/** Figures as people read them. Pure. */

/** With the unit in which it has one to three digits before the point. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return '–'
  const size = Math.abs(seconds)
  if (size === 0) return '0 s'
  const [value, unit] = unitOf(seconds, size)
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${unit}`
}

function unitOf(seconds: number, size: number): readonly [number, string] {
  if (size >= 1) return [seconds, 's']
  if (size >= 1e-3) return [seconds * 1e3, 'ms']
  if (size >= 1e-6) return [seconds * 1e6, 'µs']
  return [seconds * 1e9, 'ns']
}

/** Offsets have a sign always. */
export function formatOffset(seconds: number | null): string {
  const text = formatSeconds(seconds)
  return seconds !== null && seconds > 0 ? `+${text}` : text
}

/** How long ago, in its largest unit. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

/** UTC, to the second. */
export function formatUtc(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** For who hovers: the viewer's own zone. */
export function formatLocal(unixMs: number): string {
  return new Date(unixMs).toLocaleString(undefined, { timeZoneName: 'short' })
}

/** A digest's first twelve digits, or the image as it is named. */
export function shortImage(image: string | null): string {
  if (image === null) return '–'
  return /@sha256:([0-9a-f]{12})/.exec(image)?.[1] ?? image.split('/').at(-1) ?? image
}
