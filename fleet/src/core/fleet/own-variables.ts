/** The variables of an inventory that Timeball reads, besides Ansible's own for the connection. */
export const ownVariables = [
  'gps_enabled',
  'pps_enabled',
  'pps_gpio',
  'ntp_servers',
  'stratum',
  'http_port',
  'metrics_port',
  'ntp_port',
  'gps_model',
  'gps_latency',
  'site',
] as const

export type OwnVariable = (typeof ownVariables)[number]

/** With it a variable is Timeball's alone: roles have variables such as `http_port`, too. */
export const ownPrefix = 'timeball_'

/** All names that are read. */
export const ownNames: readonly string[] = ownVariables.flatMap((name) => [name, ownPrefix + name])
