import { type Result, fail } from '@timeball/lib/result.ts'

/** The clear text of a vault; the failure says why there is none, without a subject. */
export type Decrypt = (text: string) => Result<string, string>

export function isVaultText(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT')
}

export const noPassword: Decrypt = () =>
  fail('is encrypted with Ansible Vault, and no password is given')
