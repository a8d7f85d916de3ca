import { Module } from '@nestjs/common';
import { DocsController } from './docs.controller.js';
import { OpenApiHolder } from './openapi.js';

/** The OpenAPI document of all routes, and the page that shows it. */
@Module({ controllers: [DocsController], providers: [OpenApiHolder] })
export class DocsModule {}
