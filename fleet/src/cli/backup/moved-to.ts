import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ExitCode } from '../../api/exit-codes.ts'
import type { Device } from '../../core/device/device.ts'
import type { Context, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'

/** With the device at another address than that of the inventory. */
export function movedTo(
  context: Context,
  name: string,
  to: string | undefined,
): Result<Context, ExitCode> {
  if (to === undefined) return ok(context)
  const parts =
    /^(?<address>\[[0-9a-f:]+\]|[^:]+|[0-9a-f]*:[0-9a-f:]+)(?::(?<port>\d{1,5}))?$/i.exec(to)
  const address = parts?.groups?.['address']?.replaceAll(/[[\]]/g, '')
  if (address === undefined || address.startsWith('-')) {
    const what = `--to ${to} is no address`
    return fail(
      refuse(context.terminal, [usageProblem(what, 'such as 192.168.1.103 or pi.example:2222')]),
    )
  }
  const port = parts?.groups?.['port']
  const move = (device: Device): Device =>
    device.name === name
      ? { ...device, address, sshPort: port === undefined ? device.sshPort : Number(port) }
      : device
  return ok({
    ...context,
    async loadFleet(options) {
      const loaded = await context.loadFleet(options)
      if (!loaded.ok) return loaded
      const { fleet } = loaded.value
      return ok<LoadedFleet>({
        ...loaded.value,
        fleet: { ...fleet, devices: fleet.devices.map(move) },
      })
    },
  })
}
