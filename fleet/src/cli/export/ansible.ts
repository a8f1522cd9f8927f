/** `timeball export ansible DIR`: the fleet as an Ansible project that needs no Timeball. */
import type { ExitCode } from '../../api/exit-codes.ts'
import { readSecrets } from '../../app/prepare.ts'
import { isCarried } from '../../core/desired/carried-image.ts'
import { ansibleProject, type ExportedKeys } from '../../core/export/ansible/project.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, refuseImage } from '../problems.ts'
import { openRecords } from '../records.ts'
import { reach } from '../start.ts'
import { writeExport } from './write-export.ts'

export interface ExportOptions extends FleetOptions {
  /** Say what would change, and change nothing. */
  readonly check?: boolean
}

export async function exportAnsibleCommand(
  context: Context,
  directory: string,
  options: ExportOptions,
): Promise<ExitCode> {
  const { terminal, abort } = context
  const reached = await reach(context, undefined, options)
  if (!reached.ok) return reached.failure
  const { loaded, outside } = reached.value
  const { ref, plain_http: plainHttp } = loaded.fleet.settings.image
  const image = await outside.resolveImage(ref, plainHttp, abort)
  await outside.engine.close('keep')
  if (!image.ok) return refuseImage(terminal, { kind: 'image', ref, detail: image.failure.detail })
  if (isCarried(image.value)) return refuse(terminal, [carriedProblem(loaded, ref)])
  if (loaded.fleet.settings.clock.authenticate !== 'no') return refuse(terminal, [ntpKeys(loaded)])
  const keys = await exportedKeys(context, loaded, options)
  if (!keys.ok) return refuse(terminal, keys.failure)
  const { fleet, inventory } = loaded
  const files = ansibleProject({ fleet, inventory, image: image.value, keys: keys.value })
  const records = await openRecords(context, options.json)
  const { folder } = await context.openMonitoring(loaded, directory)
  const exit = await writeExport(folder, files, {
    terminal,
    records,
    check: options.check === true,
  })
  return records === null ? exit : records.result(exit, { folder: folder.path })
}

function ntpKeys({ settingsFile: file }: LoadedFleet): Problem {
  const what = 'clock.authenticate: a playbook brings no NTP keys'
  return {
    file,
    line: null,
    column: null,
    what,
    fix: 'leave it out of a fleet.yaml for the export',
  }
}

function carriedProblem({ settingsFile: file }: LoadedFleet, ref: string): Problem {
  const what = `image: ${ref} is in no registry, and a playbook has it from one`
  const fix = `timeball image push ${ref} brings it into a registry; name it there in fleet.yaml`
  return { file, line: null, column: null, what, fix }
}

/** A key that is in no environment goes behind Ansible Vault: none is ever written in clear. */
async function exportedKeys(
  context: Context,
  loaded: LoadedFleet,
  options: ExportOptions,
): Promise<Result<ExportedKeys, readonly Problem[]>> {
  const { fleet, settingsFile: file, vault } = loaded
  const { store } = fleet.settings.secrets
  if (store === 'env') return ok({ kind: 'environment' })
  const passwords = await vault.passwords()
  if (!passwords.ok) return passwords
  if (passwords.value.length === 0) {
    const what = `secrets: keys from ${store} are exported behind Ansible Vault, and it has no password`
    const fix = 'Name the file of one: --vault-password-file FILE'
    return fail([{ file, line: null, column: null, what, fix }])
  }
  const read = await readSecrets(fleet, fleet.devices, await context.openSecrets(loaded))
  if (read.problems.length > 0) return fail(read.problems)
  const seal = await context.vaultSealer(options)
  if (!seal.ok) return seal
  const sealed = [...read.secrets].map(([device, secrets]): [string, Map<string, string>] => [
    device,
    new Map(secrets.map((secret) => [secret.name, seal.value(secret.reveal())])),
  ])
  return ok({ kind: 'vault', sealed: new Map(sealed) })
}
