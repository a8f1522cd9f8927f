/** The two containers of a virtual Pi, as Docker arguments. */
import { existsSync } from 'node:fs'
import { gatewayAddress, type LabDevice } from './devices.ts'
import { labSuffix } from './settings.ts'

/** With what the names of this lab's containers begin. */
export const containerPrefix = `lab${labSuffix}-`

/** Holds the device's network, so that reboots and power cuts keep address and cable. */
export function netContainer(device: LabDevice): string {
  return `${containerPrefix}net-${device.name}`
}

/** The Raspberry Pi itself. */
export function piContainer(device: LabDevice): string {
  return `${containerPrefix}${device.name}`
}

export const volumePrefix = `${containerPrefix}docker-`

/** Volume of the nested engine: overlay2 does not work on top of overlay2. */
export function dockerVolume(device: LabDevice): string {
  return `${volumePrefix}${device.name}`
}

/** `docker run` of the network holder. Its resolver is an address at which nothing answers. */
export function netContainerArgs(device: LabDevice, image: string): string[] {
  return [
    ['run', '--detach', '--name', netContainer(device), '--network', 'none'],
    // sleep, as process 1, would not hear SIGTERM.
    ['--stop-signal', 'KILL'],
    ['--hostname', device.name, '--add-host', `${device.name}:127.0.1.1`],
    ['--dns', gatewayAddress, image, 'sleep', 'infinity'],
  ].flat()
}

/**
 * `docker create` of a device. Not `--privileged`: that fails where root itself lacks a capability.
 * SYS_TIME and SYS_MODULE are left out because clock and kernel are the machine's own.
 */
export function piContainerArgs(device: LabDevice, image: string, cgroup: 'v1' | 'v2'): string[] {
  // systemd 257 takes cgroup v1 only when its own command line says so.
  const legacy = ['systemd.unified_cgroup_hierarchy=0', 'SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1']
  return [
    ['create', '--name', piContainer(device), '--restart', 'always'],
    ['--network', `container:${netContainer(device)}`],
    ['--cap-add', 'ALL', '--cap-drop', 'SYS_RESOURCE'],
    ['--cap-drop', 'SYS_TIME', '--cap-drop', 'SYS_MODULE'],
    ['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'],
    ['--security-opt', 'systempaths=unconfined', '--device-cgroup-rule', 'a *:* rwm'],
    ['--ulimit', 'nofile=20000:20000', '--volume', '/sys/fs/cgroup:/sys/fs/cgroup:rw'],
    cgroup === 'v2' ? ['--cgroupns', 'host'] : [],
    ['--tmpfs', '/run:exec', '--tmpfs', '/tmp:exec', '--stop-signal', 'SIGRTMIN+3'],
    ['--volume', `${dockerVolume(device)}:/var/lib/docker`],
    [image, '/usr/local/sbin/lab-boot', ...(cgroup === 'v1' ? legacy : [])],
  ].flat()
}

/** The machine's control groups. */
export function cgroupVersion(): 'v1' | 'v2' {
  return existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1'
}
