/** What beside the inventory says which hosts are devices, and how they are reached. */
import { one, testFiles, type Case } from './fleet-files.ts'

const mixed = `all:
  children:
    stratum1: {hosts: {pi-gps-01: {ansible_host: 192.0.2.101, gps_enabled: yes}}}
    others: {hosts: {nas01: {ansible_host: "{{ lookup('env','NAS_IP') }}"}, router1: {ansible_host: 192.0.2.1, site: "rack 4, room 2"}}}
`

const cases: readonly Case[] = [
  {
    name: 'fleet.yml is said to be unread',
    files: { 'inventory.yml': one, 'fleet.yml': 'image: ghcr.io/x/y:9\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^fleet\.yml: a file of this name is not read\n {4}Rename it to fleet\.yaml/m,
  },
  {
    name: 'hosts that are no devices are not judged',
    files: {
      'inventory.yml':
        'all:\n  children:\n    stratum1: {hosts: {pi-gps-01: {ansible_host: 192.0.2.101, gps_enabled: yes}}}\n' +
        `    others: {hosts: {nas01: {ansible_host: "{{ lookup('pipe', 'id') }}"}, router1: {ansible_host: 192.0.2.1, site: "rack 4, room 2", ansible_connection: local}}}\n`,
      'fleet.yaml': 'devices: stratum1\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /^Fleet: 1 device/m,
  },
  {
    name: 'without devices: they are judged, and it is said how they are not',
    files: { 'inventory.yml': mixed },
    words: 'plan --offline',
    exit: 64,
    said: /nas01: ansible_host is not an address[\s\S]*\nfleet\.yaml: devices: is not set, .*\n {4}name those that are: devices: stratum1\ntimeball: 3 problems/,
  },
  {
    name: 'and stand in nobody’s way when others are chosen',
    files: { 'inventory.yml': mixed },
    words: 'plan --offline --limit stratum1',
    exit: 0,
    said: /^Fleet: 1 device/m,
    unsaid: /nas01|router1/,
  },
  {
    name: 'but cannot be chosen themselves',
    files: { 'inventory.yml': mixed },
    words: 'plan --offline all:!nas01',
    exit: 64,
    said: /1\d\d: router1: site is not one word[\s\S]*1 problem;/,
  },
  {
    name: 'a mistake of a time server is told whatever is chosen: its clients need it',
    files: {
      'inventory.yml':
        'all: {children: {stratum1: {hosts: {a: {ansible_host: 192.0.2.1, gps_enabled: perhaps}, b: {ansible_host: 192.0.2.2}}}}}\n',
    },
    words: 'plan --offline b',
    exit: 64,
    said: /a: gps_enabled is neither yes nor no/,
  },
  {
    name: 'a host that is no device cannot be chosen',
    files: {
      'inventory.yml': 'all: {hosts: {pi-01: {ansible_host: 192.0.2.1}, nas01: }}\n',
      'fleet.yaml': 'devices: pi-*\n',
    },
    words: 'plan nas01 --offline',
    exit: 64,
    said: /no host of "nas01" is a device\n {4}See devices: in fleet\.yaml/,
  },
  {
    name: 'a pattern of devices that fits nothing is refused where it is written',
    files: { 'inventory.yml': one, 'fleet.yaml': '# x\ndevices: startum1\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^fleet\.yaml:2:10: no host or group matches "startum1"/m,
  },
  {
    name: 'a key file that is empty is refused where it is named',
    files: { 'inventory.yml': one, 'fleet.yaml': 'ssh: { private_key_file: k }\n', k: '' },
    words: 'plan --offline',
    exit: 64,
    said: /^fleet\.yaml:1:26: ssh\.private_key_file: the file k is empty$/m,
  },
  {
    name: 'and so is one that is a folder, or not there',
    files: {
      'inventory.yml': one,
      'fleet.yaml':
        'clock: { key: { file: keys, id: 1 } }\nimage: { ref: x:1, signature_keys: [keys/none] }\n',
      'keys/a': 'x',
    },
    words: 'plan --offline',
    exit: 64,
    said: /1:23: clock\.key\.file: keys is a folder[\s\S]*2:\d+: image\.signature_keys: there is no file keys\/none/,
  },
  {
    name: 'a private key with its public half alone may be in an agent; ~ is the home',
    files: {
      'inventory.yml': one,
      'fleet.yaml': 'ssh: { private_key_file: "~/.ssh/fleet" }\n',
      '.ssh/fleet.pub': 'ssh-ed25519 AAAA\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /^Fleet: 1 device/m,
  },
  {
    name: 'a key file of the inventory that is missing is said',
    files: {
      'inventory.yml':
        'all: {vars: {ansible_ssh_private_key_file: ~/.ssh/none}, hosts: {pi-01: {ansible_host: 192.0.2.1}}}\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /warning: pi-01: inventory\.yml:1:\d+: ansible_ssh_private_key_file: there is no file \/.*\/\.ssh\/none/,
  },
  {
    name: 'what Ansible would take from ansible.cfg is said to be unread, with what to write instead',
    files: {
      'inventory.yml': one,
      'ansible.cfg':
        '[defaults]\r\ninventory = inventory.yml\nremote_user=bob\nforks=9\nhash_behaviour=replace\n' +
        '#private_key_file = x\n[ssh_connection]\nssh_args = -o ProxyJump=j\npipelining = yes\n',
    },
    words: 'plan --offline -i inventory.yml',
    exit: 0,
    said: /ansible\.cfg:3:1: remote_user is not read: set ansible_user[\s\S]*ansible\.cfg:8:1: ssh_args is not read/,
    unsaid: /inventory is not read|forks|hash_behaviour|private_key_file is|pipelining/,
  },
  {
    name: 'the ansible.cfg of the home counts where there is no other',
    files: { 'inventory.yml': one, '.ansible.cfg': '[defaults]\nremote_user=bob\n' },
    words: 'plan --offline',
    exit: 0,
    said: /warning: \/.*\/\.ansible\.cfg:2:1: remote_user is not read: set ansible_user/,
  },
  {
    name: 'an inventory that only ansible.cfg names is said where it is missed',
    files: { 'x.yml': one, 'ansible.cfg': '[defaults]\ninventory = x.yml\n' },
    words: 'plan --offline',
    exit: 64,
    said: /there is no such inventory[\s\S]*ansible\.cfg:2:1: inventory is not read: name it with -i/,
  },
  {
    name: 'labels that there are not are said',
    files: { 'inventory.yml': one },
    words: 'plan zone=ams --offline',
    exit: 64,
    said: /there is no label "zone"\n {4}Known here: role, site/,
  },
]

await testFiles(cases)
