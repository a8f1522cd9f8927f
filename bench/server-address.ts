/** Addresses of simulated servers. */

/** Each index has its own of 127.64.0.0/10. */
export function serverAddress(index: number): string {
  return `127.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
}
