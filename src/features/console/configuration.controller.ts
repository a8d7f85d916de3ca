import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { bootWarnings } from '../../config/boot-warnings.js';
import { Env } from '../../config/env.js';
import { listDrivers, listLimits } from '../../config/report.js';
import { Scopes } from '../auth/scopes.js';

const ConfigurationResponse = z
  .object({
    drivers: z.record(z.string(), z.string()).meta({ description: 'What the service is built of' }),
    versions: z.record(z.string(), z.string()),
    limits: z
      .record(z.string(), z.number())
      .meta({ description: 'Settings that limit something; for quotas, 0 means no limit' }),
    warnings: z.array(z.string()).meta({ description: 'Settings that are allowed and risky' }),
  })
  .meta({
    id: 'Configuration',
    example: {
      drivers: { mode: 'all', auth: 'required', database: 'pg', queue: 'bull', blobs: 's3' },
      versions: { docent: '0.1.0', node: '24.9.0' },
      limits: { MAX_FILE_SIZE: 104_857_600, QUOTA_DOCUMENTS: 0 },
      warnings: [],
    },
  });

/** The configuration as `docent check` tells it. No value of a secret is among it. */
@ApiTags('operations')
@Controller('agent')
export class ConfigurationController {
  constructor(private readonly env: Env) {}

  @Get('configuration')
  @Scopes('admin')
  @ApiOperation({
    summary: 'Drivers, versions, limits and warnings of this process',
    description: 'The same as `docent check` prints. Settings with secrets are not shown.',
  })
  @ApiOkResponse({ standardSchema: ConfigurationResponse })
  configuration(): z.infer<typeof ConfigurationResponse> {
    return {
      drivers: listDrivers(this.env),
      versions: { docent: this.env.APP_VERSION, node: process.versions.node },
      limits: listLimits(this.env),
      warnings: bootWarnings(this.env),
    };
  }
}
