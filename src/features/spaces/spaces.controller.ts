import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Problem } from '../../common/errors.js';
import { Throws } from '../../common/throws.js';
import { Audit } from '../auth/audit.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { defaultTenant, type Principal } from '../../common/principal.js';
import { Scopes } from '../auth/scopes.js';
import {
  ActivatedResponse,
  BuildSpaceRequest,
  BuildSpaceResponse,
  DroppedResponse,
  IndexedResponse,
  SpacesResponse,
} from './spaces.dto.js';
import { SpacesService } from './spaces.service.js';

/** Spaces are of the whole installation: only its own tenant's administrators may turn them. */
function operator(principal: Principal): Principal {
  if (principal.tenant !== defaultTenant)
    throw new Problem('forbidden', 'Only administrators of the default tenant can manage embedding spaces.');
  return principal;
}

function parseId(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Problem('not_found', 'Embedding space not found.');
  return Number(text);
}

@ApiTags('spaces')
@Controller('agent/spaces')
@Scopes('admin')
export class SpacesController {
  constructor(
    private readonly spaces: SpacesService,
    private readonly audit: Audit,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Embedding spaces, with what each lacks' })
  @ApiOkResponse({ standardSchema: SpacesResponse })
  @Throws('forbidden')
  async list(@CurrentPrincipal() principal: Principal) {
    operator(principal);
    return { spaces: await this.spaces.list() };
  }

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Build the space of another embedding model beside the active one',
    description: 'Searches go on with the active one. `dry_run` only estimates.',
  })
  @ApiAcceptedResponse({ standardSchema: BuildSpaceResponse })
  @Throws(
    'validation_failed',
    'forbidden',
    'embedding_unavailable',
    'upstream_unavailable',
    'upstream_invalid',
    'upstream_rejected',
  )
  async build(
    @Body({ schema: BuildSpaceRequest }) { model, dimensions, dry_run }: BuildSpaceRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    operator(principal);
    const wanted = { ...(model !== undefined && { model }), ...(dimensions !== undefined && { dimensions }) };
    if (dry_run) return { task_id: null, space: null, ...(await this.spaces.plan(wanted)) };
    const { space, task_id, estimate } = await this.spaces.build(principal, wanted);
    await this.audit.record(principal, 'space.build', String(space.id), {
      model: space.model,
      dimensions: space.dimensions,
      task_id,
    });
    return { task_id, space, model: space.model, dimensions: space.dimensions, estimate };
  }

  @Post(':id/activate')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Let searches use a space that holds every chunk',
    description: 'The one before is kept and can be activated again.',
  })
  @ApiOkResponse({ standardSchema: ActivatedResponse })
  @Throws('not_found', 'conflict', 'forbidden')
  async activate(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    const activated = await this.spaces.activate(operator(principal), parseId(id));
    await this.audit.record(principal, 'space.activate', id, {
      model: activated.space.model,
      dimensions: activated.space.dimensions,
    });
    return activated;
  }

  @Post(':id/index')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Make the graph index over the vectors of a space',
    description:
      'On Postgres this happens by itself, beside reads and writes, once there are more chunks than a search compares one by one. The embedded ' +
      'database does nothing else meanwhile, so there it is made only when asked for.',
  })
  @ApiAcceptedResponse({ standardSchema: IndexedResponse })
  @Throws('not_found', 'forbidden')
  async index(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    const task_id = await this.spaces.index(operator(principal), parseId(id));
    await this.audit.record(principal, 'space.index', id, { task_id });
    return { task_id };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Drop a space that is not active, with its vectors' })
  @ApiOkResponse({ standardSchema: DroppedResponse })
  @Throws('not_found', 'conflict', 'forbidden')
  async drop(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    operator(principal);
    await this.spaces.drop(parseId(id));
    await this.audit.record(principal, 'space.drop', id, {});
    return { status: 'success', id: parseId(id) };
  }
}
