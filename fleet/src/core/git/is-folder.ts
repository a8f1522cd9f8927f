/** Whether a remote of git is a folder of this machine. */
export function isFolder(remote: string): boolean {
  return !remote.includes('://') && !/^[^/]*:/.test(remote)
}
