/** This machine's own clock as a reference, for `clock.references: [controller]`. */
import { controllerReference } from './reference.ts'
import type { ClockServer } from './server.ts'

/** What a machine that follows NTP is good for. */
const ownErrorSeconds = 0.001

/**
 * Offsets are against this clock, so its own is zero. It is one vote among the others, and only
 * where the operator says that it does not follow the fleet.
 */
export function controllerServer(): ClockServer {
  return {
    name: controllerReference,
    kind: 'reference',
    role: null,
    address: null,
    port: 0,
    addresses: [],
    ownRefids: [],
    upstreams: [],
    receiver: null,
    previous: null,
    swept: {
      result: {
        ok: true,
        value: {
          offsetSeconds: 0,
          delaySeconds: 0,
          errorSeconds: 0,
          jitterSeconds: 0,
          rootDelaySeconds: 0,
          rootDispersionSeconds: ownErrorSeconds,
          rootDistanceSeconds: ownErrorSeconds,
          precisionSeconds: 0,
          stratum: 1,
          leap: 0,
          refid: '',
          referenceAgeSeconds: null,
          referenceStamps: [],
          samples: 1,
        },
      },
      sent: 0,
      answered: 0,
      lost: 0,
      kiss: null,
      stranger: null,
      unsynchronised: null,
      heardSeconds: 0,
    },
  }
}
