import { Controller, Delete, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Problem } from '../../common/errors.js';
import { Throws } from '../../common/throws.js';
import { Database } from '../../platform/database/database.js';
import { Audit } from './audit.js';
import { CurrentPrincipal } from './current-principal.js';
import { bootstrapSubject, maxSubjectLength, type Principal } from '../../common/principal.js';
import { Scopes } from './scopes.js';

const SuspensionResponse = z.object({ subject: z.string(), suspended: z.boolean() });
type SuspensionResponse = z.infer<typeof SuspensionResponse>;

@ApiTags('keys')
@Controller('agent/suspensions')
@Scopes('admin')
export class SuspensionsController {
  constructor(
    private readonly database: Database,
    private readonly audit: Audit,
  ) {}

  @Put(':subject')
  @ApiOperation({
    summary: 'Suspend a subject',
    description:
      'Its tokens and keys are refused, and its sockets close on every process within five seconds.',
  })
  @ApiOkResponse({ standardSchema: SuspensionResponse })
  @Throws('validation_failed', 'conflict', 'forbidden')
  async suspend(
    @Param('subject') subject: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<SuspensionResponse> {
    if (subject === principal.subject) throw new Problem('conflict', 'You cannot suspend yourself.');
    if (subject === bootstrapSubject)
      throw new Problem(
        'conflict',
        'The keys of API_KEYS cannot be suspended. Take the key out of the configuration and restart.',
      );
    return this.set(principal, subject, true);
  }

  @Delete(':subject')
  @ApiOperation({ summary: 'Let a suspended subject in again' })
  @ApiOkResponse({ standardSchema: SuspensionResponse })
  @Throws('validation_failed', 'forbidden')
  resume(
    @Param('subject') subject: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<SuspensionResponse> {
    return this.set(principal, subject, false);
  }

  private async set(principal: Principal, subject: string, suspended: boolean): Promise<SuspensionResponse> {
    if (subject.length > maxSubjectLength || subject.includes('\0'))
      throw new Problem('validation_failed', 'This is not a valid subject name.');
    const { changed } = await this.database.call('suspend_subject', {
      tenant: principal.tenant,
      subject,
      suspended,
    });
    if (changed)
      await this.audit.record(principal, suspended ? 'subject.suspend' : 'subject.resume', subject, {});
    return { subject, suspended };
  }
}
