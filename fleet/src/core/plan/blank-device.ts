import type { Observed } from './observed.ts'

/** A device fresh from the imager, for plans that contact nobody. Its boot configuration is empty. */
export const blankDevice: Observed = {
  nonce: '0'.repeat(32),
  hostname: '',
  arch: '',
  os: '',
  bootId: '',
  uptimeSeconds: 0,
  generation: 0,
  state: null,
  epoch: 0,
  epochBy: null,
  epochAgeSeconds: null,
  pending: null,
  returning: null,
  rebootRequired: false,
  busy: null,
  recovered: null,
  packages: new Map(),
  files: new Map(),
  bootConfig: {
    path: '/boot/firmware/config.txt',
    state: 'file',
    mode: '0755',
    digest: null,
    content: '',
  },
  services: new Map([
    [
      'systemd-timesyncd.service',
      { name: 'systemd-timesyncd.service', load: 'loaded', active: 'active', enabled: 'enabled' },
    ],
  ]),
  containers: new Map(),
  images: new Map(),
  logs: new Map(),
  disks: new Map(),
}
