/** Whether a change may reboot a device: as fleet.yaml says, or as it was allowed for once. */
export function rebootPolicy(
  setting: 'never' | 'allow',
  options: { readonly allowReboot?: boolean },
): { readonly reboot: 'never' | 'allow' } {
  return { reboot: options.allowReboot === true ? 'allow' : setting }
}
