/** Inventories as owners have them on disk, read by the real program. */
import { one, testFiles, type Case } from './fleet-files.ts'

const cases: readonly Case[] = [
  {
    name: 'variables beside the playbook win over those beside the inventory',
    files: {
      'inventories/prod/hosts.yml': one,
      'inventories/prod/group_vars/all.yml': 'http_port: 3001\nntp_port: 1123\n',
      'group_vars/all.yml': 'http_port: 3002\n',
      'host_vars/pi-01.yml': 'metrics_port: 9091\n',
    },
    words: 'plan --offline -i inventories/prod/hosts.yml',
    exit: 0,
    said: /HTTP_PORT=3002[\s\S]*METRICS_PORT=9091[\s\S]*NTP_PORT=1123/,
  },
  {
    name: 'fleet.yaml beside the playbook is read, too',
    files: { 'inventories/hosts.yml': one, 'fleet.yaml': 'fleet: prod\n' },
    words: 'plan --offline -i inventories/hosts.yml',
    exit: 0,
    said: /^Fleet prod: 1 device/m,
  },
  {
    name: 'several sources are merged',
    files: { 'a.yml': one, 'b.ini': '[stratum1]\npi-02 ansible_host=192.0.2.2 gps_enabled=yes\n' },
    words: 'plan --offline -i a.yml -i b.ini',
    exit: 0,
    said: /^Fleet: 2 devices/m,
  },
  {
    name: 'a folder of sources is read, and what Ansible leaves out of it is said',
    files: {
      'inventory/1-hosts.yml': one,
      'inventory/2-hosts': 'pi-02 ansible_host=192.0.2.2\n',
      'inventory/old.ini': 'pi-03\n',
      'inventory/group_vars/all.yml': 'http_port: 3005\n',
    },
    words: 'plan --offline -i inventory',
    exit: 0,
    said: /^Fleet: 2 devices[\s\S]*HTTP_PORT=3005[\s\S]*warning: inventory\/old\.ini: Ansible reads no \.ini file/m,
  },
  {
    name: 'names on the command line are an inventory',
    files: {},
    words: 'inventory --graph -i pi-01,pi-02',
    exit: 0,
    said: /--@ungrouped:\n {2}\| {2}\|--pi-01\n {2}\| {2}\|--pi-02/,
  },
  {
    name: 'an INI inventory is found without being named',
    files: { 'hosts.ini': '[stratum1]\npi-01 ansible_host=192.0.2.1 gps_enabled=yes # GPS\n' },
    words: 'plan --offline',
    exit: 0,
    said: /ENABLE_GPS=yes/,
  },
  {
    name: 'an extensionless one as well, and its mistakes have a place',
    files: { hosts: '[stratum1]\npi-01 ansible_host=192.0.2.1 gps\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^hosts:2:30: "gps" is not a variable of pi-01$/m,
  },
  {
    name: 'an inventory without hosts is no success',
    files: { 'inventory.yml': 'all:\n  children: {web: }\n' },
    words: 'inventory --list',
    exit: 64,
    said: /^inventory\.yml: there is no host in it$/m,
  },
  {
    name: 'an empty one neither',
    files: { 'inventory.yml': '# nothing\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^inventory\.yml: there is no host in it$/m,
  },
  {
    name: 'files of variables that belong to nobody are said, with the nearest name',
    files: {
      'inventory.yml': one,
      'host_vars/pi-1.yml': 'gps_enabled: yes\n',
      'group_vars/strutum1.yml': 'a: 1\n',
      'groups_vars/all.yml': 'a: 1\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /host_vars\/pi-1\.yml: there is no host "pi-1", so this is not read \(Did you mean pi-01\?\)/,
  },
  {
    name: 'hosts whose names are no words are read, and refused only as devices',
    files: { 'inventory.yml': 'all: {hosts: {příbor: {ansible_host: 192.0.2.1}}}\n' },
    words: 'plan --offline',
    exit: 0,
    said: /ENVIRONMENT=příbor/,
  },
  {
    name: 'a device whose name is an option is refused at its place',
    files: { 'inventory.yml': 'all: {hosts: {-oProxyCommand=x: {ansible_host: 192.0.2.1}}}\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^inventory\.yml:1:15: -oProxyCommand=x: the name of a device starts with a dash/m,
  },
  {
    name: "Ansible's own variables are used, told to be unused, or refused",
    files: {
      'inventory.yml':
        'all:\n  hosts:\n    pi-01:\n      ansible_host: 10.0.0.5\n      ansible_become: yes\n      ansible_become_password: x\n' +
        '      ansible_ssh_common_args: -o StrictHostKeyChecking=no\n      ansible_python_interpreter: /usr/bin/python3\n      gps_enable: yes\n' +
        '      ansible_nodename_of_mine: x\n      ansible_password: raspberry\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: new RegExp(
      [
        'pi-01: inventory.yml:7:32: StrictHostKeyChecking=no has no effect',
        'pi-01: inventory.yml:6:32: ansible_become_password is not used: sudo has to work without',
        'pi-01: inventory.yml:9:19: gps_enable is not read; did you mean gps_enabled\\?',
        'pi-01: inventory.yml:10:33: ansible_nodename_of_mine is no variable of Ansible that is known',
        'pi-01: inventory.yml:11:25: ansible_password is not used: devices are logged in to with keys',
      ].join('[\\s\\S]*'),
    ),
    unsaid: /interpreter|raspberry|ansible_become is/,
  },
  {
    name: 'of Ansible they are used as Ansible does, and so are the settings in its file',
    files: {
      'fleet.yaml': 'engine: ansible\n',
      'ansible.cfg': '[defaults]\nremote_user = ops\nhash_behaviour = merge\n',
      'inventory.yml':
        'all:\n  hosts:\n    pi-01:\n      ansible_host: 10.0.0.5\n      ansible_become_method: doas\n      ansible_become_password: x\n' +
        '      ansible_ssh_common_args: -o StrictHostKeyChecking=no\n      ansible_password: raspberry\n      ansible_nodename_of_mine: x\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /ansible\.cfg:3:1: hash_behaviour is not read[\s\S]*ansible_nodename_of_mine is no variable/,
    unsaid: /remote_user|is not used|has no effect|doas/,
  },
  {
    name: 'those that change what is done are refused at their places',
    files: {
      'inventory.yml':
        'all:\n  hosts:\n    pi-01:\n      ansible_connection: local\n      ansible_become_method: doas\n      ansible_hots: 10.0.0.6\n' +
        '      ansible_ssh_extra_args: "-o KnownHostsCommand=x"\n      ansible_user: "DOM\\\\u"\n      timeball_htp_port: 1\n',
    },
    words: 'plan --offline',
    exit: 64,
    said: new RegExp(
      [
        '8:21: pi-01: ansible_user is not a login name',
        '7:31: pi-01: ansible_ssh_extra_args has the ssh option KnownHostsCommand',
        '4:27: pi-01: ansible_connection is not ssh',
        '5:30: pi-01: ansible_become_method is not sudo',
        '6:21: pi-01: ansible_hots is no variable of Ansible\n {4}Did you mean ansible_host',
        '9:26: pi-01: there is no variable timeball_htp_port\n {4}did you mean timeball_http_port',
      ].join('[\\s\\S]*'),
    ),
  },
  {
    name: 'a mistake of a group is told once, for all of its devices',
    files: {
      'inventory.yml':
        'all: {vars: {gps_enabled: perhaps}, hosts: {"pi-[01:12]": {ansible_host: "{{ inventory_hostname }}.x"}}}\n',
    },
    words: 'plan --offline',
    exit: 64,
    said: /^inventory\.yml:1:27: pi-\[01-12\]: gps_enabled is neither yes nor no$[\s\S]*1 problem;/m,
  },
  {
    name: 'a ProxyCommand is named in the plan',
    files: {
      'inventory.yml':
        'all: {hosts: {pi-01: {ansible_host: 10.0.0.5, ansible_ssh_common_args: "-o ProxyCommand=\'nc %h %p\'"}}}\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /warning: pi-01: inventory\.yml:1:72: ssh runs ProxyCommand=nc %h %p, on this machine/,
  },
  {
    name: 'and refused when the inventory is not trusted, like the programs of an ssh configuration',
    files: {
      'inventory.yml':
        'all: {hosts: {pi-01: {ansible_host: 10.0.0.5, ansible_ssh_common_args: "-F ssh_config -o ProxyCommand=x"}}}\n',
      ssh_config: 'Match host x exec "touch /tmp/x"\n  User pi\n',
    },
    words: 'plan --offline --untrusted',
    exit: 64,
    said: /1:72: pi-01: ssh runs ProxyCommand=x, on[\s\S]*ssh_config:1:1: pi-01: ssh obeys Match host x exec/,
  },
  {
    name: 'ntp_servers is read in the form of other roles',
    files: {
      'inventory.yml': one,
      'group_vars/all.yml':
        'ntp_area: ".europe"\nntp_servers:\n  - "0{{ ntp_area }}.pool.ntp.org iburst"\n  - {hostname: 192.0.2.9, iburst: yes}\n  - server 192.0.2.8 iburst\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /NTP_SERVERS=0\.europe\.pool\.ntp\.org,192\.0\.2\.9,192\.0\.2\.8/,
  },
  {
    name: 'options of sources that are not supported are refused with a way out',
    files: { 'inventory.yml': one, 'group_vars/all.yml': 'ntp_servers: [192.0.2.9 minpoll 6]\n' },
    words: 'plan --offline',
    exit: 64,
    said: /all\.yml:1:14: pi-01: ntp_servers has "minpoll" after 192\.0\.2\.9.*\n.*timeball_ntp_servers/,
  },
  {
    name: "a variable with Timeball's prefix wins over another role's",
    files: {
      'inventory.yml': one,
      'group_vars/all.yml':
        'ntp_servers: {pool: x}\ntimeball_ntp_servers: [192.0.2.7]\nhttp_port: 80\ntimeball_http_port: 3001\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /NTP_SERVERS=192\.0\.2\.7[\s\S]*HTTP_PORT=3001/,
    unsaid: /http_port is taken/,
  },
  {
    name: "a port that may be a web role's is said",
    files: { 'inventory.yml': one, 'group_vars/all.yml': 'http_port: 80\n' },
    words: 'plan --offline',
    exit: 0,
    said: /all\.yml:1:12: http_port is taken for that of the time server; .* set timeball_http_port/,
  },
  {
    name: 'a script is not run when the inventory is not trusted',
    files: { 'hosts.py': '#!/bin/sh\ntouch ran\n' },
    words: 'plan --offline --untrusted -i hosts.py',
    exit: 64,
    said: /^hosts\.py: this is a script, which is not run with --untrusted$/m,
  },
  {
    name: 'an encrypted file says what is needed, and nothing of it',
    files: {
      'inventory.yml': one,
      'group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n3132\n',
    },
    words: 'plan --offline',
    exit: 64,
    said: /vault\.yml:1:1: the file is encrypted with Ansible Vault, and no password is given\n.*--vault-password-file/,
  },
]

await testFiles(cases)
