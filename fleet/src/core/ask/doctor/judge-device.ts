/** Each check of `doctor DEVICE`, from what the device answered and what was seen from outside. */
import type { NtpFailure } from '@timeball/clock/ntp/measurement.ts'
import { bootLines } from '../../desired/gpsd.ts'
import type { Device } from '../../device/device.ts'
import { scaleSeconds } from '../../table.ts'
import { powerText } from '../facts.ts'
import { readPulses, readReceiver, type DoctorAnswer } from './device-answer.ts'
import { ill, unseen, well, type Diagnosis } from './diagnosis.ts'

export interface DoctorInput {
  readonly device: Device
  readonly said: DoctorAnswer
  /** Of one question on UDP 123 from here; `null`: it was answered. */
  readonly ntpFailure: NtpFailure | null
}

type Check = (input: DoctorInput) => Diagnosis

const always: readonly Check[] = [
  power,
  temperature,
  card,
  disk,
  clockAtBoot,
  port123,
  otherDiscipline,
  names,
  mtu,
  docker,
]
const ofReceivers: readonly Check[] = [serialConsole, serialLine, boot, receiver, sharedMemory]

export function judgeDevice(input: DoctorInput): readonly Diagnosis[] {
  const { device } = input
  const checks = [...(device.gps ? ofReceivers : []), ...(device.pps ? [pulse] : []), ...always]
  return checks.map((check) => check(input))
}

function onDevice({ name }: Device, command: string): string {
  return `timeball run ${name} --sudo -- ${command}`
}

function serialConsole({ device, said }: DoctorInput): Diagnosis {
  const check = 'serial console'
  const cmdline = said.one('cmdline')
  // A Pi has several lines, and the receiver is on that one to which serial0 points.
  const own = said.one('serial')?.replace(/^.*\//, '') ?? null
  const isOwn = (line: string): boolean => line === 'serial0' || own === null || line === own
  const consoles = [...(cmdline ?? '').matchAll(/\bconsole=(serial0|tty(?:AMA|S)\d+)\b/g)]
  const console = consoles.map(([, line = '']) => line).find(isOwn) ?? null
  const getty = said.all('getty').find(isOwn) ?? null
  if (console === null && getty === null) {
    return cmdline === null ? unseen(check, 'the kernel does not tell') : well(check, 'is off')
  }
  const what = getty === null ? 'the kernel prints its messages' : 'a login waits'
  return ill(check, `${what} on the line of the receiver (${getty ?? console ?? ''})`, {
    why: 'the system writes into the receiver, and reads its sentences as a login',
    mend: `${onDevice(device, 'raspi-config nonint do_serial_cons 1')}, then timeball reboot ${device.name}`,
  })
}

function serialLine({ device, said }: DoctorInput): Diagnosis {
  if (said.one('serial') !== null) return well('serial line', '/dev/serial0 is there')
  return ill('serial line', 'there is no /dev/serial0', {
    why: 'gpsd reads the receiver there',
    mend: `timeball apply ${device.name} --allow-reboot`,
  })
}

function boot({ device, said }: DoctorInput): Diagnosis {
  const check = 'boot configuration'
  if (said.one('boot_file') === null) return unseen(check, 'no config.txt: not a Raspberry Pi?')
  const lines = new Set(said.all('boot').map((line) => line.trim()))
  const missing = bootLines(device).filter(({ line }) => !lines.has(line))
  if (missing.length === 0) return well(check, 'has all lines for the receiver')
  return ill(check, `lacks ${missing.map(({ line }) => line).join(', ')}`, {
    why: 'without them the good serial line is given to Bluetooth, or no pulse arrives',
    mend: `timeball apply ${device.name} --allow-reboot`,
    isApplied: true,
  })
}

function pulse({ device, said }: DoctorInput): Diagnosis {
  const check = 'pulse'
  if (said.one('pps_device') === null) {
    return ill(check, 'there is no /dev/pps0', {
      why: 'without the pulse the time is right to a tenth of a second only',
      mend: `timeball apply ${device.name} --allow-reboot`,
    })
  }
  const { came, jitterSeconds } = readPulses(said.all('pulse'))
  if (came === 0 || jitterSeconds === null) {
    return ill(check, 'no pulse came in 5 seconds', {
      why: 'most receivers give none before they have a fix; else the wire is on another pin',
      mend: `give the antenna the sky, and compare the pin with pps_gpio (BCM ${device.ppsGpio})`,
    })
  }
  const text = `${came} in 4 s, jitter ${scaleSeconds(jitterSeconds)}`
  if (jitterSeconds < worstJitterSeconds) return well(check, text)
  return ill(check, text, {
    level: 'warn',
    why: 'a pulse on a GPIO of a Pi is usually within some microseconds',
    mend: 'look for a busy interrupt or a long wire; a receiver without a fix lets it drift',
  })
}

const worstJitterSeconds = 100e-6

function receiver({ device, said }: DoctorInput): Diagnosis {
  const check = 'receiver'
  if (said.one('gpsd_silent') !== null) {
    return ill(check, 'gpsd does not answer on port 2947', {
      why: 'nobody reads the receiver',
      isApplied: true,
      mend: `timeball apply ${device.name}; when it has nothing to do: ${onDevice(device, 'journalctl -u gpsd -n 20')}`,
    })
  }
  const { mode, used, seen } = readReceiver(said.all('gpsd'))
  if (mode === null) {
    return ill(check, 'gpsd tells nothing of a receiver', {
      why: 'it is not connected, is silent, or speaks at another rate',
      mend: onDevice(device, 'systemctl restart gpsd.socket gpsd'),
    })
  }
  const satellites = `${used ?? '?'} of ${seen ?? '?'} satellites in use`
  if (mode >= 2) return well(check, `has a fix, ${satellites}`)
  return ill(check, `has no fix, ${satellites}`, {
    why: 'without a fix its time is a guess',
    mend: 'give the antenna a view of the sky; from cold it takes up to 15 minutes',
  })
}

function sharedMemory({ device, said }: DoctorInput): Diagnosis {
  const units = said.number('shm')
  if (units === null) return unseen('shared memory', 'ipcs does not tell')
  if (units > 0) return well('shared memory', `${units} units of gpsd`)
  return ill('shared memory', 'gpsd offers no time there', {
    why: 'the time server takes the time of the receiver from there',
    mend: onDevice(device, 'systemctl restart gpsd.socket gpsd'),
  })
}

function power({ said }: DoctorInput): Diagnosis {
  const throttled = said.number('throttled')
  if (throttled === null) return unseen('power', 'no vcgencmd')
  const text = powerText(throttled)
  if (text === 'ok') return well('power', text)
  return ill('power', text, {
    level: (throttled & 0xf) === 0 ? 'warn' : 'bad',
    why: 'with too little voltage, or too much heat, a Pi loses USB, cards and its even pace',
    mend: 'use the power supply that is made for this model, with a short cable, and cool it',
  })
}

function temperature({ said }: DoctorInput): Diagnosis {
  const thousandths = said.number('temperature_mc')
  if (thousandths === null) return unseen('temperature', 'no sensor')
  const text = `${Math.round(thousandths / 1000)} °C`
  if (thousandths < 80_000) return well('temperature', text)
  return ill('temperature', text, {
    level: 'warn',
    why: 'from 80 °C on a Pi slows down, and its crystal drifts with the heat',
    mend: 'give it air, or a heat sink',
  })
}

function card({ said }: DoctorInput): Diagnosis {
  if (said.one('read_only') !== null) {
    return ill('card', 'the root file system is read-only', {
      why: 'the system does that when its card fails; nothing can be applied',
      mend: 'replace the card and set the device up anew: docs/preparing-a-pi.md',
    })
  }
  const errors = said.number('card_errors')
  if (errors === null) return unseen('card', 'the kernel log cannot be read')
  if (errors === 0) return well('card', 'no error since boot')
  return ill('card', `${errors} errors since boot`, {
    why: 'a card that fails goes read-only one day, or comes back with old data',
    mend: 'replace the card soon',
  })
}

function disk({ device, said }: DoctorInput): Diagnosis {
  const used = said.number('disk_used')
  if (used === null) return unseen('disk', 'df does not tell')
  if (used < 85) return well('disk', `${used} % used`)
  return ill('disk', `${used} % used`, {
    level: used < 95 ? 'warn' : 'bad',
    why: 'a full disk refuses the next release',
    mend: onDevice(device, 'docker image prune --force'),
  })
}

function clockAtBoot({ device, said }: DoctorInput): Diagnosis {
  const check = 'clock at boot'
  if (said.one('rtc') !== null) return well(check, 'it has a real-time clock')
  if (said.one('fake_hwclock')?.includes('installed') === true) {
    return well(check, 'fake-hwclock keeps the time over a boot')
  }
  return ill(check, 'neither a real-time clock nor fake-hwclock', {
    level: 'warn',
    why: 'after a power cut it begins in a year of the past, where certificates are not valid yet',
    mend: onDevice(device, 'apt-get install --yes fake-hwclock'),
  })
}

function port123({ device, said, ntpFailure }: DoctorInput): Diagnosis {
  const check = 'port 123'
  const listeners = said.all('listener')
  const others = listeners.filter((name) => !/^(ntpd|docker-proxy)/.test(name))
  if (others.length > 0) {
    return ill(check, `${others.join(', ')} listens there`, {
      why: 'the time server cannot answer where another program does',
      mend: onDevice(device, `systemctl disable --now ${others[0] ?? ''}`),
    })
  }
  if (ntpFailure === null) return well(check, 'answers')
  if (listeners.length > 0) {
    return ill(check, `${listeners.join(', ')} listens, and this machine gets no answer`, {
      why: 'a firewall on the way, or restrict lines that do not let this network in',
      mend: `${onDevice(device, 'nft list ruleset')}; and the restrict lines of its ntp.conf`,
    })
  }
  return ill(check, ntpFailure.detail, {
    why: 'clients get no time',
    mend: `timeball ps ${device.name}, then timeball logs ${device.name}`,
  })
}

function otherDiscipline({ device, said }: DoctorInput): Diagnosis {
  const units = said.all('discipline')
  if (units.length === 0) return well('discipline', 'nothing else steers the clock')
  const isTimesyncd = units.every((unit) => unit === 'systemd-timesyncd')
  return ill('discipline', `${units.join(', ')} steers the clock, too`, {
    why: 'two programs that steer one clock pull it to and fro',
    mend: isTimesyncd
      ? `timeball apply ${device.name}`
      : onDevice(device, `systemctl disable --now ${units.join(' ')}`),
    isApplied: isTimesyncd,
  })
}

function names({ said }: DoctorInput): Diagnosis {
  const lost = said.all('lost')
  if (lost.length > 0) {
    return ill('names', `cannot look up ${lost.join(', ')}`, {
      why: 'it needs them for its sources, its packages or its image',
      mend: 'look at its DNS servers: resolvectl status, or /etc/resolv.conf',
    })
  }
  const found = said.all('found')
  return found.length === 0
    ? unseen('names', 'none was looked up')
    : well('names', `${found.length} looked up`)
}

function mtu({ said }: DoctorInput): Diagnosis {
  const bytes = said.number('mtu')
  if (bytes === null) return unseen('MTU', 'no default route')
  if (bytes >= 1280) return well('MTU', `${bytes} bytes`)
  return ill('MTU', `${bytes} bytes`, {
    level: 'warn',
    why: 'below 1280 IPv6 does not work, and signed NTP packets do not fit',
    mend: 'look for a tunnel or a wrong setting of its interface',
  })
}

function docker({ device, said }: DoctorInput): Diagnosis {
  const version = said.one('docker')
  if (version !== null) return well('docker', version)
  return ill('docker', 'does not answer', {
    why: 'the time server runs in a container',
    mend: `timeball ping ${device.name} says whether it is installed; then ${onDevice(device, 'systemctl restart docker')}`,
  })
}
