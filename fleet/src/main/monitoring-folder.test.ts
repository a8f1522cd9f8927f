import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { monitoringFolderContract } from '../ports/monitoring-host.contract.ts'
import { monitoringFolder } from './monitoring-folder.ts'

const root = await mkdtemp(join(tmpdir(), 'tb-monitoring-'))
after(() => rm(root, { recursive: true }))

let folders = 0
monitoringFolderContract('on the disk', () =>
  Promise.resolve(monitoringFolder(join(root, `new/${(folders += 1)}`))),
)
