/** Part of `enroll`: the account that may only apply is made on devices, and tried. */
import { explain, wayOn } from '../../api/explain.ts'
import type { AccountRecord } from '../../api/records/enrolled-record.ts'
import type { Answered } from '../../core/ask/answer.ts'
import { judgePing, pingScript } from '../../core/ask/ping.ts'
import { namesOf, reasonOf } from '../../core/ask/fold.ts'
import { installScript } from '../../core/bundle/account.ts'
import type { Device } from '../../core/device/device.ts'
import { askFleet } from '../ask/ask-fleet.ts'
import type { AccountKit, Context } from '../context.ts'
import type { Reached } from '../start.ts'

type Account = NonNullable<Reached['loaded']['fleet']['settings']['ssh']['account']>

/** How devices are reached as an operator, who becomes root there, and as the account. */
export interface Ways {
  readonly account: Account
  readonly kit: AccountKit
  readonly asOperator: Reached
  readonly asAccount: Reached
}

/** One record for each device. */
export async function installAccounts(
  context: Context,
  devices: readonly Device[],
  ways: Ways,
): Promise<readonly AccountRecord[]> {
  const refusals = new Map<string, string>()
  for (const answer of await install(context, devices, ways)) {
    const why = refusalOf(answer)
    if (why !== null) refusals.set(answer.device, why)
  }
  const made = devices.filter(({ name }) => !refusals.has(name))
  for (const answer of await tryAccount(context, made, ways.asAccount)) {
    const device = made.find(({ name }) => name === answer.device)
    const judged = device === undefined ? null : judgePing(device, answer, view)
    // Without Docker it was let in all the same.
    if (judged?.isWell === false && judged.layer !== 'docker') {
      refusals.set(answer.device, `it was made, and is not let in: ${judged.why}`)
    }
  }
  return devices.map(({ name }): AccountRecord => {
    const message = refusals.get(name) ?? null
    const status = message === null ? 'installed' : 'failed'
    return { type: 'account', device: name, user: ways.account.user, status, message }
  })
}

/** The script says why in its last line. */
function refusalOf({ result }: Answered): string | null {
  if (!result.ok) return explain(result.failure)
  const reason = reasonOf(result.value)
  return reason === null ? null : result.value.output.trim().split('\n').at(-1) || reason
}

const view = { advice: wayOn, byAccount: true } as const

async function install(
  context: Context,
  devices: readonly Device[],
  { account, kit, asOperator }: Ways,
): Promise<readonly Answered[]> {
  const [device] = devices
  if (device === undefined) return []
  const input = {
    applier: kit.applier,
    questions: [pingScript],
    // What it may is the same on all of them.
    device,
    settings: asOperator.loaded.fleet.settings,
  }
  const { user } = account
  const script = installScript(kit.parts, { user, publicKey: kit.publicKey }, input)
  const question = { script, as: 'root', seconds: 60, mostBytes: 4096 } as const
  return await askFleet(context, { ...asOperator, devices }, question, null)
}

async function tryAccount(
  context: Context,
  devices: readonly Device[],
  asAccount: Reached,
): Promise<readonly Answered[]> {
  if (devices.length === 0) return []
  const question = { script: pingScript, as: 'root', seconds: 15, mostBytes: 4096 } as const
  return await askFleet(context, { ...asAccount, devices }, question, null)
}

/** Those on which it is are one line. */
export function formatAccounts(records: readonly AccountRecord[]): readonly string[] {
  const there = records.filter(({ status }) => status === 'installed')
  const others = records.flatMap(({ device, message }) =>
    message === null ? [] : [`${device}: ${message}`],
  )
  const names = namesOf(there.map(({ device }) => device))
  const [first] = there
  if (first === undefined) return others
  return [`${names}: has the account ${first.user}, which may only apply`, ...others]
}
