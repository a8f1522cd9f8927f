/** The registry that embedded devices pull from: what each image does when it is started. */
export interface ImageBehaviour {
  /** Reported by the time server as its version. */
  readonly version: string
  /** The version that it is labelled with, where that is another one. */
  readonly label?: string
  /**
   * `missing`: the pull fails. `exits`: the container ends as soon as it was started. `no-metrics`:
   * they are at another port. `open`: it reads no keys, so that everybody is answered.
   */
  readonly fault: 'none' | 'missing' | 'exits' | 'unsynchronised' | 'no-metrics' | 'open'
  /** How far the simulated ntpd of such a container is from true time, in ms; positive is ahead. */
  readonly offsetMs: number
}

export interface EmbeddedImage extends ImageBehaviour {
  /** `name@sha256:…` */
  readonly ref: string
}

const repository = 'registry.embedded/mcp-utc-time-server'

/** Made-up digests: there is no registry, and every image is the time server of this clone. */
function image(
  version: string,
  hexDigit: string,
  behaviour: Partial<ImageBehaviour>,
): EmbeddedImage {
  const ref = `${repository}@sha256:${hexDigit.repeat(64)}`
  return { ref, version, fault: 'none', offsetMs: 0, ...behaviour }
}

/** The releases that the demo moves through the fleet. */
export const embeddedImages = {
  first: image('1.0.0', '1', {}),
  second: image('1.1.0', '2', {}),
  /** Serves time that is 40 ms ahead, and says that it is fine. */
  falseticker: image('1.2.0', '3', { offsetMs: 40 }),
  /** Ends with an error as soon as it is started. */
  crashing: image('1.3.0', '4', { fault: 'exits' }),
  /** Runs, and never becomes synchronised. */
  unsynchronised: image('1.4.0', '5', { fault: 'unsynchronised' }),
  /** Good time, without the metrics that its contract asks for. */
  withoutMetrics: image('1.6.0', '7', { fault: 'no-metrics' }),
  /** Good time for everybody, without a key. */
  open: image('1.7.0', '8', { fault: 'open' }),
  /** Good time, from another program than its label says. */
  mislabelled: image('1.8.0', '9', { label: '1.8.1' }),
  /** Cannot be pulled. */
  missing: image('1.5.0', '6', { fault: 'missing' }),
} as const satisfies Record<string, EmbeddedImage>

/** Images by digest (`sha256:…`). Tests add their own; an unknown digest is a good image. */
export type Registry = Map<string, ImageBehaviour>

export function embeddedRegistry(): Registry {
  return new Map(Object.values(embeddedImages).map((each) => [digestOf(each.ref), each]))
}

/** `name@sha256:…` -> `sha256:…`; a reference without a digest is its own. */
export function digestOf(ref: string): string {
  return ref.slice(ref.indexOf('@') + 1)
}

export function behaviourOf(registry: Registry, digest: string): ImageBehaviour {
  return registry.get(digest) ?? { version: '0.0.0', fault: 'none', offsetMs: 0 }
}

/** What such an image makes of the settings that its container is given. */
export function environmentOf({
  version,
  fault,
}: ImageBehaviour): Readonly<Record<string, string>> {
  return {
    TIMEBALL_VERSION: version,
    ...(fault === 'no-metrics' ? { METRICS_PORT: '0' } : {}),
    ...(fault === 'open' ? { API_KEYS_FILE: '', API_KEY_1: '', API_KEY_2: '' } : {}),
  }
}
