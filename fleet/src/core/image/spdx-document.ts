/** An SBOM of an image as an SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3). */
import type { FoundPackage, ImageContents } from './found-package.ts'
import type { BuiltPlatform } from './statements.ts'

interface ExternalReference {
  readonly referenceCategory: 'PACKAGE-MANAGER' | 'SECURITY'
  readonly referenceType: 'purl' | 'cpe23Type'
  readonly referenceLocator: string
}

interface SpdxPackage {
  readonly SPDXID: string
  readonly name: string
  readonly versionInfo: string
  readonly externalRefs: readonly ExternalReference[]
}

const unsaid = 'NOASSERTION'
const imageId = 'SPDXRef-image'

export function spdxDocument(image: BuiltPlatform, contents: ImageContents): object {
  const { name, version, platform, digest, tool } = image
  const sha256 = digest.slice('sha256:'.length)
  const found = contents.packages.map((each, at) => packageOf(each, at, contents.distribution))
  const whole = {
    ...{ SPDXID: imageId, name, versionInfo: version, primaryPackagePurpose: 'CONTAINER' },
    ...{ ...unknown, checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] },
  }
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${name} ${platform}`,
    // Made as the specification proposes it for who has no place of their own.
    documentNamespace: `https://spdx.org/spdxdocs/time-server-${sha256}`,
    creationInfo: {
      created: contents.created ?? '1970-01-01T00:00:00Z',
      creators: [`Tool: timeball-${tool}`],
    },
    packages: [whole, ...found],
    relationships: [
      relation('SPDXRef-DOCUMENT', 'DESCRIBES', imageId),
      ...found.map(({ SPDXID }) => relation(imageId, 'CONTAINS', SPDXID)),
    ],
  }
}

const unknown = {
  downloadLocation: unsaid,
  filesAnalyzed: false,
  licenseConcluded: unsaid,
  licenseDeclared: unsaid,
  copyrightText: unsaid,
}

function packageOf(found: FoundPackage, at: number, distribution: string | null): SpdxPackage {
  const { name, version, license } = found
  return {
    ...unknown,
    ...{ SPDXID: `SPDXRef-package-${at}`, name, versionInfo: version },
    ...(license === null ? {} : { licenseDeclared: license }),
    externalRefs: referencesOf(found, distribution),
  }
}

/** Package URLs (purl-spec), by which scanners look for what is known to be wrong. */
function referencesOf(
  found: FoundPackage,
  distribution: string | null,
): readonly ExternalReference[] {
  const { kind, name, version } = found
  const at = `@${encodeURIComponent(version)}`
  switch (kind) {
    case 'deb': {
      const qualifiers = [
        ...(found.architecture === null ? [] : [`arch=${found.architecture}`]),
        ...(distribution === null ? [] : [`distro=${distribution}`]),
        ...(found.source === null ? [] : [`upstream=${encodeURIComponent(found.source)}`]),
      ]
      const query = qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`
      return [purl(`pkg:deb/debian/${encodeURIComponent(name)}${at}${query}`)]
    }
    case 'npm':
      return [purl(`pkg:npm/${name.replace('@', '%40')}${at}`)]
    case 'node': {
      const referenceLocator = `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`
      return [
        purl(`pkg:generic/${name}${at}`),
        { referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator },
      ]
    }
  }
}

function purl(referenceLocator: string): ExternalReference {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator }
}

function relation(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement }
}
