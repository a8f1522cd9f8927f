/** `timeball cp`: a file to many devices, or from many devices here. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { isWell, type Answered } from '../../core/ask/answer.ts'
import {
  downloadScript,
  mostCopiedBytes,
  nameHere,
  readSide,
  uploadScript,
} from '../../core/ask/copy.ts'
import { foldAnswers, linesOfFold, namesOf } from '../../core/ask/fold.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords, type Records } from '../records.ts'
import { reach, type Reached } from '../start.ts'
import { askFleet, endOf, failedOf } from './ask-fleet.ts'

export interface CopyOptions extends FleetOptions {
  readonly sudo?: boolean
  /** Seconds that each device has. */
  readonly timeout: number
}

export async function copyCommand(
  context: Context,
  [from, to]: readonly [from: string, to: string],
  options: CopyOptions,
): Promise<ExitCode> {
  const source = readSide(from)
  const target = readSide(to)
  if (target.pattern !== null && source.pattern === null) {
    return await upload(context, source.path, { ...target, pattern: target.pattern }, options)
  }
  if (source.pattern !== null && target.pattern === null) {
    return await download(context, { ...source, pattern: source.pattern }, target.path, options)
  }
  const what = 'one of the two is on devices, and the other one here'
  const fix = 'such as: timeball cp motd stratum1:/etc/motd'
  return refuse(context.terminal, [usageProblem(what, fix)])
}

interface Far {
  readonly pattern: string
  readonly path: string
}

async function upload(
  context: Context,
  path: string,
  far: Far,
  options: CopyOptions,
): Promise<ExitCode> {
  const file = await context.readBytes(path)
  if (!file.ok) return refuse(context.terminal, [file.failure])
  const { content, mode } = file.value
  if (content.length > mostCopiedBytes) {
    const what = `${path} is larger than 16 MiB`
    return refuse(context.terminal, [usageProblem(what, 'scp, rsync and tar are made for that')])
  }
  const script = uploadScript(content, far.path, { mode })
  const write = (device: string, records: Records | null): void =>
    records?.write({ type: 'copy', device, path: far.path, bytes: content.length })
  return await ask(context, { far, script, options }, (wells, { records }) => {
    for (const { device } of wells) write(device, records)
    const names = namesOf(wells.map(({ device }) => device))
    if (records === null && wells.length > 0) {
      context.terminal.out(`${names}: ${far.path}, ${content.length} bytes`)
    }
    return Promise.resolve(null)
  })
}

async function download(
  context: Context,
  far: Far,
  here: string,
  options: CopyOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const isFolder = here.endsWith('/') || (await context.isFolder(here))
  const script = downloadScript(far.path)
  return await ask(context, { far, script, options }, async (wells, { records, devices }) => {
    const isOneOfMany = devices.length > 1
    if (isOneOfMany && !isFolder) {
      const what = `${here} is no folder, and ${devices.length} devices are asked`
      return refuse(terminal, [usageProblem(what, 'name a folder')])
    }
    // `here/` is a folder also where there is none yet.
    const unmade = here.endsWith('/') ? await context.makeFolder(here) : null
    if (unmade !== null) return refuse(terminal, [unmade.problem])
    for (const { device, result } of wells) {
      const content = Buffer.from(result.ok ? result.value.output : '', 'base64')
      const folder = here.replace(/\/$/, '')
      const path = isFolder ? `${folder}/${nameHere(far.path, device, isOneOfMany)}` : here
      const failure = await context.writeFile(path, content)
      if (failure !== null) return refuse(terminal, [failure.problem])
      if (records === null) terminal.out(`${device}: ${path}, ${content.length} bytes`)
      else records.write({ type: 'copy', device, path, bytes: content.length })
    }
    return null
  })
}

interface Copy {
  readonly far: Far
  readonly script: string
  readonly options: CopyOptions
}

type Wells = (
  wells: readonly Answered[],
  place: Pick<Reached, 'devices'> & { readonly records: Records | null },
) => Promise<ExitCode | null>

/** `onWell` has the devices that did it; an exit code of it ends the command. */
async function ask(
  context: Context,
  { far, script, options }: Copy,
  onWell: Wells,
): Promise<ExitCode> {
  const reached = await reach(context, far.pattern, options)
  if (!reached.ok) return reached.failure
  const { devices, outside } = reached.value
  const records = await openRecords(context, options.json)
  const as = options.sudo === true ? 'root' : 'login'
  const question = { script, as, seconds: options.timeout, mostBytes: 2 * mostCopiedBytes } as const
  const answers = await askFleet(context, reached.value, question, null)
  await outside.engine.close('keep')
  const refused = await onWell(answers.filter(isWell), { devices, records })
  const failed = failedOf(answers)
  if (refused !== null) return records?.result(refused, { failed }) ?? refused
  const bad = answers.filter((each) => !isWell(each))
  for (const line of foldAnswers(bad).flatMap(linesOfFold)) context.terminal.say(line)
  const exit: ExitCode = context.stop.aborted ? exitCodes.interrupted : endOf(context, answers)
  return records?.result(exit, { failed }) ?? exit
}
