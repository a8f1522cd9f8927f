/** The role for a host with a receiver: gpsd, and the boot configuration of a Pi. */
import { gpsdHeader } from '../../desired/gpsd.ts'
import { gpsdDefaultsPath } from '../../desired/paths.ts'
import { roleMeta } from './role-meta.ts'

/** Text by path. */
export function gpsReceiverRole(): readonly (readonly [path: string, text: string])[] {
  return [
    ['defaults/main.yml', defaults],
    ['meta/main.yml', roleMeta('gpsd for a GPS receiver on the header of a Raspberry Pi.')],
    ['meta/argument_specs.yml', specs],
    ['handlers/main.yml', handlers],
    ['vars/main.yml', variables],
    ['tasks/main.yml', tasks],
    ['tasks/boot.yml', bootTasks],
    ['templates/gpsd.j2', gpsdTemplate()],
  ]
}

const defaults = `---
# What each means is in meta/argument_specs.yml.
gps_receiver_packages: [gpsd, gpsd-tools, pps-tools]
gps_receiver_apt_cache_seconds: 86400
gps_receiver_pps_enabled: false
gps_receiver_pps_gpio: 4
gps_receiver_reboot: false
`

const specs = `---
argument_specs:
  main:
    short_description: gpsd, and the boot configuration of a Pi
    options:
      gps_receiver_packages:
        type: list
        elements: str
        description: Debian packages, as apt takes them.
      gps_receiver_apt_cache_seconds:
        type: int
        description: How old apt's lists of packages may be.
      gps_receiver_pps_enabled:
        type: bool
        description: Whether the receiver has its pulse on a pin.
      gps_receiver_pps_gpio:
        type: int
        description: BCM number of the pin.
      gps_receiver_reboot:
        type: bool
        description: Whether a host whose boot configuration changed is rebooted at once.
`

const variables = `---
# The boot configuration of a Raspberry Pi; other hosts have none, and get none.
gps_receiver_boot_found: "{{ gps_receiver_boot_files.results | selectattr('stat.exists') | selectattr('stat.isreg') | map(attribute='item') | list }}"
`

const handlers = `---
- name: Restart gpsd
  ansible.builtin.systemd_service:
    name: gpsd.service
    state: restarted

- name: Reboot
  ansible.builtin.reboot:
    reboot_timeout: 300
  when: gps_receiver_reboot
`

const tasks = `---
- name: Install gpsd and its tools
  ansible.builtin.apt:
    name: "{{ gps_receiver_packages }}"
    state: present
    allow_downgrade: true
    update_cache: true
    cache_valid_time: "{{ gps_receiver_apt_cache_seconds }}"

- name: Find the boot configuration
  ansible.builtin.stat:
    path: "{{ item }}"
  loop:
    - /boot/firmware/config.txt
    - /boot/config.txt
  register: gps_receiver_boot_files

- name: Change the boot configuration
  ansible.builtin.include_tasks: boot.yml
  vars:
    gps_receiver_boot_config: "{{ gps_receiver_boot_found | first }}"
  when: gps_receiver_boot_found | length > 0

- name: Configure gpsd
  ansible.builtin.template:
    src: gpsd.j2
    dest: ${gpsdDefaultsPath}
    owner: root
    group: root
    mode: "0644"
  notify: Restart gpsd

- name: Start gpsd, now and at boot
  ansible.builtin.systemd_service:
    name: gpsd.service
    enabled: true
    state: started

- name: Restart what has changed before the time server needs it
  ansible.builtin.meta: flush_handlers
`

/** Lines count outside of conditional sections such as `[pi4]`, and `[all]` ends one. */
const bootTasks = `---
- name: Read the boot configuration
  ansible.builtin.slurp:
    src: "{{ gps_receiver_boot_config }}"
  register: gps_receiver_boot_text

- name: End a conditional section that goes to the end of the file
  ansible.builtin.replace:
    path: "{{ gps_receiver_boot_config }}"
    regexp: '\\A((?:.|\\n)*?)\\n*\\Z'
    replace: '\\1\\n[all]\\n'
  vars:
    gps_receiver_sections: '{{ gps_receiver_boot_text.content | b64decode | regex_findall("(?m)^[ \\t]*[[]([^]]*)[]]") }}'
  when: gps_receiver_sections | default(['all'], true) | last | lower != 'all'
  notify: Reboot

- name: Turn on the serial line and the pulse
  ansible.builtin.lineinfile:
    path: "{{ gps_receiver_boot_config }}"
    regexp: '^\\s*{{ item.instead_of | regex_escape }}'
    line: "{{ item.line }}"
  loop:
    - line: dtoverlay=disable-bt
      instead_of: dtoverlay=disable-bt
    - line: enable_uart=1
      instead_of: enable_uart=
  notify: Reboot

- name: Turn on the pulse
  ansible.builtin.lineinfile:
    path: "{{ gps_receiver_boot_config }}"
    regexp: '^\\s*dtoverlay=pps-gpio'
    line: dtoverlay=pps-gpio,gpiopin={{ gps_receiver_pps_gpio }}
  when: gps_receiver_pps_enabled
  notify: Reboot
`

/** Renders to what `gpsdDefaults` makes. */
function gpsdTemplate(): string {
  return [
    gpsdHeader,
    'START_DAEMON="true"',
    'USBAUTO="false"',
    'DEVICES="/dev/serial0{{ gps_receiver_pps_enabled | ternary(" /dev/pps0", "") }}"',
    'GPSD_OPTIONS="-n"',
    '',
  ].join('\n')
}
