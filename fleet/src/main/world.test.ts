import { deviceOf, fleetOf } from '../../test/make-fleet.ts'
import { quietOutside } from '../../test/outside.ts'
import { worldContract } from '../ports/world.contract.ts'
import { openWorld } from './world.ts'

const fleet = fleetOf()
const device = deviceOf(fleet, 'pi-ntp-01')

worldContract('real', openWorld(fleet.settings), device)
worldContract(
  "tests'",
  quietOutside(
    {},
    {
      resolveImage: () =>
        Promise.resolve({ ok: false, failure: { code: 'unreachable', detail: 'no registry' } }),
    },
  ),
  device,
)
