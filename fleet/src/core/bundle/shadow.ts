/** A shadow: another image beside the one that serves. It measures, and steers no clock. */
import { nameOnDevice } from '../desired/carried-image.ts'
import { environmentFileName, mountedProject, projectDirectory } from '../desired/paths.ts'
import { head, sourceLine, type Manifest, type Operation } from './bundle.ts'

export interface Shadow {
  /** By digest; pulled when it is missing. */
  readonly image: string
  /** Ports of the device on which it answers; none of those that the device uses. */
  readonly ports: { readonly ntp: number; readonly http: number; readonly metrics: number }
  /**
   * What it follows: the receiver is left to the image that serves, so a GPS server's shadow needs
   * the addresses of servers, which may be the device's own.
   */
  readonly ntpServers: readonly string[]
  /** As in `ApplyInput`. */
  readonly imageSource?: string | undefined
}

/** Starts it, or leaves it alone when that image is the shadow already. */
export function shadowUpManifest(
  { image, ports, ntpServers, imageSource }: Shadow,
  operation: Operation,
): Manifest {
  return [
    ...head('shadow-up', operation),
    `image ${nameOnDevice(image)}`,
    ...sourceLine(imageSource),
    `shadow ${projectDirectory} ${mountedProject} ${ports.ntp} ${ports.http} ${ports.metrics}`,
    `setting API_KEYS_FILE ${mountedProject}/${environmentFileName}`,
    `setting NTP_SERVERS ${ntpServers.join(',')}`,
  ]
}

/** Takes it away; it is well when there is none. */
export function shadowDownManifest(operation: Operation): Manifest {
  return head('shadow-down', operation)
}
