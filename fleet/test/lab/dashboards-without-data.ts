/** Queries of dashboards that can have no data in the lab, each with the reason. */
const noSensor = 'virtual Pis have no thermal sensor'
const noFirmware = "virtual Pis have no Raspberry Pi's firmware"
const noPulse = 'virtual Pis have no kernel PPS; the pulse is in shared memory'

const noRules = 'no alerting rules are loaded here'

export const withoutData: ReadonlyMap<string, string> = new Map([
  ['fleet.json: annotation Alerts', noRules],
  ['device.json: annotation Alerts', noRules],
  ['clocks.json: annotation Alerts', noRules],
  ['rollouts.json: annotation Alerts', noRules],
  ['gps.json: annotation Alerts', noRules],
  ['device.json: Temperature: A', noSensor],
  ['device.json: Under-voltage and throttling: A', noFirmware],
  ['gps.json: Clock to pulse: A', noPulse],
  ['gps.json: Age of the latest pulse: A', noPulse],
])
