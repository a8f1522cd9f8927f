/** The files of a new fleet repository, for `init`: they say what they are and work as they are. */

export interface StarterFile {
  readonly path: string
  readonly text: string
}

export interface StarterFleet {
  /** Of the fleet, in plans and labels. */
  readonly name: string
  /** An inventory that is there already, as `-i` names it; `null`: one is written. */
  readonly inventory: string | null
}

/** In the order in which somebody reads them. */
export function starterFiles(fleet: StarterFleet): readonly StarterFile[] {
  const inventory = { path: 'inventory.yml', text: inventoryText }
  return [
    ...(fleet.inventory === null ? [inventory] : []),
    { path: 'fleet.yaml', text: fleetText(fleet.name) },
    { path: '.gitignore', text: ignored },
    { path: '.github/workflows/plan.yml', text: workflowText(fleet.inventory) },
  ]
}

/** What a folder is called, as a name that a fleet may have. */
export function fleetNameOf(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return name === '' ? 'fleet' : name.slice(0, 63)
}

/** What to type after `init`. */
export function nextSteps(directory: string, inventory: string | null): readonly string[] {
  const source = inventory === null || isUsual(inventory) ? '' : ` -i ${inventory}`
  return [
    ...(directory === '.' ? [] : [`cd ${directory}`]),
    '(umask 077; echo "API_KEY_1=$(openssl rand -hex 16)" > keys.env); set -a; . ./keys.env; set +a',
    `timeball ping${source}`,
    `timeball image build${source}`,
    `timeball plan${source}`,
  ]
}

/** Found without being named. */
function isUsual(inventory: string): boolean {
  return /^(ansible\/)?(inventory\.(yml|yaml|ini)|hosts(\.(yml|ini))?)$/.test(inventory)
}

const inventoryText = `# Ansible's inventory: ansible-playbook reads the same file.
# Names are those of the devices; write your addresses, and the pin of the pulse.
all:
  children:
    stratum1: # with a GPS receiver
      hosts:
        pi-gps-01: { ansible_host: 192.168.1.101, gps_enabled: yes, pps_enabled: yes, pps_gpio: 4 }
        pi-gps-02: { ansible_host: 192.168.1.102, gps_enabled: yes, pps_enabled: yes, pps_gpio: 4 }
    stratum2: # follows others
      hosts:
        pi-ntp-01: { ansible_host: 192.168.1.201, ntp_servers: "pi-gps-01,pi-gps-02" }
        pi-ntp-02: { ansible_host: 192.168.1.202, ntp_servers: "pi-gps-01,pi-gps-02" }
  vars:
    ansible_user: pi
`

function fleetText(name: string): string {
  return `# yaml-language-server: $schema=https://raw.githubusercontent.com/timeball/timeball/main/docs/fleet.schema.json
# Settings of the fleet; all have defaults. Reference: docs/fleet-yaml.md of Timeball.
fleet: ${name}

# The release: a tag is resolved to a digest once, and a rollout moves the fleet to another one.
# Without a registry: what "timeball image build" made, carried to the devices over SSH.
# image: registry.example/mcp-utc-time-server:0.1.0

# How many good sources stay in service at every instant, in each role.
# rollout:
#   quorum: { min_good: 2 }
#   canary: { count: 1, per: role, soak: 10m }
#   freeze: { windows: ["Fri 16:00 - Mon 08:00 Europe/Berlin"] }

# Servers of others that the fleet is compared with: with fewer than three sources of your own
# nobody can tell which of them is wrong.
# clock:
#   references: [ntp.example.org, controller]

# Where keys come from: the environment, or an encrypted file beside this one. What decrypts it is kept
# outside of the repository: age-keygen -o ~/.config/age/${name}; its recipient (age1…) goes into the file.
# secrets: { store: age, file: secrets.age.yaml, identity_file: ~/.config/age/${name} }

# Who is told of alerts (timeball monitoring generate).
# monitoring:
#   receivers: { slack: { webhook_url_file: keys/slack, channel: "#time" } }
`
}

const ignored = `# What Timeball remembers on this machine
.timeball/
# Keys: never in here
keys.env
keys/
*.key
`

function workflowText(inventory: string | null): string {
  const source = inventory === null ? '' : ` -i ${inventory}`
  return `# Every pull request shows what it would change; nothing is contacted and nothing is changed.
name: plan
on: pull_request
permissions: { contents: read }
jobs:
  plan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      # Where your runners get Timeball: nothing is published yet, so name your own copy.
      - uses: actions/checkout@v4
        with: { repository: timeball/timeball, path: .timeball-program }
      - run: .timeball-program/timeball plan --offline${source} | tee "$GITHUB_STEP_SUMMARY"
        env: { API_KEY_1: only-for-the-plan-0001 }
`
}
