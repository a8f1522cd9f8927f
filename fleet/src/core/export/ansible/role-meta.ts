/** `meta/main.yml` of a role. */
export function roleMeta(description: string): string {
  return `---
galaxy_info:
  author: timeball
  description: ${description}
  license: MIT
  min_ansible_version: "2.16"
  platforms:
    - name: Debian
      versions: [trixie]
dependencies: []
`
}
