/**
 * The table of alerts. Rules, documentation and unit tests are made from it. The proposals of
 * limits are of ntpmon, facebook/time's ntpcheck, RFC 5905 and the fleet guide.
 */
import type { AlertName } from '../alert-names.ts'
import type { Alert } from './alert.ts'
import { clockAlerts } from './clock-alerts.ts'
import { deviceAlerts } from './device-alerts.ts'
import { fleetAlerts } from './fleet-alerts.ts'
import { gpsAlerts } from './gps-alerts.ts'
import { monitoringAlerts } from './monitoring-alerts.ts'

export const alerts: Readonly<Record<AlertName, Alert>> = {
  ...deviceAlerts,
  ...gpsAlerts,
  ...clockAlerts,
  ...fleetAlerts,
  ...monitoringAlerts,
}
