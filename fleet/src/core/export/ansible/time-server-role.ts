/** The role that makes a host a time server: the Compose file, `.env`, and the container. */
import {
  memoryLimit,
  processLimit,
  stateFolder,
  usualCapabilities,
  writableFolders,
} from '../../desired/container-rights.ts'
import {
  composeFile,
  containerName,
  environmentFileName,
  mountedProject,
  projectDirectory,
} from '../../desired/paths.ts'
import { roleMeta } from './role-meta.ts'

/** Text by path. */
export function timeServerRole(): readonly (readonly [path: string, text: string])[] {
  return [
    ['defaults/main.yml', defaults],
    ['meta/main.yml', roleMeta('A UTC time server in a container, with its settings and keys.')],
    ['meta/argument_specs.yml', specs],
    ['tasks/main.yml', tasks],
    [`templates/${composeFile}.j2`, composeTemplate()],
    ['templates/env.j2', environmentTemplate()],
  ]
}

const defaults = `---
# What each means is in meta/argument_specs.yml; those without a default are there as well.
time_server_packages: [git, docker.io, docker-compose]
time_server_apt_cache_seconds: 86400
time_server_ntp_servers:
  - 0.pool.ntp.org
  - 1.pool.ntp.org
  - 2.pool.ntp.org
  - 3.pool.ntp.org
time_server_gps_enabled: false
time_server_pps_enabled: false
time_server_pps_gpio: 4
time_server_gps_latency: ""
time_server_local_stratum: 10
time_server_max_offset_ms: 10
time_server_clock_discipline: true
time_server_http_port: 3000
time_server_metrics_port: 9090
time_server_ntp_port: 123
time_server_api_key_2: ""
time_server_health_retries: 60
time_server_health_delay: 5
`

const specs = `---
argument_specs:
  main:
    short_description: A UTC time server in a container
    options:
      time_server_image:
        type: str
        required: true
        description: The image, by digest, so that every host runs the same one.
      time_server_api_key_1:
        type: str
        required: true
        no_log: true
        description: "The key of the API; 8 to 512 characters of A-Z a-z 0-9 . _ ~ + / = : @ % ^ , -"
      time_server_api_key_2:
        type: str
        no_log: true
        description: The key before or after it, while keys are rotated.
      time_server_packages:
        type: list
        elements: str
        description: Debian packages, as apt takes them.
      time_server_apt_cache_seconds:
        type: int
        description: How old apt's lists of packages may be.
      time_server_ntp_servers:
        type: list
        elements: str
        description: Sources of time; the name of a host of the inventory is written as its address.
      time_server_gps_enabled:
        type: bool
        description: Whether the host has a GPS receiver.
      time_server_pps_enabled:
        type: bool
        description: Whether the receiver has its pulse on a pin.
      time_server_pps_gpio:
        type: int
        description: BCM number of the pin.
      time_server_gps_latency:
        type: raw
        description: How late the sentences of the receiver are, in seconds; empty for the usual.
      time_server_local_stratum:
        type: int
        description: Stratum of the undisciplined clock as a last resort, 10 to 15.
      time_server_max_offset_ms:
        type: int
        description: Above this the server calls itself degraded.
      time_server_clock_discipline:
        type: bool
        description: Whether the server steers the clock of the host.
      time_server_http_port:
        type: int
        description: Port of the API.
      time_server_metrics_port:
        type: int
        description: Port of the metrics.
      time_server_ntp_port:
        type: int
        description: Port of NTP.
      time_server_health_retries:
        type: int
        description: How often the server is asked until it gives good time.
      time_server_health_delay:
        type: int
        description: Seconds between two questions.
`

/** The characters on which all readers of `.env` agree. */
const keyPattern = '[A-Za-z0-9._~+/=:@%^,-]{8,512}'

const tasks = `---
- name: Check the keys
  ansible.builtin.assert:
    that:
      - "time_server_api_key_1 is match('^${keyPattern}$')"
      - "time_server_api_key_2 is match('^(${keyPattern})?$')"
    fail_msg: "A key has 8 to 512 characters of A-Z a-z 0-9 . _ ~ + / = : @ % ^ , -"
    quiet: true

- name: Install what the server needs
  ansible.builtin.apt:
    name: "{{ time_server_packages }}"
    state: present
    allow_downgrade: true
    update_cache: true
    cache_valid_time: "{{ time_server_apt_cache_seconds }}"

- name: Leave the clock to one program
  ansible.builtin.systemd_service:
    name: systemd-timesyncd.service
    enabled: false
    state: stopped
  register: time_server_timesyncd
  failed_when:
    - time_server_timesyncd is failed
    - "'Could not find the requested service' not in time_server_timesyncd.msg"

- name: Create the folder of the project
  ansible.builtin.file:
    path: ${projectDirectory}
    state: directory
    owner: root
    group: root
    mode: "0755"

- name: Write the Compose file
  ansible.builtin.template:
    src: ${composeFile}.j2
    dest: ${projectDirectory}/${composeFile}
    owner: root
    group: root
    mode: "0644"

- name: Write the settings and the keys
  ansible.builtin.template:
    src: env.j2
    dest: ${projectDirectory}/${environmentFileName}
    owner: root
    group: root
    mode: "0600"
  diff: false

- name: Start the server
  community.docker.docker_compose_v2:
    project_src: ${projectDirectory}
    files:
      - ${composeFile}
    pull: missing
    remove_orphans: true

- name: Wait until it gives good time
  ansible.builtin.uri:
    url: http://127.0.0.1:{{ time_server_http_port }}/health
  register: time_server_health
  until: time_server_health is succeeded
  retries: "{{ time_server_health_retries }}"
  delay: "{{ time_server_health_delay }}"
  when: not ansible_check_mode
`

/** Renders to `composeFileText`, byte by byte: a test compares them. */
function composeTemplate(): string {
  const settings = [
    ...['NTP_SERVERS', 'ENABLE_GPS', 'ENABLE_PPS', 'PPS_GPIO'],
    'GPS_LATENCY_SECONDS',
    ...['LOCAL_STRATUM', 'MAX_OFFSET_MS', 'CLOCK_DISCIPLINE', 'HTTP_PORT', 'METRICS_PORT'],
    ...['NTP_PORT', 'LOG_LEVEL', 'RUST_LOG', 'ENVIRONMENT'],
  ]
  return [
    '# Written by Timeball; changes made here are undone by the next apply.',
    'name: mcp-utc-time-server',
    'services:',
    `  ${containerName}:`,
    '    image: "{{ time_server_image }}"',
    `    container_name: ${containerName}`,
    '    network_mode: host',
    ...when('time_server_gps_enabled', ['    ipc: host']),
    '    environment:',
    ...settings.flatMap((name) => {
      const line = `      ${name}: "\${${name}}"`
      return name === 'GPS_LATENCY_SECONDS' ? when(hasLatency, [line]) : [line]
    }),
    `      API_KEYS_FILE: ${mountedProject}/${environmentFileName}`,
    '    restart: unless-stopped',
    '    read_only: true',
    `    mem_limit: ${memoryLimit}`,
    `    pids_limit: ${processLimit}`,
    '    cap_drop: [ALL]',
    '    cap_add:',
    ...usualCapabilities.map((name) => `      - ${name}`),
    ...when('time_server_clock_discipline', ['      - SYS_TIME']),
    '    security_opt: ["no-new-privileges:true"]',
    `    volumes: ["ntp-state:${stateFolder}", ".:${mountedProject}:ro"]`,
    `    tmpfs: [${writableFolders.map((folder) => `"${folder}"`).join(', ')}]`,
    '    logging:',
    '      driver: json-file',
    '      options: { max-size: 10m, max-file: "3" }',
    'volumes:',
    '  ntp-state: {}',
    '',
  ].join('\n')
}

const hasLatency = "time_server_gps_latency | string != ''"

function when(condition: string, lines: readonly string[]): readonly string[] {
  return [`{% if ${condition} %}`, ...lines, '{% endif %}']
}

/** Renders to what `environmentFile` makes. */
function environmentTemplate(): string {
  return [
    '# Written by Timeball; changes made here are undone by the next apply.',
    'API_KEY_1={{ time_server_api_key_1 }}',
    ...when("time_server_api_key_2 != ''", ['API_KEY_2={{ time_server_api_key_2 }}']),
    '{% set sources = namespace(addresses=[]) %}',
    '{% for source in time_server_ntp_servers %}',
    "{% set address = hostvars[source].ansible_host | default(source) if source in groups['all'] else source %}",
    '{% set sources.addresses = sources.addresses + [address] %}',
    '{% endfor %}',
    "NTP_SERVERS={{ sources.addresses | join(',') }}",
    'ENABLE_GPS={{ time_server_gps_enabled | ternary("yes", "no") }}',
    'ENABLE_PPS={{ time_server_pps_enabled | ternary("yes", "no") }}',
    'PPS_GPIO={{ time_server_pps_gpio }}',
    ...when(hasLatency, ['GPS_LATENCY_SECONDS={{ time_server_gps_latency }}']),
    'LOCAL_STRATUM={{ time_server_local_stratum }}',
    'MAX_OFFSET_MS={{ time_server_max_offset_ms }}',
    'CLOCK_DISCIPLINE={{ time_server_clock_discipline | ternary("yes", "no") }}',
    'HTTP_PORT={{ time_server_http_port }}',
    'METRICS_PORT={{ time_server_metrics_port }}',
    'NTP_PORT={{ time_server_ntp_port }}',
    'LOG_LEVEL=info',
    'RUST_LOG=info',
    'ENVIRONMENT={{ inventory_hostname }}',
    '',
  ].join('\n')
}
