/** `backup:` of `fleet.yaml`. */
import { z } from 'zod'

export const usualRepository = 'backups'

const most = 10_000

export const backupSettings = z
  .strictObject({
    store: z
      .enum(['age', 'restic'])
      .default('age')
      .describe('age: a folder of encrypted objects; restic: the program of that name keeps them.'),
    repository: z
      .string()
      .min(1)
      .default(usualRepository)
      .describe('A folder, relative to fleet.yaml; for restic also sftp:…, s3:… and the like.'),
    recipients: z
      .array(
        z
          .string()
          .regex(/^age1[02-9ac-hj-np-z]{58,}$/, 'age1…, as age-keygen -y prints it, is wanted'),
      )
      .default([])
      .describe('For age: who can read backups. Keep one of the identities away from here.'),
    identity_file: z
      .string()
      .min(1)
      .optional()
      .describe('For age: the identity that reads backups; else that of the environment.'),
    password_file: z
      .string()
      .min(1)
      .optional()
      .describe('For restic: the password of the repository; else RESTIC_PASSWORD_FILE and so on.'),
    identity: z
      .boolean()
      .default(false)
      .describe('Whether the host keys of devices are backed up, too.'),
    keep: z
      .strictObject({
        last: z.int().min(1).max(most).default(3).describe('The newest ones.'),
        daily: z.int().min(0).max(most).default(7).describe('The last one of so many days.'),
        weekly: z.int().min(0).max(most).default(4).describe('The last one of so many weeks.'),
        monthly: z.int().min(0).max(most).default(12).describe('The last one of so many months.'),
      })
      .prefault({})
      .describe('What prune keeps of each device, counted in those that there are.'),
    read_data_parts: z
      .int()
      .min(1)
      .max(1000)
      .default(7)
      .describe('verify --rotate reads one of so many parts, so that so many runs read all.'),
  })
  .prefault({})
  .describe('Where backups are kept, who can read them, and how long they are kept.')

export type BackupSettings = z.output<typeof backupSettings>
