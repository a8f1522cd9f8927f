/** `58.2 MB`: sizes of images are told in powers of ten, as Docker tells them. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
