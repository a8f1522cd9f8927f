/** Queries of dashboards that can have no data in the lab, each with the reason. */
const noSensor = 'virtual Pis have no thermal sensor'
const noFirmware = "virtual Pis have no Raspberry Pi's firmware"
const noPulse = 'virtual Pis have no kernel PPS; the pulse is in shared memory'

export const withoutData: ReadonlyMap<string, string> = new Map([
  ['device.json: Temperature: A', noSensor],
  ['device.json: Under-voltage and throttling: A', noFirmware],
  ['gps.json: Clock to pulse: A', noPulse],
  ['gps.json: Age of the latest pulse: A', noPulse],
])
