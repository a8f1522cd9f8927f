/** argv of `timeball image`. */
import type { Command } from 'commander'
import { imageProofs } from '../../core/desired/image-facts.ts'
import {
  examples,
  fleetFiles,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import { secondsFrom } from '../option-values.ts'
import type { BuildOptions } from './build.ts'
import type { CheckOptions } from './check.ts'
import type { DescribeOptions } from './describe.ts'
import type { ListOptions } from './list.ts'
import type { PruneOptions } from './prune.ts'
import type { PullOptions } from './pull.ts'
import type { PushOptions } from './push.ts'
import type { SignOptions } from './sign.ts'
import type { VerifyOptions } from './verify.ts'

type Define = CommandEntry['define']

const defineBuild: Define = (image, { shell, end }) => {
  jsonOption(fleetFiles(image.command('build')))
    .description('Build the image with Docker, here or on a device, and keep it beside the fleet.')
    .option('--platform <list>', 'for which machines, between commas', 'linux/arm64')
    .option('--tag <name>', 'its name (default: image: of fleet.yaml)')
    .option('--on <device>', 'with the Docker of a device of the fleet, over ssh')
    .option('--base <image>', 'an image of that Docker to build on: Debian with ntpsec and Node')
    .addHelpText(
      'after',
      examples(
        'image build',
        'image build --platform linux/arm64,linux/amd64',
        'image build --tag mcp-utc-time-server:0.2.0',
        'image build --on pi-ntp-01',
      ),
    )
    .action(async (options: BuildOptions) => {
      const { buildCommand } = await import('./build.ts')
      end(await buildCommand(await shell.open(), options))
    })
}

const defineList: Define = (image, { shell, end }) => {
  jsonOption(fleetFiles(image.command('list')))
    .description('The images that are kept beside the fleet, or those that devices still have.')
    .option('--devices [pattern]', 'ask devices: what runs, and what they could be rolled back to')
    .addHelpText('after', examples('image list', 'image list --devices stratum1 --json'))
    .action(async (options: ListOptions) => {
      const { listCommand } = await import('./list.ts')
      end(await listCommand(await shell.open(), options))
    })
}

const definePush: Define = (image, { shell, end }) => {
  jsonOption(fleetFiles(image.command('push <ref>')))
    .description('Bring an image that is kept beside the fleet into a registry.')
    .option('--image <name>', 'which one (default: that of this name, or of fleet.yaml)')
    .option('--plain-http', 'to a registry without TLS')
    .addHelpText(
      'after',
      examples(
        'image push REGISTRY/mcp-utc-time-server:0.1.0',
        'image push REGISTRY/time:2 --image localhost/mcp-utc-time-server:0.2.0',
      ),
    )
    .action(async (ref: string, options: PushOptions) => {
      const { pushCommand } = await import('./push.ts')
      end(await pushCommand(await shell.open(), ref, options))
    })
}

const defineInspect: Define = (image, { shell, end }) => {
  describeOptions(image.command('inspect [ref]'))
    .description('What is known of an image without running it; that of fleet.yaml.')
    .addHelpText(
      'after',
      examples('image inspect', 'image inspect REGISTRY/mcp-utc-time-server:0.1.0 --json'),
    )
    .action(async (ref: string | undefined, options: DescribeOptions) => {
      const { inspectCommand } = await import('./inspect.ts')
      end(await inspectCommand(await shell.open(), ref, options))
    })
}

const defineVerify: Define = (image, { shell, end }) => {
  describeOptions(image.command('verify [ref]'))
    .description('Whether an image has what it should: signature, SBOM, provenance, labels.')
    .option('--only <list>', `which of ${imageProofs.join(', ')}`)
    .addHelpText(
      'after',
      examples(
        'image verify REGISTRY/mcp-utc-time-server:0.1.0',
        'image verify --only signature,contract',
      ),
    )
    .action(async (ref: string | undefined, options: VerifyOptions) => {
      const { verifyCommand } = await import('./verify.ts')
      end(await verifyCommand(await shell.open(), ref, options))
    })
}

const definePull: Define = (image, { shell, end }) => {
  jsonOption(fleetFiles(image.command('pull [ref]')))
    .description('Keep an image of a registry beside the fleet: devices need no login there.')
    .option('--plain-http', 'from a registry without TLS')
    .addHelpText('after', examples('image pull', 'image pull REGISTRY/mcp-utc-time-server:0.1.0'))
    .action(async (ref: string | undefined, options: PullOptions) => {
      const { pullCommand } = await import('./pull.ts')
      end(await pullCommand(await shell.open(), ref, options))
    })
}

const defineSign: Define = (image, { shell, end }) => {
  jsonOption(fleetFiles(image.command('sign <ref>')))
    .description(
      'Sign an image in a registry, as cosign does: with a key, or as the CI that runs it.',
    )
    .option('--key <file>', 'a private key of cosign or openssl (ECDSA P-256)')
    .option('--keyless', 'with a certificate for the identity of the CI, in a public log')
    .option('--fulcio-url <url>', 'who issues it', 'https://fulcio.sigstore.dev')
    .option('--rekor-url <url>', 'where that is logged', 'https://rekor.sigstore.dev')
    .option('--plain-http', 'to a registry without TLS')
    .addHelpText(
      'after',
      '\nThe password of the key is read from COSIGN_PASSWORD; without a key, the identity is that of the\nworkflow (GitHub, Buildkite), or of the token in SIGSTORE_ID_TOKEN.\n' +
        examples(
          'image sign REGISTRY/mcp-utc-time-server:0.1.0 --key cosign.key',
          'image sign REGISTRY/mcp-utc-time-server:0.1.0 --keyless',
        ),
    )
    .action(async (ref: string, options: SignOptions) => {
      const { signCommand } = await import('./sign.ts')
      end(await signCommand(await shell.open(), ref, options))
    })
}

function describeOptions(command: Command): Command {
  return jsonOption(fleetFiles(command))
    .option('--key <file...>', 'public keys (default: image.signature_keys of fleet.yaml)')
    .option('--identity <pattern>', 'who may have signed it without a key; * is any text')
    .option('--issuer <url>', 'of the OIDC issuer that knows the identity')
    .option('--trusted-root <file>', 'whose certificates and logs count (default: fleet.yaml)')
    .option('--plain-http', 'to a registry without TLS')
}

const definePrune: Define = (image, { shell, end }) => {
  jsonOption(fleetFiles(image.command('prune [names...]')))
    .description('Forget images that are kept beside the fleet; all but that of fleet.yaml.')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('image prune', 'image prune localhost/time:0.1.0 --yes'))
    .action(async (names: readonly string[], options: PruneOptions) => {
      const { pruneCommand } = await import('./prune.ts')
      end(await pruneCommand(await shell.open(), names, options))
    })
}

const defineCheck: Define = (image, { shell, end }) => {
  jsonOption(fleetFiles(image.command('check [ref]')))
    .description('Try any image on this machine: does it keep what devices rely on?')
    .option('--timeout <seconds>', 'time that it has to answer', secondsFrom(1, 3600), 60)
    .addHelpText('after', examples('image check', 'image check REGISTRY/mcp-utc-time-server:0.1.0'))
    .action(async (ref: string | undefined, options: CheckOptions) => {
      const { checkCommand } = await import('./check.ts')
      end(await checkCommand(await shell.open(), ref, options))
    })
}

const defines = [
  defineBuild,
  defineList,
  definePush,
  definePull,
  defineSign,
  defineInspect,
  defineVerify,
  definePrune,
  defineCheck,
]

export const imageEntry: CommandEntry = {
  usage: 'image',
  summary: 'The time-server image: build it here, and carry it to devices without a registry.',
  define(image, parts) {
    image.addHelpText(
      'after',
      '\nA name without a slash is one of those that are kept here: time:1 is localhost/time:1. One of\nDocker Hub is docker.io/….\n' +
        examples('image build', 'image list', 'image check REGISTRY/mcp-utc-time-server:0.1.0'),
    )
    for (const define of defines) define(image, parts)
    refuseUnknown(image)
  },
}
