import { Injectable, RequestMethod, type CanActivate, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuthGuard } from './auth.guard.js';
import { Authentication } from './authentication.js';
import { QuotaGuard } from './quota.guard.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RequestSlots } from './request-slots.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The guards have passed before the body was read: they do not ask, and count, a second time. */
    isAdmitted?: boolean;
  }
}

type Handler = (...parameters: unknown[]) => unknown;
interface Route {
  controller: Type;
  handler: Handler;
}

/**
 * Runs the guards before the body of a request is read. A request that is forbidden, too frequent or over a
 * quota must not cost the memory and time of its body.
 */
@Injectable()
export class Admission {
  private readonly guards: readonly CanActivate[];
  private routes: ReadonlyMap<string, Route> | undefined;

  constructor(
    auth: AuthGuard,
    slots: RequestSlots,
    limits: RateLimitGuard,
    quotas: QuotaGuard,
    private readonly authentication: Authentication,
    private readonly modules: ModulesContainer,
  ) {
    this.guards = [auth, slots, limits, quotas];
  }

  /** @throws the problems of the guards */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.routes ??= this.findRoutes();
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = this.routes.get(`${method} ${request.routeOptions.url ?? ''}`);
    if (!route) {
      await this.authentication.authenticate(request);
      return;
    }
    const context = new ExecutionContextHost([request, reply], route.controller, route.handler);
    context.setType('http');
    for (const guard of this.guards) await guard.canActivate(context);
    request.isAdmitted = true;
  }

  private findRoutes(): ReadonlyMap<string, Route> {
    const scanner = new MetadataScanner();
    const routes = new Map<string, Route>();
    for (const { controllers } of this.modules.values())
      for (const { metatype } of controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const controller = metatype as Type;
        const methods = controller.prototype as Record<string, Handler>;
        for (const name of scanner.getAllMethodNames(methods)) {
          const handler = methods[name];
          if (handler)
            for (const path of listPaths(controller, handler)) routes.set(path, { controller, handler });
        }
      }
    return routes;
  }
}

/** Method and path of a controller's method in Fastify's form; empty for other methods. */
function listPaths(controller: Type, handler: Handler): string[] {
  const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
  if (method === undefined) return [];
  const parts = (target: object): string[] =>
    [(Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined) ?? ''].flat();
  return parts(controller).flatMap((base) =>
    parts(handler).map((path) => {
      const full = `/${base}/${path}`.replaceAll(/\/+/g, '/');
      return `${RequestMethod[method]} ${full.length > 1 ? full.replace(/\/$/, '') : full}`;
    }),
  );
}

const withBody = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Registers the admission of every request that may have a body. */
export function admitBeforeBodies(fastify: FastifyInstance, admission: Admission): void {
  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.is404 || !withBody.has(request.method)) done();
    else admission.admit(request, reply).then(() => done(), done);
  });
}
