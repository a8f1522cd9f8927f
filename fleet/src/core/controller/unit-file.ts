/** The unit of systemd that keeps a controller running, with no right that it does not need. */

export interface ServiceWish {
  readonly fleet: string
  /** The account whose ssh keys reach the devices. */
  readonly user: string
  /** Absolute: where the fleet's files are, and `.timeball/`. */
  readonly folder: string
  /** The program and its arguments. */
  readonly argv: readonly string[]
  /** Absolute; holds `API_KEY_1=…` and the like. `null`: the keys are elsewhere. */
  readonly keysFile: string | null
}

export const unitName = 'timeball.service'
export const unitPath = `/etc/systemd/system/${unitName}`

/** Sent twice in this time while the controller is well, or it is started anew. */
const watchdogSeconds = 120
/** Longer than a controller takes that waits for the steps on devices. */
const stopSeconds = 30

/** Of systemd.exec(5) and systemd.service(5). */
export function unitFile({ fleet, user, folder, argv, keysFile }: ServiceWish): string {
  const keys = keysFile === null ? [] : [`LoadCredential=keys.env:${quoted(keysFile)}`]
  return `# Written by timeball service install; timeball service uninstall takes it away.
[Unit]
Description=Timeball controller of fleet ${percent(fleet)}
Documentation=https://github.com/timeball/timeball
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
# It tells by systemd-notify, which is a process of its own.
NotifyAccess=all
WatchdogSec=${watchdogSeconds}
User=${percent(user)}
WorkingDirectory=${percent(folder)}
ExecStart=${argv.map(quoted).join(' ')}
${[...keys, ''].join('\n')}Restart=on-failure
RestartSec=5
# The controller ends the steps on devices first; what it started is ended after it.
KillMode=mixed
TimeoutStopSec=${stopSeconds}
StateDirectory=timeball
RuntimeDirectory=timeball
Environment=XDG_RUNTIME_DIR=/run/timeball
UMask=0077

ReadWritePaths=${quoted(folder)}
${hardening.join('\n')}

[Install]
WantedBy=multi-user.target
`
}

/**
 * No MemoryDenyWriteExecute, which the engine of JavaScript cannot do without, and no ProtectProc: who
 * holds the fleet is told from the processes of others.
 */
const hardening = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'LockPersonality=yes',
  'RemoveIPC=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
]

/** A specifier of systemd begins with a percent sign. */
function percent(text: string): string {
  return text.replaceAll('%', '%%')
}

/** One word of a line, whatever is in it; `$` stands for a variable, else. */
function quoted(text: string): string {
  const plain = percent(text)
  if (/^[\w@%+=:,./-]+$/.test(plain)) return plain
  return `"${plain.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('$', '$$$$')}"`
}
