/** Which release this is. An image's build may stamp its own version over the package's. */
import manifest from '../package.json' with { type: 'json' }

declare const TIMEBALL_VERSION: string | undefined

/** A semantic version, such as `0.1.0`. */
export const version: string =
  typeof TIMEBALL_VERSION === 'string' ? TIMEBALL_VERSION : manifest.version

/** No earlier than this is any right clock; in Unix milliseconds. Moved on with each release. */
export const releasedAtMs: number = Date.UTC(2026, 10, 1)
