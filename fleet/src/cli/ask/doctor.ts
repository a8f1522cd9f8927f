/** `timeball doctor`: what is wrong with this machine or with devices, and the line that mends it. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { prepare } from '../../app/prepare.ts'
import { sweepClocks } from '../../app/sweep-clocks.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { readDoctor } from '../../core/ask/doctor/device-answer.ts'
import { diagnosisLines, type Examined } from '../../core/ask/doctor/diagnosis.ts'
import { doctorScript } from '../../core/ask/doctor/device-script.ts'
import { judgeController, type FleetSeen } from '../../core/ask/doctor/judge-controller.ts'
import { judgeDevice } from '../../core/ask/doctor/judge-device.ts'
import { ipFamily } from '@timeball/lib/address.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { reach, type Reached } from '../start.ts'
import { askFleet, endOf, failedOf } from './ask-fleet.ts'

export interface DoctorOptions extends FleetOptions {
  readonly fix?: boolean
  readonly yes?: boolean
}

/** Without targets this machine is examined. */
export async function doctorCommand(
  context: Context,
  targets: string | undefined,
  options: DoctorOptions,
): Promise<ExitCode> {
  const isHere = targets === undefined && options.limit === undefined
  const problem = options.fix === true ? fixProblem(isHere, options) : null
  if (problem !== null) return refuse(context.terminal, [problem])
  if (isHere) {
    const examined = [await examineHere(context, options)]
    const exit = exitOf(examined)
    const records = await show(context, examined, options)
    return records?.result(exit, {}) ?? exit
  }
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const found = await examineDevices(context, reached.value, options)
  const mended = options.fix === true ? namesToMend(found.examined) : []
  if (mended.length === 0 || context.stop.aborted) return found.exit
  return await mend(context, mended, options)
}

function fixProblem(isHere: boolean, { json }: DoctorOptions): Problem | null {
  if (isHere) return usageProblem('--fix is for devices', 'name them: timeball doctor all --fix')
  const fix = 'run doctor --json, and timeball apply where "applied" is true'
  return json === true ? usageProblem('--fix asks, and --json cannot', fix) : null
}

function namesToMend(examined: readonly Examined[]): readonly string[] {
  return examined.flatMap(({ subject, diagnoses }) =>
    diagnoses.some(({ isApplied }) => isApplied) ? subject : [],
  )
}

/** What an apply mends, by its own plan and question; then it is looked again. */
async function mend(
  context: Context,
  names: readonly string[],
  { yes, ...options }: DoctorOptions,
): Promise<ExitCode> {
  const { applyCommand } = await import('../apply.ts')
  const targets = names.join(':')
  context.terminal.say(`\ntimeball: what timeball apply mends, on ${namesOf(names)}:`)
  const asked = { ...options, ...(yes === undefined ? {} : { yes }), allowReboot: true }
  const applied = await applyCommand(context, targets, asked)
  if (applied !== exitCodes.done) return applied
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  context.terminal.say('')
  const { exit } = await examineDevices(context, reached.value, options)
  return exit
}

interface Found {
  readonly exit: ExitCode
  readonly examined: readonly Examined[]
}

async function examineDevices(
  context: Context,
  reached: Reached,
  options: FleetOptions,
): Promise<Found> {
  const { devices, outside } = reached
  const script = doctorScript(hostsOf(reached))
  const question = { script, as: 'root', seconds: 60, mostBytes: 262_144 } as const
  const answers = await askFleet(context, reached, question, null)
  const examined = await Promise.all(
    devices.map(async (device): Promise<readonly Examined[]> => {
      const result = answers.find((answer) => answer.device === device.name)?.result
      if (result?.ok !== true) return []
      const ntp = await outside.probeNtp(device, 1, context.abort)
      const said = readDoctor(result.value.output)
      const ntpFailure = ntp.ok ? null : ntp.failure
      return [{ subject: device.name, diagnoses: judgeDevice({ device, said, ntpFailure }) }]
    }),
  )
  await outside.engine.close('keep')
  const all = examined.flat()
  const records = await show(context, all, options)
  const ended = endOf(context, answers)
  const exit = ended === exitCodes.done ? exitOf(all) : ended
  records?.result(exit, { failed: failedOf(answers) })
  return { exit, examined: all }
}

/** What devices must be able to look up: their sources, and the registry. */
function hostsOf({ loaded, devices }: Reached): readonly string[] {
  const { ref } = loaded.fleet.settings.image
  const [first = ''] = ref.split('/')
  const registry =
    ref.includes('/') && /[.:]/.test(first) ? first.replace(/:\d+$/, '') : 'docker.io'
  const all = [...devices.flatMap(({ ntpServers }) => ntpServers), registry]
  return [...new Set(all)].filter((host) => ipFamily(host) === null)
}

async function examineHere(context: Context, options: FleetOptions): Promise<Examined> {
  const [ssh, git, docker] = await Promise.all([
    context.toolVersion('ssh', ['-V']),
    context.toolVersion('git', ['--version']),
    context.toolVersion('docker', ['--version']),
  ])
  const fleet = await seeFleet(context, options)
  return { subject: 'this machine', diagnoses: judgeController({ ssh, git, docker, fleet }) }
}

async function seeFleet(
  context: Context,
  options: FleetOptions,
): Promise<FleetSeen | readonly Problem[]> {
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return loaded.failure
  const { fleet, stateFolder } = loaded.value
  const obstacle = context.enterNetwork(loaded.value)
  if (obstacle !== null) return [obstacle]
  const outside = await context.openOutside(loaded.value, options)
  const looking = { mode: 'look', signal: context.abort } as const
  const prepared = await prepare(fleet, fleet.devices, outside, looking)
  const { time } = await sweepClocks(fleet, outside, null, context.abort)
  const known = await context.knownDevices(loaded.value)
  await outside.engine.close('keep')
  return {
    devices: fleet.devices.length,
    incomplete: prepared.ok ? prepared.value.incomplete : 'what devices should be is not known',
    clock:
      time.kind === 'decided'
        ? { kind: 'measured', aheadSeconds: -time.centre }
        : { kind: 'unknown', why: time.why },
    leapSeconds: await outside.leapSeconds(),
    nowUnixMs: context.nowUnixMs(),
    state: await context.seeFolder(stateFolder),
    journal: known.ok ? null : known.failure.what,
  }
}

async function show(
  context: Context,
  examined: readonly Examined[],
  { json }: FleetOptions,
): ReturnType<typeof openRecords> {
  const { terminal } = context
  const records = await openRecords(context, json)
  if (records === null) for (const line of diagnosisLines(examined, terminal)) terminal.out(line)
  for (const { subject, diagnoses } of examined) {
    for (const { isApplied, ...each } of diagnoses) {
      records?.write({ type: 'diagnosis', subject, ...each, applied: isApplied })
    }
  }
  return records
}

function exitOf(examined: readonly Examined[]): ExitCode {
  const isBad = examined.some(({ diagnoses }) => diagnoses.some(({ level }) => level === 'bad'))
  return isBad ? exitCodes.unhealthy : exitCodes.done
}
