/** Why the system did not do what it was asked with a path, in words. */

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota of this user is used up',
  EROFS: 'the file system is read-only',
  EIO: 'the disk cannot be read or written',
  ELOOP: 'its links go in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'this process has too many files open',
}

/** `keys/slack: there is no such file or folder`. Anything else than an error of the system is as it says. */
export function systemReason(error: unknown, path: string): string {
  if (!(error instanceof Error)) return `${path}: ${String(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return `${path}: ${words[code] ?? error.message}`
}
