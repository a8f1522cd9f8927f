/** What a receiver needed on a device, and what is left of it when the inventory has none there any more. */
import { gpsdHeader } from '../desired/gpsd.ts'
import { gpsdDefaultsPath } from '../desired/paths.ts'
import type { DesiredState } from '../desired/resource.ts'
import type { Observed } from './observed.ts'

const service = 'gpsd.service'

function needsReceiver({ resources }: DesiredState): boolean {
  return resources.some((resource) => resource.kind === 'service' && resource.name === service)
}

/** Lines of a manifest that look for it, on a device which should have none. */
export function watchLeftReceiver(state: DesiredState): readonly string[] {
  return needsReceiver(state)
    ? []
    : [`watch-file ${gpsdDefaultsPath} text`, `watch-service ${service}`]
}

/** `null`: nothing of ours is left. What another program set up for itself is none of our business. */
export function leftReceiverNote(
  state: DesiredState,
  { files, services, bootConfig }: Observed,
): string | null {
  const isOurs = files.get(gpsdDefaultsPath)?.content?.startsWith(gpsdHeader) === true
  if (needsReceiver(state) || !isOurs) return null
  const left = [
    gpsdDefaultsPath,
    ...(services.get(service)?.active === 'active' ? [`${service}, which runs`] : []),
    ...(/^dtoverlay=(pps-gpio|disable-bt)/m.test(bootConfig?.content ?? '')
      ? [`the lines of the receiver in ${bootConfig?.path}`]
      : []),
  ]
  const how = `sudo systemctl disable --now gpsd.socket ${service} && sudo rm ${gpsdDefaultsPath}`
  return `left from when it had a receiver: ${left.join(', ')}; to end that, on the device: ${how}`
}
