/** `git:` of `fleet.yaml`. */
import { z } from 'zod'
import { durationMs, filePath } from '../setting-values.ts'

const hour = 3_600_000

export const gitSettings = z
  .strictObject({
    remote: z
      .string()
      .refine(isRemote, 'https://…, ssh://…, user@host:path or the path of a folder is wanted')
      .refine((text) => !/^https:\/\/[^/@:]*:[^/@]*@/.test(text), 'a password is no part of it')
      .describe('As for git fetch, with the credentials that git has there; or a folder here.'),
    branch: z
      .string()
      .regex(/^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\.lock$|\/$))[\w./-]{1,200}$/, 'a branch is wanted')
      .default('main')
      .describe('Whose newest commit is the desired state.'),
    path: z
      .string()
      .regex(
        /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[\w./ -]{1,200}$/,
        'a folder of the repository is wanted',
      )
      .default('.')
      .describe('The folder of the repository that is the folder of this file.'),
    poll: durationMs(1_000, 24 * hour)
      .prefault('1m')
      .describe('How often serve looks for a new commit.'),
    policy: z
      .enum(['manual', 'auto'])
      .default('manual')
      .describe('auto: a new commit is rolled out by itself; manual: timeball approve does that.'),
    allowed_signers: filePath
      .optional()
      .describe('Only commits that one of these has signed are taken; as in ssh-keygen(1).'),
    allow_rollback: z
      .boolean()
      .default(false)
      .describe('Take a commit that does not come after the one that runs, too.'),
  })
  .describe('The repository that the files of this fleet come from.')

export type GitSettings = z.output<typeof gitSettings>

/** No transport that runs a program, and none that anybody on the way could change. */
function isRemote(text: string): boolean {
  if (/[\s\p{Cc}]/u.test(text) || text.startsWith('-') || /^\w+::/.test(text)) return false
  if (text.includes('://')) return /^(https|ssh):\/\/[^-/]/.test(text)
  return /^(?:[\w.-]+@)?[\w.-]+:(?!:)/.test(text) || /^[./~\w]/.test(text)
}
