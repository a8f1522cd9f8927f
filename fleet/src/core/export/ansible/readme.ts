/** What somebody reads first who gets the project and has never heard of Timeball. */
import type { Fleet } from '../../fleet/fleet.ts'
import type { ExportedKeys } from './project.ts'

export function readmeText({ name }: Fleet, keys: ExportedKeys): string {
  const isVault = keys.kind === 'vault'
  return `# The time servers of ${name}
Made by \`timeball export ansible\`; it needs no Timeball. Hosts end in the state that \`timeball apply\` leaves, so either can follow the other.

\`\`\`
ansible-galaxy collection install -r requirements.yml
${isVault ? '' : 'export API_KEY_1=…    # or API_KEY_1_<HOST> for one host, such as API_KEY_1_PI_GPS_01\n'}ansible-playbook deploy.yml --check --diff${isVault ? ' --ask-vault-pass' : ''}
ansible-playbook deploy.yml${isVault ? ' --ask-vault-pass' : ''}
\`\`\`

| where | what |
| --- | --- |
| \`inventory/hosts.yml\` | hosts, groups, receivers, sources |
| \`inventory/group_vars/all/\` | the image, versions of packages, keys |
| \`roles/time_server\` | packages, Compose file, \`.env\`, the container |
| \`roles/gps_receiver\` | gpsd, and the boot configuration of a Pi |

\`-e deploy_serial=4\` goes through four hosts at once instead of one; \`-e gps_receiver_reboot=true\` reboots a Pi whose boot configuration changed.

A playbook has no quorum, no canaries, and no way home: it does not measure clocks before it touches a host, a host that lost its operator stays as it is, and a bad image is taken back by writing the one before into \`time_server_image\`. It sees a line of the boot configuration also in a section such as \`[pi4]\`.
`
}
