/** Names and places of the device contract (docs/device-contract.md). */
export const projectDirectory = '/opt/mcp-utc-time-server'
export const composeFile = 'docker-compose.rpi.yml'
export const composePath = `${projectDirectory}/${composeFile}`
export const environmentFileName = '.env'
export const environmentPath = `${projectDirectory}/${environmentFileName}`
/** Where the project's directory is in the container. */
export const mountedProject = '/run/timeball'
export const containerName = 'mcp-utc-time'
export const gpsdDefaultsPath = '/etc/default/gpsd'
